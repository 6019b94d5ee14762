"""The shape: the schema, the validator that decides and the one that words the faults are of one mind."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.config import shape
from reconciler.diagnostics import Pointer
from reconciler.shipped import schema_text

AT = Pointer(file="f", path=("Tasks", 0))
SCHEMA = json.loads(schema_text("tasks"))
TASK = SCHEMA["$defs"]["task"]
GOOD = {"Name": "a", "Schedule": "@daily", "EntityName": "e", "ActionName": "f", "AsUserEmail": "u@x"}


@pytest.mark.parametrize("name", ["tasks", "reconcile"])
def test_the_schemas_are_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text(name)))


def test_no_schema_of_that_name() -> None:
    with pytest.raises(KeyError):
        schema_text("../pyproject")


def subschemas(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [one for item in schema for one in subschemas(item)]
    if not isinstance(schema, dict):
        return []
    named = {**schema.get("properties", {}), **schema.get("$defs", {})}
    return [*named.values(), *(one for item in schema.values() for one in subschemas(item))]


def referred(reference: str) -> Any:
    """What a `$ref` within the schema points at."""
    found = SCHEMA
    for key in reference.removeprefix("#").strip("/").split("/"):
        found = found[key] if key else {}
    return {**referred(found["$ref"]), **found} if "$ref" in found else found


def test_every_key_is_described_and_its_examples_are_right() -> None:
    keys = [
        (key, value)
        for one in [SCHEMA, *subschemas(SCHEMA)]
        for key, value in one.get("properties", {}).items()
    ]
    assert len(keys) > 15
    for key, value in keys:
        resolved = {**referred(value.get("$ref", "#")), **value}
        assert resolved.get("description") or key == "Policy", key
        for example in resolved.get("examples", []):
            jsonschema.validate(example, {**value, "$defs": SCHEMA["$defs"]})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
DURATIONS = st.sampled_from(["30s", "1h30m", "1.5h", "500ms", "5", "s", "", "1h ", "5m\n", "\u0661s", "-5s"])
KEYS = st.sampled_from([*TASK["properties"], "Nam", "name", "X"])
LIFECYCLES = st.dictionaries(
    st.sampled_from(["Protected", "PreviousNames", "IgnoreChanges", "Z"]),
    st.booleans() | st.just([]) | st.lists(st.sampled_from(["Active", "Name", "x"]), max_size=2) | JSON,
)
POLICIES = st.sampled_from(["none", "once", "all", "x"])
OPTIONS = st.dictionaries(
    st.sampled_from(["Overlap", "CatchUp", "Timeout", "Jitter", "Z"]),
    st.sampled_from(["allow", "skip", "queue"])
    | POLICIES
    | DURATIONS
    | st.dictionaries(st.sampled_from(["Policy", "Window", "Z"]), POLICIES | DURATIONS)
    | JSON,
)
VALUES = st.text(max_size=3) | st.booleans() | st.dictionaries(st.text(max_size=3), JSON, max_size=2) | JSON
TASKS = (
    st.dictionaries(KEYS, VALUES | LIFECYCLES | OPTIONS, max_size=6)
    | st.builds(lambda more, less: {k: v for k, v in {**GOOD, **more}.items() if k != less},
                st.dictionaries(KEYS, VALUES, max_size=2), st.sampled_from([*GOOD, "", ""]))
    | st.builds(lambda one, two: {**GOOD, "Lifecycle": one, "Scheduler": two}, LIFECYCLES, OPTIONS)
)  # fmt: skip


@given(TASKS)
@settings(max_examples=600, deadline=None)
def test_both_validators_are_of_one_mind(task: dict[str, Any]) -> None:
    decided = shape.is_task(task)
    assert shape.are_tasks([task]) == decided
    worded = shape.misshapen(task, AT)
    assert decided == (not worded.diagnostics and not worded.absent)
    assert decided == (not worded.unusable)


@given(TASKS)
@settings(max_examples=300, deadline=None)
def test_every_fault_has_words_and_a_spot_in_the_task(task: dict[str, Any]) -> None:
    for one in shape.misshapen(task, AT).diagnostics:
        assert one.code in ("F004", "F005")
        assert one.pointer is not None
        assert one.pointer.path[:2] == AT.path
        assert "`" in one.message


@pytest.mark.parametrize("duration", ["5m\n", "\u0661s", "", "5", "1h 5m"])
def test_what_is_no_duration(duration: str) -> None:
    task = {**GOOD, "Scheduler": {"Timeout": duration}}
    assert not shape.is_task(task)
    assert [one.code for one in shape.misshapen(task, AT).diagnostics] == ["F004"]


@pytest.mark.parametrize("value", [None, 5, "x", [], [GOOD], {1: 2}, {**GOOD, 1: 2}, {**GOOD, None: 2}])
def test_what_is_no_task(value: Any) -> None:
    assert not shape.is_task(value)


def test_attributes_may_hold_anything() -> None:
    assert shape.is_task({**GOOD, "Attributes": {"a": [1, None, {"b": float("nan")}], "n": 10**4000, 1: 2}})
