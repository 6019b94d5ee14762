"""What a plan says of tasks and rows, one by one."""

from dataclasses import replace
from typing import Any

import pytest

from reconciler.planning.changes import Existing
from reconciler.planning.digest import plan_hash
from reconciler.planning.guards import Guards, Limit
from reconciler.planning.plan import Ownership, plan
from reconciler.planning.scope import Scope
from reconciler.task import Lifecycle, SchedulerOptions, Task
from tests.planning.build import HERE, desired, existing, planned, record, row, task, told


def test_a_task_without_a_row_is_created() -> None:
    assert told(planned([task()], Existing(rows=()))) == [("create", "report", "new")]


def test_an_owned_row_that_says_the_same_is_left_alone() -> None:
    result = planned([task()], existing((row(task()), record(task()))))
    assert result.is_empty
    assert result.unchanged == 1


@pytest.mark.parametrize(
    ("now", "then", "there", "reason"),
    [
        (task(schedule="@daily"), task(), task(), "git"),
        (task(), task(), task(schedule="@daily"), "drift"),
        (task(schedule="@daily"), task(), task(schedule="@hourly"), "both"),
        (task(active=False), task(active=False), task(), "drift"),
        (task(attributes={"a": 1}), task(), task(), "git"),
    ],
)
def test_the_reason_of_an_update_is_who_moved(now: Task, then: Task, there: Task, reason: str) -> None:
    result = planned([now], existing((row(there), record(then))))
    assert told(result) == [("update", "report", reason)]


def test_the_same_change_on_both_sides_is_only_recorded() -> None:
    moved = task(schedule="@daily")
    result = planned([moved], existing((row(moved), record(task()))))
    assert result.changes == ()
    assert [one.row.name for one in result.recordings] == ["report"]


def test_a_row_deleted_behind_our_back_is_created_again_and_its_record_dropped() -> None:
    gone = Existing(rows=(), records={bytes([1] * 16): record(task())})
    result = planned([task()], gone)
    assert told(result) == [("create", "report", "drift")]
    assert [one.reference_id for one in result.orphans] == [bytes([1] * 16)]


def test_a_row_renamed_behind_our_back_keeps_its_id() -> None:
    there = existing((row(task("nicer", schedule="@daily"), id=4), record(task(), id=4)))
    result = planned([task()], there)
    (change,) = result.changes
    assert (change.action, change.name, change.reason) == ("update", "report", "drift")
    assert change.row is not None
    assert change.row.id == 4
    assert [(one.path, one.before, one.after) for one in change.fields] == [
        ("Name", "nicer", "report"),
        ("Schedule", "@daily", "0 8 * * *"),
    ]


def test_a_row_renamed_to_another_declared_name_is_that_task_s() -> None:
    there = existing((row(task("other"), id=4), record(task(), id=4)))
    result = planned([task(), task("other")], there)
    assert told(result) == [("create", "report", "new")]
    assert [one.row.name for one in result.recordings] == ["other"]


def test_a_row_of_nobody_is_adopted_with_its_fields() -> None:
    result = planned([task(schedule="@daily")], existing((row(task(), id=6), None)))
    assert told(result) == [("adopt", "report", "adopt")]
    (change,) = result.changes
    assert change.row is not None
    assert change.row.id == 6
    assert [(one.path, one.before, one.after) for one in change.fields] == [
        ("Schedule", "0 8 * * *", "@daily")
    ]
    assert change.writes_row


def test_an_adopted_row_that_says_the_same_is_not_written() -> None:
    (change,) = planned([task()], existing((row(task()), None))).changes
    assert change.action == "adopt"
    assert not change.writes_row


def test_names_are_matched_exactly() -> None:
    result = planned([task("job")], existing((row(task("Job")), None)))
    assert told(result) == [("create", "job", "new")]
    assert [one.name for one in result.unmanaged] == ["Job"]


def test_two_rows_of_a_declared_name_are_an_error_with_both_ids() -> None:
    twins = existing((row(task("twin"), id=7), None), (row(task("twin"), id=8), None))
    (found,) = planned([task("twin")], twins).diagnostics
    assert found.code == "N004"
    assert "ids 7 and 8" in found.message


def test_rows_of_nobody_that_nobody_declares_are_listed_and_left_alone() -> None:
    twins = existing((row(task("twin"), id=7), None), (row(task("twin"), id=8), None))
    result = planned([], twins)
    assert result.is_empty
    assert [one.id for one in result.unmanaged] == [7, 8]


