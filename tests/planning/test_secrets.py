"""Values from the environment in a plan: compared as they are, shown and kept as placeholders."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.planning.changes import Change, Plan
from reconciler.planning.digest import after_of, before_of, plan_hash, remembered
from reconciler.planning.guards import Guards
from reconciler.planning.plan import Ownership, plan
from reconciler.planning.scope import Scope
from reconciler.planning.texts import applied_text
from reconciler.task import Secret, Task, canonical_json, json_text
from tests.planning.build import desired, existing, record, row, task

TOKEN = Secret(("Attributes", "token"), "RECONCILE_VAR_TOKEN")
PLACEHOLDER = "(from RECONCILE_VAR_TOKEN)"


def secret_task(value: Any, **attributes: Any) -> Task:
    return task(attributes={"token": value, **attributes}, secrets=(TOKEN,))


def drawn(*pairs: Any, wanted: list[Task]) -> Plan:
    return plan(
        [desired(one) for one in wanted],
        existing(*pairs),
        ownership=Ownership(owner="default"),
        scope=Scope(paths=(".",)),
        guards=Guards(),
    )


def only(drawn: Plan) -> Change:
    (change,) = drawn.changes
    return change


def texts(drawn: Plan) -> str:
    """All that may be seen of a plan."""
    changes = [(before_of(one), after_of(one), one.fields) for one in drawn.changes]
    return f"{changes}{remembered(drawn)}"


def test_what_is_kept_of_a_task_has_placeholders() -> None:
    one = secret_task("hunter2")
    assert json.loads(applied_text(one))["Attributes"] == {"token": PLACEHOLDER}


def test_an_unchanged_secret_is_no_change() -> None:
    one = secret_task("hunter2")
    assert drawn((row(one), record(one)), wanted=[one]).is_empty


def test_a_changed_secret_is_an_update_by_git_without_its_values() -> None:
    old, new = secret_task("hunter2"), secret_task("correct horse")
    change = only(found := drawn((row(old), record(old)), wanted=[new]))
    assert (change.action, change.reason, change.writes_row) == ("update", "git", True)
    assert [(one.path, one.before, one.after) for one in change.fields] == [
        ("Attributes.token", PLACEHOLDER, PLACEHOLDER)
    ]
    assert "hunter2" not in texts(found)
    assert "horse" not in texts(found)
    assert plan_hash(found) != plan_hash(drawn((row(old), record(old)), wanted=[old]))


def test_a_row_whose_secret_was_changed_has_drifted() -> None:
    one, other = secret_task("hunter2"), secret_task("letmein")
    change = only(found := drawn((row(other), record(one)), wanted=[one]))
    assert change.reason == "drift"
    assert "letmein" not in texts(found)


def test_both_moved() -> None:
    old, git, table = (secret_task(value) for value in ("hunter2", "correct horse", "letmein"))
    assert only(drawn((row(table), record(old)), wanted=[git])).reason == "both"


def test_a_secret_beside_what_moved_is_not_told() -> None:
    old, new = secret_task("hunter2", n=1), secret_task("hunter2", n=2)
    change = only(found := drawn((row(old), record(old)), wanted=[new]))
    assert (change.reason, [one.path for one in change.fields]) == ("git", ["Attributes.n"])
    assert "hunter2" not in texts(found)


def test_a_deleted_row_does_not_tell_its_secret() -> None:
    one = secret_task("hunter2")
    found = drawn((row(one), record(one)), wanted=[])
    before = before_of(only(found))
    assert before is not None
    assert before["Attributes"] == {"token": PLACEHOLDER}
    assert "hunter2" not in texts(found)


def test_a_value_that_moves_to_the_environment_is_not_told_by_that_plan() -> None:
    plain = task(attributes={"token": "hunter2"})
    found = drawn((row(plain), record(plain)), wanted=[secret_task("other")])
    assert [(one.before, one.after) for one in only(found).fields] == [("(hidden)", PLACEHOLDER)]
    assert "hunter2" not in texts(found)


def test_a_value_that_moves_to_the_environment_unchanged_is_recorded_as_a_secret() -> None:
    plain, secret = task(attributes={"token": "hunter2"}), secret_task("hunter2")
    found = drawn((row(plain), record(plain)), wanted=[secret])
    assert (found.changes, len(found.recordings)) == ((), 1)


def test_another_variable_is_recorded() -> None:
    one = secret_task("hunter2")
    renamed = one._replace(secrets=(Secret(TOKEN.path, "RECONCILE_VAR_OTHER"),))
    found = drawn((row(one), record(one)), wanted=[renamed])
    assert (found.changes, len(found.recordings)) == ((), 1)


def test_a_secret_that_somebody_moved_within_its_list_is_hidden_with_it() -> None:
    secret = (Secret(("Attributes", "hosts", 0), "RECONCILE_VAR_TOKEN"),)
    one = task(attributes={"hosts": ["hunter2", "b"]}, secrets=secret)
    moved = row(one, attributes=json_text({"hosts": ["b", "hunter2"]}))
    found = drawn((moved, record(one)), wanted=[one])
    assert only(found).reason == "drift"
    assert "hunter2" not in texts(found)


@pytest.mark.parametrize(
    "attributes", ['"hunter2"', '{"token":{"x":"hunter2"}}', "hunter2 is no JSON", "[1]"]
)
def test_a_row_of_another_shape_does_not_tell_it(attributes: str) -> None:
    one = secret_task("hunter2")
    deep = one._replace(secrets=(Secret(("Attributes", "token", "deep"), "RECONCILE_VAR_TOKEN"),))
    deep = deep._replace(attributes={"token": {"deep": "hunter2"}})
    for declared in (one, deep):
        found = drawn((row(declared, attributes=attributes), record(declared)), wanted=[declared])
        assert only(found).reason == "drift"
        assert "hunter2" not in texts(found)


def test_a_literal_placeholder_is_not_the_secret() -> None:
    one, literal = secret_task("hunter2"), task(attributes={"token": PLACEHOLDER})
    change = only(drawn((row(one), record(one)), wanted=[literal]))
    assert (change.reason, change.writes_row) == ("git", True)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
MARK = "S3CRET-MARK"


def marked(values: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of the leaves."""
    if isinstance(values, dict) and values:
        return [found for key, one in values.items() for found in marked(one, (*path, key))]
    if isinstance(values, list) and values:
        return [found for at, one in enumerate(values) for found in marked(one, (*path, at))]
    return [path]


def put(values: Any, path: tuple[str | int, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(values) if isinstance(values, dict) else list(values)
    copy[path[0]] = put(values[path[0]], path[1:], new)
    return copy


@given(attributes=st.dictionaries(st.text(max_size=3), json_values, min_size=1, max_size=4), data=st.data())
def test_no_secret_is_ever_told(attributes: dict[str, Any], data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(marked(attributes)))
    secret = (Secret(("Attributes", *path), "RECONCILE_VAR_TOKEN"),)
    old = task(attributes=put(attributes, path, f"{MARK} old"), secrets=secret)
    new = task(attributes=put(attributes, path, f"{MARK} new"), secrets=secret)
    assert drawn((row(old), record(old)), wanted=[old]).is_empty
    found = drawn((row(old), record(old)), wanted=[new])
    assert (only(found).action, only(found).reason) == ("update", "git")
    drift = drawn((row(new), record(old)), wanted=[old])
    assert only(drift).reason == "drift"
    gone = drawn((row(old), record(old)), wanted=[])
    made = drawn(wanted=[new])
    for one in (found, drift, gone, made, drawn((row(old), None), wanted=[new])):
        assert MARK not in texts(one)
        assert canonical_json(json.loads(applied_text(new)))
