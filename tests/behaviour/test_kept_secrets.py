"""Values from the environment: in no saved plan and in no history, and still applied and undone."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.behaviour.program import FREE, names, on, only_line, said, succeed
from tests.databases import Database

SECRET = "hunter2"
TASK = """Tasks:
  - Name: a
    Schedule: "{schedule}"
    EntityName: event
    ActionName: log_run
    AsUserEmail: ann@example.com
    Attributes: {{note: {note}, hosts: [{note}, plain], more: {more}}}
"""


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECONCILE_VAR_TOKEN", SECRET)


def write(*, note: str = "!env RECONCILE_VAR_TOKEN", schedule: str = "0 8 * * *", more: str = "1") -> str:
    Path("tasks.yaml").write_text(TASK.format(note=note, schedule=schedule, more=more))
    return "tasks.yaml"


def attributes(database: Database) -> Any:
    ((text,),) = database.query("SELECT attributes FROM task WHERE name = 'a'")
    return json.loads(text)


def history(database: Database) -> str:
    """Everything that is told of it, and the plans that are kept."""
    told = succeed(database, "history", "--format", "json").out
    for apply in json.loads(told)["applies"]:
        told += succeed(database, "history", apply["apply_id"], "--format", "json").out
        told += succeed(database, "history", apply["apply_id"]).out
    return told


def test_a_saved_plan_takes_them_where_it_is_applied(
    lived_in: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    succeed(lived_in, "plan", "--out", "plan.json", write())
    assert SECRET not in Path("plan.json").read_text()
    monkeypatch.delenv("RECONCILE_VAR_TOKEN")
    ended = on(lived_in, "apply", "plan.json")
    assert ended.code == 1
    assert "RECONCILE_VAR_TOKEN" in only_line(ended)
    monkeypatch.setenv("RECONCILE_VAR_TOKEN", "another")
    assert "another" not in succeed(lived_in, "apply", "plan.json").out
    assert attributes(lived_in) == {"note": "another", "hosts": ["another", "plain"], "more": 1}


def test_an_undo_keeps_them(lived_in: Database) -> None:
    succeed(lived_in, write())
    before = said(lived_in)
    succeed(lived_in, *FREE, write(schedule="@daily", more="2"))
    undone = succeed(lived_in, "undo", "last", "--format", "json")
    assert undone.json["moved"] == []
    assert said(lived_in) == before
    assert SECRET not in undone.out + history(lived_in)
    again = succeed(lived_in, "undo", "last", "--format", "json")
    assert attributes(lived_in)["more"] == 2
    assert SECRET not in again.out
    assert succeed(lived_in, "--dry-run", "--format", "json", "tasks.yaml").json["changes"] == []


def test_a_row_that_is_deleted_gets_them_from_the_environment(
    lived_in: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    succeed(lived_in, write())
    before = said(lived_in)
    Path("tasks.yaml").write_text("Tasks: []\n")
    succeed(lived_in, *FREE, "tasks.yaml")
    monkeypatch.delenv("RECONCILE_VAR_TOKEN")
    report = succeed(lived_in, "undo", "last", "--format", "json").json
    (moved,) = report["moved"]
    assert (moved["name"], moved["note"]) == ("a", "the variable `RECONCILE_VAR_TOKEN` is not set")
    assert "a" not in names(lived_in)
    monkeypatch.setenv("RECONCILE_VAR_TOKEN", SECRET)
    undone = succeed(lived_in, "undo", report["undoes"], "--format", "json")
    assert said(lived_in) == before
    assert SECRET not in undone.out + history(lived_in)


def test_what_became_one_is_not_kept(lived_in: Database) -> None:
    """The plan that hides a value does not tell it, so it cannot be given back."""
    succeed(lived_in, write(note="was-plain"))
    succeed(lived_in, *FREE, write(schedule="@daily"))
    report = succeed(lived_in, "undo", "last", "--format", "json").json
    assert [(one["name"], "is not kept" in one["note"]) for one in report["moved"]] == [("a", True)]
    assert attributes(lived_in)["note"] == SECRET


def test_what_was_one_is_not_told_by_what_moved(lived_in: Database) -> None:
    succeed(lived_in, write())
    succeed(lived_in, *FREE, write(more="2"))
    changed = json.dumps({"note": SECRET, "hosts": [SECRET, "plain"], "more": 3})
    lived_in.query("UPDATE task SET attributes = ? WHERE name = 'a'", (changed,))
    ended = succeed(lived_in, "undo", "last", "--format", "json")
    fields = [{"path": "Attributes.more", "before": 2, "after": 3}]
    assert [(one["name"], one["fields"]) for one in ended.json["moved"]] == [("a", fields)]
    assert SECRET not in ended.out
    assert SECRET not in on(lived_in, "undo", "last", "--all-or-nothing").out


def test_a_saved_plan_does_not_tell_what_moved_of_them(lived_in: Database) -> None:
    succeed(lived_in, write())
    succeed(lived_in, *FREE, "plan", "--out", "plan.json", write(more="2"))
    changed = json.dumps({"note": SECRET + "3", "hosts": [SECRET], "more": 3})
    lived_in.query("UPDATE task SET attributes = ? WHERE name = 'a'", (changed,))
    for words in ((), ("--format", "json"), ("--format", "markdown")):
        ended = on(lived_in, "apply", "plan.json", *words)
        assert ended.code == 3
        assert SECRET not in ended.out
