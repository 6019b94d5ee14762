"""Where a variable is not set, those that only look go on, and tell no value of the row."""

from pathlib import Path

import pytest

from tests.behaviour.program import on, succeed
from tests.databases import Database

TASKS = """Tasks:
  - Name: a
    Schedule: "0 8 * * *"
    EntityName: event
    ActionName: log_run
    AsUserEmail: ann@example.com
    Attributes: {note: !env RECONCILE_VAR_NOTE, n: !env {name: RECONCILE_VAR_N, type: int}, plain: 1}
"""
LOOKING = (("status",), ("explain", "a"), ("calendar", "--task", "a"))


@pytest.fixture
def applied(lived_in: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("RECONCILE_VAR_NOTE", "hunter2")
    monkeypatch.setenv("RECONCILE_VAR_N", "424242")
    Path("tasks.yaml").write_text(TASKS)
    succeed(lived_in, "--yes")
    monkeypatch.delenv("RECONCILE_VAR_NOTE")
    monkeypatch.delenv("RECONCILE_VAR_N")
    return lived_in


def test_they_go_on(applied: Database) -> None:
    assert on(applied, "--dry-run").code == 1
    for words in LOOKING:
        told = succeed(applied, *words).out + succeed(applied, *words, "--format", "json").out
        assert "E001" not in told
        assert "hunter2" not in told
        assert "424242" not in told


def test_they_tell_what_else_changes(applied: Database) -> None:
    assert succeed(applied, "status", "--format", "json", "--detailed-exitcode").json["plan"]["changes"] == []
    Path("tasks.yaml").write_text(TASKS.replace("plain: 1", "plain: 2, more: !env RECONCILE_VAR_MORE"))
    (change,) = succeed(applied, "status", "--format", "json").json["plan"]["changes"]
    assert [(one["path"], one["before"], one["after"]) for one in change["fields"]] == [
        ("Attributes.plain", 1, 2),
        ("Attributes.more", None, "(from RECONCILE_VAR_MORE)"),
    ]


def test_a_row_that_lost_the_value_is_to_get_it_back(applied: Database) -> None:
    applied.query("UPDATE task SET attributes = ? WHERE name = 'a'", ('{"n": 7, "plain": 1}',))
    (change,) = succeed(applied, "status", "--format", "json").json["plan"]["changes"]
    assert [(one["path"], one["after"]) for one in change["fields"]] == [
        ("Attributes.note", "(from RECONCILE_VAR_NOTE)")
    ]