def test_attributes_compare_as_json_values() -> None:
    spelled = row(task(attributes={"a": 1, "b": [1.0]}), attributes='{ "b": [1], "a": 1.0 }')
    one = task(attributes={"a": 1, "b": [1.0]})
    assert planned([one], existing((spelled, record(one)))).is_empty


@pytest.mark.parametrize(
    ("ours", "theirs"), [(True, "1"), (1, "true"), ("1", "1"), (None, '""'), (0, "false")]
)
def test_values_of_another_type_differ(ours: Any, theirs: str) -> None:
    one = task(attributes={"a": ours})
    there = row(one, attributes=f'{{"a":{theirs}}}')
    assert told(planned([one], existing((there, record(one))))) == [("update", "report", "drift")]


def test_attributes_that_are_no_json_are_drift() -> None:
    one = task()
    result = planned([one], existing((row(one, attributes="not json"), record(one))))
    (change,) = result.changes
    assert [(field.path, field.before, field.after) for field in change.fields] == [
        ("Attributes", "not json", {})
    ]


def test_attributes_are_told_key_by_key() -> None:
    before, after = task(attributes={"a": {"b": 1, "c": 2}}), task(attributes={"a": {"b": 2}, "d": 3})
    (change,) = planned([after], existing((row(before), record(before)))).changes
    assert [(field.path, field.before, field.after) for field in change.fields] == [
        ("Attributes.a.b", 1, 2),
        ("Attributes.a.c", 2, None),
        ("Attributes.d", None, 3),
    ]


def test_settings_of_the_bookkeeping_alone_write_no_row() -> None:
    before = task()
    after = task(
        lifecycle=Lifecycle(protected=True), scheduler=SchedulerOptions(overlap="skip", timeout="5m")
    )
    (change,) = planned([after], existing((row(before), record(before)))).changes
    assert (change.action, change.reason, change.writes_row) == ("update", "git", False)
    assert [field.path for field in change.fields] == [
        "Lifecycle.Protected",
        "Scheduler.Overlap",
        "Scheduler.Timeout",
    ]


def test_an_undeclared_row_is_deleted_only_under_the_given_paths() -> None:
    there = existing(
        (row(task("here"), id=1), record(task("here"), id=1, file="tasks/a.yaml")),
        (row(task("there"), id=2), record(task("there"), id=2, file="other/b.yaml")),
        (row(task("kept"), id=3), record(task("kept"), id=3)),
    )
    result = planned([task("kept")], there)
    assert told(result) == [("delete", "here", "removed")]
    assert [one.name for one in result.elsewhere] == ["there"]


@pytest.mark.parametrize(("prune", "deleted"), [("owned", ["here", "there"]), ("none", [])])
def test_prune_widens_or_forbids(prune: Any, deleted: list[str]) -> None:
    there = existing(
        (row(task("here"), id=1), record(task("here"), id=1)),
        (row(task("there"), id=2), record(task("there"), id=2, file="other/b.yaml")),
        (row(task("kept"), id=3), record(task("kept"), id=3)),
    )
    result = planned([task("kept")], there, scope=replace(HERE, prune=prune))
    assert [change.name for change in result.changes] == deleted
    assert len(result.elsewhere) == 2 - len(deleted)


@pytest.mark.parametrize(
    ("path", "file", "covered"),
    [
        ("tasks", "tasks/a.yaml", True),
        ("tasks", "tasks2/a.yaml", False),
        ("tasks/a.yaml", "tasks/a.yaml", True),
        (".", "tasks/a.yaml", True),
        (".", "../a.yaml", False),
        (".", "-", False),
        ("-", "-", True),
    ],
)
def test_a_path_covers_what_lies_under_it(path: str, file: str, covered: bool) -> None:
    assert Scope(paths=(path,)).covers(file) is covered


def test_a_task_that_moves_to_another_file_is_only_recorded() -> None:
    there = existing((row(task()), record(task(), file="tasks/b.yaml")))
    result = planned([task()], there)
    assert result.changes == ()
    assert [one.desired.file for one in result.recordings] == ["tasks/a.yaml"]


def test_changes_stand_in_order() -> None:
    there = existing(
        (row(task("z"), id=1), record(task("z"), id=1)),
        (row(task("b"), id=2), record(task("b"), id=2)),
        (row(task("a"), id=3), None),
    )
    result = planned([task("b", active=False), task("a"), task("n2"), task("n1")], there)
    assert told(result) == [
        ("delete", "z", "removed"),
        ("update", "b", "git"),
        ("adopt", "a", "adopt"),
        ("create", "n1", "new"),
        ("create", "n2", "new"),
    ]


