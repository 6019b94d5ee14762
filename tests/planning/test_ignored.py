"""`IgnoreChanges`: what is left to operators, and that it is told."""

from typing import Any

from reconciler.planning.changes import Plan
from reconciler.planning.digest import after_of, plan_hash
from reconciler.task import Lifecycle, Task
from tests.planning.build import existing, planned, record, row, task, told


def lenient(*keys: str, **fields: Any) -> Task:
    return task(lifecycle=Lifecycle(ignore_changes=keys or ("Active",)), **fields)


def ignored(result: Plan) -> list[tuple[str, Any, Any]]:
    return [(field.path, field.before, field.after) for one in result.ignored for field in one.fields]


def test_a_new_row_gets_all_that_is_declared() -> None:
    result = planned([lenient(active=False)], existing())
    assert told(result) == [("create", "report", "new")]
    assert result.ignored == ()


def test_a_row_that_operators_moved_is_as_it_should_be() -> None:
    result = planned([lenient()], existing((row(task(active=False)), record(lenient()))))
    assert result.is_empty
    assert result.unchanged == 1
    assert ignored(result) == [("Active", False, True)]


def test_a_change_in_git_of_an_ignored_key_is_only_recorded() -> None:
    result = planned([lenient(active=False)], existing((row(task()), record(lenient()))))
    assert result.changes == ()
    assert len(result.recordings) == 1
    assert ignored(result) == [("Active", True, False)]


def test_the_other_keys_are_enforced() -> None:
    there = existing((row(task(active=False, schedule="@hourly")), record(lenient())))
    result = planned([lenient()], there)
    assert told(result) == [("update", "report", "drift")]
    (change,) = result.changes
    assert [one.path for one in change.fields] == ["Schedule"]
    after = after_of(change)
    assert after is not None
    assert after["Active"] is False


def test_what_is_ignored_is_no_reason() -> None:
    there = existing((row(task(active=False)), record(lenient())))
    assert told(planned([lenient(schedule="@daily", active=False)], there)) == [("update", "report", "git")]


def test_the_hash_of_a_plan_is_of_what_the_row_will_say() -> None:
    one, other = (
        planned([lenient(schedule="@daily", active=active)], existing((row(task()), record(lenient()))))
        for active in (True, False)
    )
    assert plan_hash(one) == plan_hash(other)


def test_an_adopted_row_keeps_what_is_ignored() -> None:
    result = planned([lenient("Schedule", "Attributes")], existing((row(task(schedule="@hourly")), None)))
    (change,) = result.changes
    assert (change.action, change.writes_row) == ("adopt", False)
    assert ignored(result) == [("Schedule", "@hourly", "0 8 * * *")]


def test_attributes_that_are_no_json_can_be_ignored() -> None:
    there = existing((row(task(), attributes="not JSON"), record(lenient("Attributes"))))
    result = planned([lenient("Attributes")], there)
    assert result.is_empty
    assert ignored(result) == [("Attributes", "not JSON", {})]
