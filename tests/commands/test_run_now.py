"""`task-scheduler run`: the scheduler's own run, once, now."""

import os
import re
import signal
import subprocess
import time

import pytest

from tests.commands.program import run_now, task_scheduler
from tests.databases import Database
from tests.scheduler.conftest import eventually
from tests.scheduler.program import PROGRAM, apply, runs, task

LATER = "0 0 1 1 *"


def test_it_runs_as_the_user_and_is_recorded(stage: Database) -> None:
    apply(stage, [task("one", LATER)])
    ended = run_now(stage, "one")
    assert ended.code == 0
    assert re.fullmatch(r"one, job/note as ann@example.com: ok after 0\.\d{3} s\n", ended.out)
    assert "][note] as user [ann@example.com]" in ended.err
    assert stage.query("SELECT who, task FROM effect") == [("ann@example.com", "one")]
    assert stage.query("SELECT name, cause, state FROM reconciler_run") == [("one", "manual", "ok")]
    ((kind, has_ended),) = stage.query("SELECT kind, ended_at IS NOT NULL FROM reconciler_process")
    assert (kind, bool(has_ended)) == ("manual", True)


def test_a_run_that_fails_is_exit_1_with_its_error(stage: Database) -> None:
    apply(stage, [task("one", LATER, "boom")])
    ended = run_now(stage, "one")
    assert ended.code == 1
    assert ended.out.endswith(": the door is closed\n")
    assert "Errors while executing action 109: the door is closed" in ended.err
    assert stage.query("SELECT * FROM effect") == []
    assert runs(stage) == [("one", "failed", "the door is closed")]


def test_in_json(stage: Database) -> None:
    apply(stage, [task("one", LATER, "boom")])
    ended = run_now(stage, "one", "--format", "json")
    assert ended.code == 1
    run = ended.json["run"]
    told = (run["name"], run["state"], run["cause"], run["error"])
    assert told == ("one", "failed", "manual", "the door is closed")
    assert 0 <= run["lag"] < 60


def test_an_inactive_task_runs_with_a_note(stage: Database) -> None:
    apply(stage, [task("one", LATER, Active=False)])
    ended = run_now(stage, "one")
    assert ended.code == 0
    assert ended.out.startswith("one is not active: no scheduler fires it.\n\none, job/note")


def test_a_task_on_hold_runs_with_a_note(stage: Database) -> None:
    apply(stage, [task("one", LATER)])
    until = "`until`" if stage.kind == "mysql" else '"until"'
    stage.query(
        f"INSERT INTO reconciler_hold (reference_id, {until}, reason, who, created_at) SELECT reference_id,"
        " '2126-01-01 12:00:00.000000', 'month end', 'ann', '2026-01-01 00:00:00.000000' FROM task"
    )
    ended = run_now(stage, "one")
    assert ended.code == 0
    assert ended.out.startswith("one is on hold until 2126-01-01 12:00 UTC: no scheduler fires it.\n")


def test_a_name_that_no_task_has(stage: Database) -> None:
    apply(stage, [task("nightly", LATER)])
    ended = run_now(stage, "nigthly")
    assert (ended.code, ended.err) == (
        64,
        "task-scheduler: no task is named 'nigthly'\n  hint: did you mean 'nightly'?\n",
    )
    assert stage.query("SELECT * FROM reconciler_run") == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("as_user_id = NULL", "it names no user to run as (as_user_id is NULL)"),
        ("attributes = '[1]'", "its attributes are JSON, but no object"),
        ("schedule = '0 0 30 2 *'", "'0 0 30 2 *' never fires: day 30 does not exist in February"),
    ],
)
def test_a_row_that_cannot_be_registered_is_refused(stage: Database, change: str, reason: str) -> None:
    apply(stage, [task("one", LATER)])
    stage.query(f"UPDATE task SET {change}")
    ended = run_now(stage, "one")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == f"task-scheduler: 'one' cannot run: {reason}\n"
    assert stage.query("SELECT * FROM reconciler_process") == []


def test_without_a_function_it_fails(stage: Database) -> None:
    apply(stage, [task("one", LATER)])
    ended = task_scheduler(stage, "run", "one")
    assert ended.code == 1
    assert ended.out.startswith("one, job/note as ann@example.com: failed after ")
    assert ended.out.endswith(": nothing here executes job/note\n")


def test_a_timeout_holds_here_too(stage: Database) -> None:
    apply(stage, [task("one", LATER, "sleep", Scheduler={"Timeout": "300ms"})])
    ended = run_now(stage, "one")
    assert ended.code == 1
    assert runs(stage) == [("one", "cancelled", "it took longer than its Timeout of 0.3 s")]
    assert stage.query("SELECT * FROM effect") == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_cancels_it(stage: Database, number: signal.Signals) -> None:
    apply(stage, [task("one", LATER, "sleep")])
    words = ("run", "one", "--database-url", stage.url, "--actions", "tests.scheduler.acts")
    with subprocess.Popen(
        (*PROGRAM, *words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ)
    ) as process:
        eventually(lambda: _states(stage) == ["running"])
        time.sleep(0.1)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, b"")
    assert b"Cancelled task [one]: it was interrupted" in err
    assert runs(stage) == [("one", "cancelled", "it was interrupted")]
    assert stage.query("SELECT * FROM effect") == []


def _states(database: Database) -> list[str]:
    return [state for _, state, _ in runs(database)]


def test_a_database_that_is_not_there(stage: Database) -> None:
    url = stage.url.replace(stage.name, f"{stage.name}_not")
    gone = Database(kind=stage.kind, url=url, name="", server=None)
    assert run_now(gone, "one").code == 4