def test_the_hash_knows_neither_place_nor_order_of_attributes() -> None:
    one, same = task(attributes={"a": 1, "b": 2}), task(attributes={"b": 2, "a": 1})
    hashes = {
        plan_hash(
            plan([desired(one, line=line)], Existing(rows=()), ownership=Ownership(owner=owner), scope=HERE)
        )
        for one, line, owner in [(one, 2, "default"), (same, 9, "default"), (one, 2, "ops")]
    }
    assert len(hashes) == 1
    assert plan_hash(planned([task(active=False)], Existing(rows=()))) not in hashes


def test_a_row_of_another_owner_is_blocked_until_it_is_taken_over() -> None:
    there = existing((row(task()), record(task(), owner="ops")))
    result = planned([task(active=False)], there)
    assert [(one.code, one.name) for one in result.blocked] == [("O005", "report")]
    assert result.changes == ()
    taken = planned([task(active=False)], there, guards=Guards(take_over=True))
    assert told(taken) == [("adopt", "report", "adopt")]
    assert not taken.is_refused


def test_a_protected_row_is_deleted_only_by_name() -> None:
    guarded = task("safe", lifecycle=Lifecycle(protected=True))
    there = existing((row(guarded), record(guarded)), (row(task("kept"), id=2), record(task("kept"), id=2)))
    result = planned([task("kept")], there)
    assert [(one.code, one.name) for one in result.blocked] == [("O004", "safe")]
    assert result.changes == ()
    allowed = planned([task("kept")], there, guards=Guards(allow_protected=frozenset({"safe"})))
    assert told(allowed) == [("delete", "safe", "removed")]


def test_protection_stays_with_the_row_until_git_takes_it_away() -> None:
    guarded = task(lifecycle=Lifecycle(protected=True))
    there = existing((row(guarded), record(guarded)))
    (silent,) = planned([task()], there).changes
    assert silent.protected
    (spoken,) = planned([task(lifecycle=Lifecycle(protected=False))], there).changes
    assert not spoken.protected


def owned(count: int) -> Existing:
    tasks = [task(f"task{number:02}") for number in range(count)]
    return existing(
        *((row(one, id=number), record(one, id=number)) for number, one in enumerate(tasks, start=1))
    )


@pytest.mark.parametrize(
    ("rows", "deletes", "limit", "refused"),
    [
        (10, 3, None, False),
        (10, 4, None, True),
        (9, 8, None, False),  # below ten rows there is no default limit
        (10, 4, Limit(count=4), False),
        (10, 5, Limit(count=4), True),
        (9, 3, Limit(percent=30), True),
        (10, 4, Limit(percent=40), False),
        (1, 1, Limit(count=0), True),
    ],
)
def test_more_deletes_than_the_limit_are_refused(
    rows: int, deletes: int, limit: Limit | None, refused: bool
) -> None:
    kept = [task(f"task{number:02}") for number in range(deletes, rows)]
    result = planned(kept, owned(rows), guards=Guards(max_delete=limit, allow_empty=True))
    assert [one.code for one in result.blocked] == ["O001"] * refused
    assert len(result.changes) == deletes  # the whole plan is shown, refused or not


def test_more_updates_than_the_limit_are_refused() -> None:
    moved = [task(f"task{number:02}", active=False) for number in range(4)]
    kept = [task(f"task{number:02}") for number in range(4, 10)]
    assert [one.code for one in planned(moved + kept, owned(10)).blocked] == ["O002"]


def test_an_empty_configuration_of_ten_rows_needs_both_words() -> None:
    assert [one.code for one in planned([], owned(10)).blocked] == ["O001", "O003"]
    some = Guards(allow_empty=True)
    assert [one.code for one in planned([], owned(10), guards=some).blocked] == ["O001"]
    both = Guards(allow_empty=True, max_delete=Limit(count=10))
    assert not planned([], owned(10), guards=both).is_refused


def test_another_repository_is_refused_until_the_owner_moves() -> None:
    moved = {"repository": "example.com/new", "last_repository": "example.com/old"}
    (refusal,) = planned([task()], Existing(rows=()), **moved).blocked
    assert refusal.code == "O007"
    assert "example.com/old" in refusal.message
    assert not planned([task()], Existing(rows=()), guards=Guards(take_over=True), **moved).is_refused
    (taken,) = [planned([], Existing(rows=()), guards=Guards(take_over=True), **moved)]
    assert not taken.is_empty  # the new repository is to be remembered, even where no row changes
    assert not planned([task()], Existing(rows=()), repository=None, last_repository="x").is_refused
