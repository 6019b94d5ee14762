"""Holds: what waits, what is left alone, what a row gets back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.planning.changes import Existing, Hold, Levers, Plan
from reconciler.planning.digest import plan_hash
from reconciler.planning.guards import Guards, Limit
from reconciler.planning.holds import without_holds
from reconciler.planning.plan import Ownership, plan
from reconciler.planning.scope import Scope
from reconciler.planning.selection import Selection
from reconciler.task import Lifecycle, Task
from tests.planning.build import desired, existing, record, row, task

NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
INERT = {"active": False, "as_user_id": None, "as_user_email": None}


def hold(end: timedelta = HOUR, restores: Levers | None = None) -> Hold:
    return Hold(until=NOW + end, reason="month end", who="ann", restores=restores)


def held(table: Existing, holds: dict[int, Hold]) -> Existing:
    return replace(table, holds={bytes([id_] * 16): one for id_, one in holds.items()})


def planned(tasks: list[Task], table: Existing, now: datetime = NOW, **rest: Any) -> Plan:
    seen, holds = without_holds(table, now)
    return plan(
        [desired(one, line=line) for line, one in enumerate(tasks, 2)],
        seen,
        ownership=Ownership(owner="default"),
        scope=Scope(paths=(".",)),
        holds=holds,
        **rest,
    )


def waiting(drawn: Plan) -> dict[str, str | None]:
    return {one.name: one.change.action if one.change else None for one in drawn.held}


def test_an_update_waits_until_the_hold_ends() -> None:
    old, new = task(schedule="0 8 * * *"), task(schedule="0 9 * * *")
    table = held(existing((row(old), record(old))), {1: hold()})
    during = planned([new], table)
    assert during.changes == ()
    assert during.is_empty
    assert waiting(during) == {"report": "update"}
    after = planned([new], table, NOW + HOUR)
    assert [change.action for change in after.changes] == ["update"]
    assert after.held == ()
    assert after.ended == (bytes([1] * 16),)


def test_a_hold_that_nothing_waits_for_is_told_and_counted_as_declared() -> None:
    drawn = planned([task()], held(existing((row(task()), record(task()))), {1: hold()}))
    assert waiting(drawn) == {"report": None}
    assert (drawn.unchanged, drawn.changes) == (1, ())


def test_deletes_adopts_and_refusals_wait_and_trip_no_guard() -> None:
    gone, protected, stranger = task("gone"), task("kept", lifecycle=Lifecycle(protected=True)), task("other")
    taken = task("taken")
    table = existing(
        (row(gone), record(gone)),
        (row(protected, 2), record(protected, 2)),
        (row(stranger, 3, schedule="@daily"), None),
        (row(taken, 4), record(taken, 4, owner="ops")),
    )
    drawn = planned(
        [stranger, taken],
        held(table, {number: hold() for number in (1, 2, 3, 4)}),
        guards=Guards(max_delete=Limit(count=0)),
    )
    assert (drawn.changes, drawn.blocked) == ((), ())
    assert waiting(drawn) == {
        "gone": "delete",
        "kept": "delete",
        "other": "adopt",
        "taken": "adopt",
    }


def test_a_row_of_another_owner_is_told_only_where_something_waits() -> None:
    theirs = task("theirs")
    table = held(existing((row(theirs), record(theirs, owner="ops"))), {1: hold()})
    assert planned([], table).held == ()


def test_a_rename_waits_and_a_create_does_not() -> None:
    old, renamed = task("old"), task("new", lifecycle=Lifecycle(previous_names=("old",)))
    drawn = planned([renamed, task("free")], held(existing((row(old), record(old))), {1: hold()}))
    assert [(one.action, one.name) for one in drawn.changes] == [("create", "free")]
    assert waiting(drawn) == {"old": "rename"}


def test_an_inert_row_is_no_drift_and_is_restored_after_the_end() -> None:
    said = Levers(active=True, as_user_id=7, as_user_email="reports@example.com")
    one = task()
    table = held(existing((row(one, version=5, **INERT), record(one))), {1: hold(restores=said)})
    during = planned([one], table)
    assert during.is_empty
    assert [(entry.is_inert, entry.change) for entry in during.held] == [(True, None)]
    after = planned([one], table, NOW + HOUR)
    assert (after.changes, after.has_changes) == ((), True)
    (restored,) = after.restored
    assert (restored.row.version, restored.row.active, restored.levers) == (5, False, said)


def test_a_change_of_a_restored_row_is_made_of_its_next_version() -> None:
    said = Levers(active=True, as_user_id=7, as_user_email="reports@example.com")
    old, new = task(), task(schedule="@daily")
    table = held(existing((row(old, version=5, **INERT), record(old))), {1: hold(restores=said)})
    drawn = planned([new], table, NOW + HOUR)
    (change,) = drawn.changes
    assert [field.path for field in change.fields] == ["Schedule"]
    assert change.reason == "git"
    assert change.row is not None
    assert change.row.version == 6
    (entry,) = planned([new], table).held
    assert entry.change is not None
    assert [field.path for field in entry.change.fields] == ["Schedule"]


def test_what_somebody_did_to_an_inert_row_is_theirs() -> None:
    said = Levers(active=True, as_user_id=7, as_user_email="reports@example.com")
    one = task()
    awake = row(one, version=5, active=True, as_user_id=None, as_user_email=None)
    table = held(existing((awake, record(one))), {1: hold(restores=said)})
    drawn = planned([one], table, NOW + HOUR)
    assert drawn.restored == ()
    (change,) = drawn.changes
    assert (change.reason, [field.path for field in change.fields]) == ("drift", ["AsUserEmail"])
    assert [entry.is_inert for entry in planned([one], table).held] == [False]


def test_a_user_who_is_gone_is_not_given_back() -> None:
    said = Levers(active=True, as_user_id=None)
    one = task()
    table = held(existing((row(one, **INERT), record(one))), {1: hold(restores=said)})
    after = planned([one], table, NOW + HOUR)
    assert [(entry.levers.active, entry.levers.as_user_id) for entry in after.restored] == [(True, None)]
    assert [field.path for field in after.changes[0].fields] == ["AsUserEmail"]


def test_a_row_that_was_inert_before_its_hold_is_not_written_after_it() -> None:
    one = task(active=False)
    quiet = row(one, as_user_id=None, as_user_email=None)
    table = held(existing((quiet, None)), {1: hold(restores=Levers(active=False, as_user_id=None))})
    after = planned([], table, NOW + HOUR)
    assert (after.restored, after.is_empty) == ((), True)


def test_a_plan_of_some_tasks_restores_no_others_and_keeps_their_holds() -> None:
    said = Levers(active=True, as_user_id=7, as_user_email="reports@example.com")
    one, other = task("one"), task("other")
    pairs = (row(one, **INERT), record(one)), (row(other, 2, **INERT), record(other, 2))
    table = held(existing(*pairs), {1: hold(restores=said), 2: hold(restores=said)})
    drawn = planned([one, other], table, NOW + HOUR, selection=Selection(only=("one",)))
    assert [entry.row.name for entry in drawn.restored] == ["one"]
    assert drawn.ended == (bytes([1] * 16),)


def test_the_hash_of_a_plan_tells_what_it_restores() -> None:
    said = Levers(active=True, as_user_id=7, as_user_email="reports@example.com")
    one = task()
    table = held(existing((row(one, **INERT), record(one))), {1: hold(restores=said)})
    assert plan_hash(planned([one], table)) != plan_hash(planned([one], table, NOW + HOUR))


@given(
    st.sets(st.integers(1, 6)),
    st.lists(st.sampled_from(["0 8 * * *", "@daily", None]), min_size=6, max_size=6),
)
def test_each_change_goes_on_or_waits(on_hold: set[int], schedules: list[str | None]) -> None:
    """Holds divide the plan that there would be without them, and lose nothing of it."""
    tasks = {number: task(f"t{number}") for number in range(1, 7)}
    table = existing(*((row(one, number), record(one, number)) for number, one in tasks.items()))
    wanted = [
        tasks[number]._replace(schedule=text) for number, text in enumerate(schedules, 1) if text is not None
    ]
    free = Guards(max_delete=Limit(), max_update=Limit(), allow_empty=True)
    whole = planned(wanted, table, guards=free)
    divided = planned(wanted, held(table, {number: hold() for number in on_hold}), guards=free)
    waits = [entry.change for entry in divided.held if entry.change]
    assert sorted(map(repr, (*divided.changes, *waits))) == sorted(map(repr, whole.changes))
    assert {change.name for change in waits}.isdisjoint(change.name for change in divided.changes)
    assert {entry.name for entry in divided.held} == {f"t{number}" for number in on_hold}
