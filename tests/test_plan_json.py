"""docs/plan-json.md, row by row, against schemas/plan.schema.json: each key has its row, each row its key."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from tests.consoles import ROOT

DOCUMENT = (ROOT / "docs" / "plan-json.md").read_text(encoding="utf-8")
SCHEMA = json.loads((ROOT / "schemas" / "plan.schema.json").read_text(encoding="utf-8"))
CHANGE = SCHEMA["$defs"]["change"]

_WORD = re.compile(r"`([a-z0-9_]+)`")


def rows(start: str, end: str) -> Mapping[str, str]:
    """By key, what the table between two texts says; a row may be about several keys."""
    section = DOCUMENT[DOCUMENT.index(start) : DOCUMENT.index(end)]
    found: dict[str, str] = {}
    for keys, meaning in re.findall(r"^\| (`.+?`) \| (.+) \|$", section, re.MULTILINE):
        found |= dict.fromkeys(_WORD.findall(keys), meaning)
    return found


PLAN_ROWS = rows("## Keys", "A change:")
CHANGE_ROWS = rows("A change:", "## An example")


def test_each_key_has_a_row() -> None:
    assert set(PLAN_ROWS) == set(SCHEMA["properties"]) == set(SCHEMA["required"])
    assert set(CHANGE_ROWS) == set(CHANGE["properties"]) == set(CHANGE["required"])


def test_no_schema_says_a_key_twice() -> None:
    """The second would silently be the one that counts."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        assert len(set(keys)) == len(keys), keys
        return dict(pairs)

    for file in (ROOT / "schemas").iterdir():
        json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=once)


def _keys(schema: Mapping[str, Any]) -> set[str]:
    """Those of an object, or of the objects of a list."""
    if "$ref" in schema:
        return _keys(SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]])
    return set(schema.get("properties", ())) | (_keys(schema["items"]) if "items" in schema else set())


APART = ("changes", "before", "after")
"""A change has a table of its own, and a task has the keys of the YAML."""


def _nested() -> Iterable[tuple[str, str, set[str]]]:
    """Each key that holds an object, or a list of them: its name, what its row says, the keys within."""
    for place, told, schema in (("", PLAN_ROWS, SCHEMA), ("change.", CHANGE_ROWS, CHANGE)):
        for key, meaning in told.items():
            if key not in APART and (inner := _keys(schema["properties"][key])):
                yield place + key, meaning, inner


SAME = {
    "elsewhere": ("the same three keys", "unmanaged", set[str]()),
    "undeclared": ("the same three keys", "unmanaged", set[str]()),
    "restored": ("the same keys without the last two", "held", {"is_inert", "change"}),
}
"""The rows that name their keys by those of a row above, without some."""
NESTED = {key: (meaning, inner) for key, meaning, inner in _nested()}


@pytest.mark.parametrize("key", NESTED)
def test_a_row_names_the_keys_within(key: str) -> None:
    meaning, inner = NESTED[key]
    if key in SAME:
        words, other, without = SAME[key]
        assert words in meaning
        assert inner == NESTED[other][1] - without
    else:
        assert inner - set(_WORD.findall(meaning)) == set()


@pytest.mark.parametrize(
    ("told", "schema"),
    [
        (CHANGE_ROWS["action"], SCHEMA["$defs"]["action"]),
        (CHANGE_ROWS["reason"], CHANGE["properties"]["reason"]),
    ],
)
def test_a_row_names_the_values(told: str, schema: Mapping[str, Any]) -> None:
    assert set(_WORD.findall(told)) == set(schema["enum"])
