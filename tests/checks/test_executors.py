"""A004: only where it was asked for, and only of actions that exist."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from tests.behaviour.conftest import here as here
from tests.behaviour.program import on, reconcile, succeed
from tests.databases import Database, Databases

TASK = """Tasks:
  - Name: one
    Schedule: "@daily"
    EntityName: {0}
    ActionName: {1}
    AsUserEmail: guest@cms.go
"""


@pytest.fixture
def embedded(databases: Databases) -> Database:
    database = databases.empty("sqlite")
    succeed(database, "init")
    succeed(database, "actions", "add", "job", "note")
    succeed(database, "actions", "add", "job", "other")
    return database


@pytest.mark.parametrize(
    ("entity", "action", "codes"),
    [("job", "note", []), ("job", "other", ["A004"]), ("job", "nosuch", ["A002"])],
)
def test_what_nothing_executes_is_a_warning(
    entity: str, action: str, codes: list[str], embedded: Database
) -> None:
    Path("tasks.yaml").write_text(TASK.format(entity, action))
    words = ("--dry-run", "--format", "json")
    asked = on(embedded, *words, "--executors", "--actions", "tests.scheduler.acts").json
    assert [one["code"] for one in asked["diagnostics"]] == codes
    plain = on(embedded, *words).json
    assert [one["code"] for one in plain["diagnostics"]] == [code for code in codes if code != "A004"]


def test_it_names_the_action(embedded: Database) -> None:
    Path("tasks.yaml").write_text(TASK.format("job", "other"))
    said = on(embedded, "--dry-run", "--executors").out
    assert "warning[A004]: no installed package executes job/other: the scheduler's runs would fail" in said


def test_a_module_alone_asks_for_it(embedded: Database) -> None:
    Path("tasks.yaml").write_text(TASK.format("job", "other"))
    said = on(embedded, "--dry-run", "--actions", "tests.scheduler.acts").out
    assert "warning[A004]: no installed package executes job/other" in said


def test_without_a_database_too() -> None:
    Path("tasks.yaml").write_text(TASK.format("job", "other"))
    asked = reconcile("validate", "--executors", "--format", "json").json
    assert [one["code"] for one in asked["diagnostics"]] == ["A004"]


def test_a_package_that_cannot_be_loaded_is_told(embedded: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = [EntryPoint(name="broken", value="no_such_module", group="reconciler.actions")]
    monkeypatch.setattr("reconciler.actions.discover.entry_points", lambda group: broken)
    Path("tasks.yaml").write_text(TASK.format("job", "other"))
    reason = "the actions of broken (no_such_module) cannot be loaded: ModuleNotFoundError"
    assert reason in on(embedded, "--dry-run", "--executors").out
    assert reason in reconcile("validate", "--executors").out
