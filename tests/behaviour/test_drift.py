"""Drift, and its repair, on databases that a Daptin made."""

from pathlib import Path
from typing import Any

from tests.behaviour.program import JOINS, all_of, many, on, rows, succeed, valid, write
from tests.databases import Database

DEEP = "[" * 20_000


def drift(database: Database, *words: str | Path) -> Any:
    """The document of a drift, with its exit code."""
    ended = on(database, "drift", "--format", "json", *words)
    document = valid(ended, "drift")
    assert ended.code == (2 if document["drifted"] else 0)
    return document


def told(document: Any) -> dict[str, tuple[str, str]]:
    return {one["name"]: (one["table"], one["git"]) for one in document["drifted"]}


def test_a_life_of_drift(lived_in: Database) -> None:
    file = write("tasks.yaml", many(12))
    assert drift(lived_in, file)["summary"]["pending"] == 12
    succeed(lived_in, file)
    assert drift(lived_in, file)["summary"]["unchanged"] == 12
    lived_in.query("UPDATE task SET schedule = '@hourly' WHERE name IN ('t00001', 't00002', 't00005')")
    lived_in.query("UPDATE task SET name = 'other' WHERE name = 't00003'")
    lived_in.query("UPDATE task SET attributes = ? WHERE name = 't00006'", (DEEP,))
    lived_in.query("UPDATE task SET as_user_id = NULL WHERE name = 't00007'")
    lived_in.query(f"DELETE FROM {JOINS} WHERE task_id = (SELECT id FROM task WHERE name = 't00004')")
    lived_in.query("DELETE FROM task WHERE name = 't00004'")
    changed = {
        "t00002": {"Schedule": "@daily"},
        "t00005": {"Schedule": "@hourly"},
        "t00008": {"JobType": "x"},
    }
    write("tasks.yaml", [one | changed.get(one["Name"], {}) for one in many(12)])
    found = drift(lived_in, file)
    assert told(found) == {
        "t00001": ("changed", "as applied"),
        "t00002": ("changed", "changed"),
        "t00003": ("changed", "as applied"),
        "t00004": ("deleted", "as applied"),
        "t00006": ("changed", "as applied"),
        "t00007": ("changed", "as applied"),
    }
    assert [one["name"] for one in found["same"]] == ["t00005"]
    assert found["pending"] == [{"action": "update", "name": "t00008"}]
    sides = {
        one["name"]: [(field["path"], field["side"]) for field in one["fields"]] for one in found["drifted"]
    }
    assert sides["t00002"] == [("Schedule", "both")]
    assert sides["t00003"] == [("Name", "table")]
    assert sides["t00007"] == [("AsUserEmail", "table")]
    before = rows(
        lived_in, "name NOT IN ('t00001', 't00002', 't00003', 't00004', 't00006', 't00007', 'other')"
    )
    fixed = valid(on(lived_in, "drift", "--fix", "--format", "json", "--max-update", "50%", file))
    assert (fixed["outcome"]["verified"], fixed["summary"]["left_out"]) == (True, 1)
    assert fixed["summary"]["update"] == 5
    assert fixed["summary"]["create"] == 1
    after = drift(lived_in, file)
    assert (after["drifted"], after["summary"]["pending"], after["summary"]["same"]) == ([], 1, 1)
    assert (
        rows(lived_in, "name NOT IN ('t00001', 't00002', 't00003', 't00004', 't00006', 't00007')") == before
    )
    succeed(lived_in, file)
    assert drift(lived_in, file)["summary"] | {"elsewhere": 0} == {
        "drifted": 0,
        "same": 0,
        "pending": 0,
        "unchanged": 12,
        "elsewhere": 0,
    }


def test_a_fix_has_the_guards_of_an_apply(lived_in: Database) -> None:
    file = write("tasks.yaml", many(12))
    succeed(lived_in, file)
    lived_in.query("UPDATE task SET schedule = '@hourly' WHERE name LIKE ?", ("t0%",))
    before = all_of(lived_in)
    refused = on(lived_in, "drift", "--fix", file)
    assert (refused.code, "O002" in refused.out) == (3, True)
    assert all_of(lived_in) == before
    succeed(lived_in, "drift", "--fix", "--only", "t0000[0-2]", file)
    assert drift(lived_in, file)["summary"]["drifted"] == 9


def test_a_row_on_hold_is_told_and_waits(lived_in: Database) -> None:
    file = write("tasks.yaml", many(3))
    succeed(lived_in, file)
    succeed(lived_in, "hold", "t00001", "--until", "2h", "--reason", "r")
    lived_in.query("UPDATE task SET schedule = '@hourly' WHERE name IN ('t00000', 't00001')")
    assert {one["name"]: one["is_held"] for one in drift(lived_in, file)["drifted"]} == {
        "t00000": False,
        "t00001": True,
    }
    succeed(lived_in, "drift", "--fix", file)
    assert list(told(drift(lived_in, file))) == ["t00001"]
    succeed(lived_in, "unhold", "t00001")
    succeed(lived_in, "drift", "--fix", file)
    assert drift(lived_in, file)["drifted"] == []


def test_nothing_is_written_by_a_drift(lived_in: Database) -> None:
    file = write("tasks.yaml", many(3))
    succeed(lived_in, file)
    lived_in.query("UPDATE task SET schedule = '@hourly' WHERE name = 't00001'")
    before = all_of(lived_in)
    assert on(lived_in, "drift", file).code == 2
    assert all_of(lived_in) == before


def test_rows_of_other_files_and_owners_are_not_looked_at(lived_in: Database) -> None:
    write("a/tasks.yaml", many(2, "a"))
    write("b/tasks.yaml", many(2, "b"))
    succeed(lived_in, "a", "b")
    succeed(lived_in, "--owner", "other", write("c/tasks.yaml", many(2, "c")))
    lived_in.query("UPDATE task SET schedule = '@hourly' WHERE name IN ('a00001', 'b00001', 'c00001')")
    found = drift(lived_in, "a")
    assert (list(told(found)), found["summary"]["elsewhere"]) == (["a00001"], 2)
    assert list(told(drift(lived_in, "a", "b"))) == ["a00001", "b00001"]
    assert drift(lived_in, "a", "--owner", "other")["drifted"] == []
