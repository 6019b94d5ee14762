"""Every command with the account that docs/databases.md makes for it, and no more."""

from pathlib import Path

import pytest

from tests.behaviour.program import reconcile
from tests.commands.program import task_scheduler
from tests.database.grants import grants, url_of
from tests.databases import Database
from tests.scheduler.conftest import eventually
from tests.scheduler.program import end, lines, scheduler

TASK = """
  - Name: {name}
    Schedule: "0 8 * * *"
    EntityName: event
    ActionName: log_run
    AsUserEmail: ann@example.com
"""
READING = (
    ("--dry-run",),
    ("drift",),
    ("status",),
    ("explain", "one"),
    ("impact", "--user", "ann@example.com"),
    ("calendar",),
    ("preview", "one"),
    ("holds",),
    ("history",),
    ("history", "last"),
    ("export",),
    ("users", "list"),
    ("actions", "list"),
    ("refs", "export", "refs.json"),
    ("undo", "last", "--dry-run"),
    ("adopt", "--all", "--dry-run"),
    ("release", "one", "--dry-run"),
    ("plan", "--out", "plan.json"),
)
CHANGING = (
    ("--yes",),
    ("undo", "last", "--yes"),
    ("plan", "--out", "plan.json"),
    ("apply", "plan.json", "--yes"),
    ("hold", "one", "--until", "2h", "--reason", "test"),
    ("unhold", "one"),
    ("hold", "one", "--until", "2h", "--reason", "test", "--reader", "daptin"),
    ("unhold", "one"),
    ("release", "one", "--yes"),
    ("adopt", "one", "--yes"),
    ("drift", "--fix", "--yes"),
)


def declare(*names: str) -> None:
    Path("tasks.yaml").write_text("Tasks:" + "".join(TASK.format(name=name) for name in names))


@pytest.fixture
def granted(lived_in: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Two tasks were applied, and one of them has run."""
    if lived_in.kind == "sqlite":
        pytest.skip("SQLite has no accounts")
    declare("one", "two")
    monkeypatch.setenv("RECONCILE_DATABASE_URL", lived_in.url)
    succeed("--yes")
    task_scheduler(lived_in, "run", "two")
    grants(lived_in)
    declare("one", "three")  # so that a plan creates one, and deletes one that has run
    return lived_in


def succeed(*words: str) -> None:
    ended = reconcile(*words)
    assert ended.code == 0, f"{words}: {ended.out}{ended.err}"


def test_who_plans_reads_all(granted: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    account = _with(granted, "plan")
    monkeypatch.setenv("RECONCILE_DATABASE_URL", account.url)
    for words in READING:
        succeed(*words)
    for words in (("runs",), ("status",), ("simulate", "--until", "2030-01-01", "-n", "1")):
        assert task_scheduler(account, *words).code == 0, words


def test_who_applies_changes_the_table(granted: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECONCILE_DATABASE_URL", _with(granted, "apply").url)
    for words in CHANGING:
        succeed(*words)


def test_the_scheduler_runs(granted: Database) -> None:
    account = _with(granted, "scheduler")
    assert "nothing here executes event/log_run" in task_scheduler(account, "run", "one").out
    with scheduler(account) as process:
        eventually(lambda: any("Started with" in line for line in lines()))
        assert end(process) == 0
    assert not [line for line in lines() if "permission denied" in line]


def _with(database: Database, account: str) -> Database:
    return Database(kind=database.kind, url=url_of(database, account), name=database.name)
