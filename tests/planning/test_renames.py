"""`PreviousNames`: which row a renamed task is, and what is too unclear to be one."""

from typing import Any

import pytest

from reconciler.planning.changes import Existing, Plan
from reconciler.planning.guards import Guards, Limit
from reconciler.task import Lifecycle, Task
from tests.planning.build import existing, planned, record, row, task, told


def renamed(name: str = "new", *before: str, **fields: Any) -> Task:
    return task(name, lifecycle=Lifecycle(previous_names=before or ("old",)), **fields)


def wrong(result: Plan) -> list[str]:
    assert {one.code for one in result.diagnostics} <= {"N005"}
    return [one.message for one in result.diagnostics]


def test_the_row_of_a_previous_name_is_renamed_in_place() -> None:
    there = existing((row(task("old"), id=4), record(task("old"), id=4)))
    result = planned([renamed(schedule="@daily")], there)
    assert told(result) == [("rename", "new", "git")]
    (change,) = result.changes
    assert change.row is not None
    assert (change.row.id, change.writes_row) == (4, True)
    assert [(one.path, one.before, one.after) for one in change.fields] == [
        ("Name", "old", "new"),
        ("Schedule", "0 8 * * *", "@daily"),
        ("Lifecycle.PreviousNames", None, ["old"]),
    ]


def test_without_the_key_it_is_another_task() -> None:
    there = existing((row(task("old")), record(task("old"))))
    assert told(planned([task("new")], there)) == [("delete", "old", "removed"), ("create", "new", "new")]


def test_a_rename_that_is_done_means_nothing() -> None:
    there = existing((row(task("new")), record(renamed())))
    assert planned([renamed()], there).is_empty


def test_a_stranger_of_the_old_name_is_left_alone_once_the_rename_is_done() -> None:
    pairs = (row(task("new")), record(renamed())), (row(task("old"), id=2), None)
    result = planned([renamed()], existing(*pairs))
    assert result.is_empty
    assert [one.name for one in result.unmanaged] == ["old"]
    of_others = (row(task("old"), id=2), record(task("old"), id=2, owner="other"))
    assert planned([renamed()], existing(pairs[0], of_others)).is_empty


def test_a_row_of_no_owner_is_adopted_and_renamed_in_one() -> None:
    result = planned([renamed()], existing((row(task("old")), None)))
    assert told(result) == [("adopt", "new", "adopt")]
    assert [one.path for one in result.changes[0].fields] == ["Name", "Lifecycle.PreviousNames"]
    assert result.unmanaged == ()


def test_a_row_of_another_owner_is_renamed_only_when_taken_over() -> None:
    there = existing((row(task("old")), record(task("old"), owner="other")))
    (blocked,) = planned([renamed()], there).blocked
    assert (blocked.code, blocked.name) == ("O005", "new")
    assert "'old' belongs to owner 'other'" in blocked.message
    taken = planned([renamed()], there, guards=Guards(take_over=True))
    assert told(taken) == [("adopt", "new", "adopt")]


def test_any_previous_name_will_do() -> None:
    there = existing((row(task("older")), record(task("older"))))
    assert told(planned([renamed("new", "old", "older")], there)) == [("rename", "new", "git")]


def test_a_row_renamed_behind_our_back_and_in_git_is_still_the_same() -> None:
    there = existing((row(task("third"), id=4), record(task("old"), id=4)))
    assert told(planned([renamed()], there)) == [("rename", "new", "both")]


def test_the_same_rename_on_both_sides_is_only_recorded() -> None:
    there = existing((row(task("new")), record(task("old"))))
    result = planned([task("new")], there)
    assert result.changes == ()
    assert [one.row.name for one in result.recordings] == ["new"]


def test_a_row_deleted_behind_our_back_is_made_again_under_the_new_name() -> None:
    gone = Existing(rows=(), records={bytes([1] * 16): record(task("old"))})
    result = planned([renamed()], gone)
    assert told(result) == [("create", "new", "drift")]
    assert len(result.orphans) == 1


def test_a_rename_counts_as_an_update() -> None:
    there = existing((row(task("old")), record(task("old"))))
    result = planned([renamed()], there, guards=Guards(max_update=Limit(count=0)))
    assert [one.code for one in result.blocked] == ["O002"]


MINE = {"old": record(task("old"), id=1), "new": record(task("new"), id=2)}


@pytest.mark.parametrize("owned", [("old",), ("old", "new"), ()])
def test_two_rows_of_both_names_are_ambiguous(owned: tuple[str, ...]) -> None:
    there = existing(
        (row(task("old"), id=1), MINE["old"] if "old" in owned else None),
        (row(task("new"), id=2), MINE["new"] if "new" in owned else None),
    )
    assert wrong(planned([renamed()], there)) == [
        "'new' has a row already, and so has its previous name: 'old' (id 1) and 'new' (id 2)"
    ]


def test_two_rows_of_the_old_name_are_ambiguous() -> None:
    there = existing((row(task("old"), id=1), record(task("old"), id=1)), (row(task("old"), id=2), None))
    assert wrong(planned([renamed()], there)) == [
        "2 rows could be the one that is now 'new': 'old' (id 1) and 'old' (id 2)"
    ]


def test_rows_of_two_previous_names_are_ambiguous() -> None:
    there = existing((row(task("a"), id=1), None), (row(task("b"), id=2), None))
    assert wrong(planned([renamed("new", "a", "b")], there)) == [
        "2 rows could be the one that is now 'new': 'a' (id 1) and 'b' (id 2)"
    ]


def test_one_row_that_two_tasks_were_by_different_names_is_ambiguous() -> None:
    """Somebody renamed it, and git has both of its names."""
    there = existing((row(task("stray"), id=1), record(task("old"), id=1)))
    result = planned([renamed("a", "old"), renamed("b", "stray")], there)
    assert wrong(result) == ["'stray' (id 1) is the row that was 'a' too, says tasks/a.yaml:2"]


def test_a_row_that_lost_a_declared_name_is_not_renamed_away() -> None:
    """Somebody renamed `kept` to `old`: it is still the row of `kept`."""
    there = existing((row(task("old"), id=4), record(task("kept"), id=4)))
    result = planned([task("kept"), renamed()], there)
    assert told(result) == [("update", "kept", "drift"), ("create", "new", "new")]
