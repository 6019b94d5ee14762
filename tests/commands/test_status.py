"""`reconcile status` and `task-scheduler status`, beside schedulers that run."""

import signal
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.behaviour.program import on
from tests.commands.program import task_scheduler
from tests.databases import Database
from tests.scheduler.conftest import eventually
from tests.scheduler.program import apply, end, lines, scheduler, task

LATER = "0 0 1 1 *"


def ready(log: str = "log") -> bool:
    return any(line.startswith("INFO Started") for line in lines(log))


def status(database: Database, code: int = 0) -> Any:
    ended = task_scheduler(database, "status", "--format", "json", "--detailed-exitcode")
    assert ended.code == code, ended.out + ended.err
    return ended.json


def differences(database: Database, code: int = 2) -> list[tuple[str, str, str | None, str | None]]:
    (one,) = status(database, code)["schedulers"]
    return [
        tuple(found[key] for key in ("change", "name", "loaded", "table")) for found in one["differences"]
    ]


def test_a_restart_is_asked_for_and_then_not(stage: Database) -> None:
    old, new = "0 0 2 1 *", "0 0 3 1 *"
    apply(stage, [task("stays", LATER), task("moves", old), task("goes", LATER)])
    assert status(stage)["schedulers"] == []
    with scheduler(stage) as first:
        eventually(ready)
        (one,) = status(stage)["schedulers"]
        assert (one["host"], one["pid"], one["tasks"]) == (socket.gethostname(), first.pid, 3)
        assert one["differences"] == []
        apply(stage, [task("stays", LATER), task("moves", new), task("comes", LATER)], "--max-delete", "3")
        assert differences(stage) == [
            ("added", "comes", None, LATER),
            ("removed", "goes", LATER, None),
            ("changed", "moves", old, new),
        ]
        text = task_scheduler(stage, "status").out
        assert '  ~ moves  "0 0 2 1 *" -> "0 0 3 1 *", changed\n  restart needed: 3 tasks\n' in text
        assert end(first) == 0
    assert "No scheduler is running." in task_scheduler(stage, "status").out
    with scheduler(stage, log="second"):
        eventually(lambda: ready("second"))
        assert differences(stage, 0) == []
        assert "  it has loaded what the table says\n" in task_scheduler(stage, "status").out


def test_every_change_that_matters_asks_for_it(stage: Database) -> None:
    apply(stage, [task("one", LATER)])
    with scheduler(stage):
        eventually(ready)
        for keys in (
            {"Attributes": {"a": 1}},
            {"Attributes": {"a": 1}, "Scheduler": {"Overlap": "skip"}},
            {"action": "boom"},
        ):
            apply(stage, [task("one", LATER, **keys)], "--max-update", "1")
            assert differences(stage) == [("changed", "one", LATER, LATER)]
        apply(stage, [task("one", LATER, Active=False)])
        assert differences(stage) == [("removed", "one", LATER, None)]
        apply(stage, [task("one", LATER)])
        assert differences(stage, 0) == []


def test_git_the_table_and_the_scheduler(stage: Database) -> None:
    apply(stage, [task("one", LATER)])
    words = ("status", "--detailed-exitcode", "--format", "json")
    assert on(stage, *words).code == 0
    with scheduler(stage):
        eventually(ready)
        Path("tasks.yaml").write_text(Path("tasks.yaml").read_text().replace(LATER, "0 0 9 1 *"))
        ended = on(stage, *words)  # git has moved; the scheduler and the table agree
        assert ended.code == 2
        assert ended.json["plan"]["summary"]["update"] == 1
        assert (ended.json["needs_restart"], ended.json["differs"]) == (False, True)
        assert on(stage, "--yes").code == 0
        ended = on(stage, *words)  # now the table has
        assert ended.code == 2
        assert ended.json["plan"]["summary"]["update"] == 0
        assert (ended.json["needs_restart"], ended.json["differs"]) == (True, True)


def test_a_refused_plan_is_exit_3(stage: Database) -> None:
    apply(stage, [task("one", LATER)])
    Path("tasks.yaml").write_text("Tasks: []\n")
    assert on(stage, "status").code == 3


def test_a_scheduler_that_was_killed(stage: Database) -> None:
    apply(stage, [task("one", LATER)])
    with scheduler(stage) as process:
        eventually(ready)
        process.send_signal(signal.SIGKILL)
        process.wait()
    moment = {"sqlite": "'2026-01-01 00:00:00.000000'"}.get(stage.kind, "'2026-01-01 00:00:00'")
    ago = {
        "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now', '-60 seconds') || '000'",
        "postgresql": "clock_timestamp() AT TIME ZONE 'UTC' - interval '60 seconds'",
        "mysql": "utc_timestamp(6) - INTERVAL 60 SECOND",
    }[stage.kind]
    stage.query(f"UPDATE reconciler_process SET heartbeat_at = {ago}")
    (one,) = status(stage)["schedulers"]
    assert (one["is_live"], round(one["heartbeat_age"], -1)) == (False, 60)
    text = task_scheduler(stage, "status").out
    assert "not heard of for 6" in text
    assert "  it died without a word" in text
    stage.query(f"UPDATE reconciler_process SET heartbeat_at = {moment}")
    assert status(stage)["schedulers"] == []


def test_two_replicas_each_with_what_it_loaded(stage: Database) -> None:
    if stage.kind == "sqlite":
        pytest.skip("SQLite takes one scheduler")
    apply(stage, [task("one", LATER)])
    with scheduler(stage, log="a"):
        eventually(lambda: ready("a"))
        apply(stage, [task("one", "0 0 5 1 *")])
        with scheduler(stage, "--timezone", "Asia/Tokyo", log="b"):
            eventually(lambda: ready("b"))
            both = status(stage, 2)["schedulers"]
            assert sorted(len(one["differences"]) for one in both) == [0, 1]
            text = task_scheduler(stage, "status").out
            assert "The schedulers have several time zones: Asia/Tokyo, UTC." in text
            assert text.count("restart needed: 1 task") == 1


def test_system_tasks_are_listed_and_are_no_difference(stage: Database) -> None:
    apply(stage, [task("one", LATER)])
    groups = "user_account_user_account_id_has_usergroup_usergroup_id"
    stage.query(f"UPDATE {groups} SET usergroup_id = 2 WHERE user_account_id = 2")
    with scheduler(stage, "--system-tasks"):
        eventually(ready)
        (one,) = status(stage)["schedulers"]
        names = ["sync_column_storage", "sync_mail_servers", "sync_site_storage"]
        assert (one["tasks"], one["system_tasks"], one["differences"]) == (1, names, [])


def test_the_runs_of_the_last_day(stage: Database) -> None:
    apply(stage, [task("one", LATER, "boom")])
    words = ("--actions", "tests.scheduler.acts")
    assert task_scheduler(stage, "run", "one", *words).code == 1
    assert status(stage)["last_day"] == {"failed": 1}
    ended = task_scheduler(stage, "status")
    assert ended.out.endswith("Runs of the last day: 1 failed. `task-scheduler runs` shows them.\n")
    tomorrow = task_scheduler(stage, "status", "--format", "json", "--now", "2126-01-01T00:00")
    assert tomorrow.json["last_day"] == {}
