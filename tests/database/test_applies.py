"""The lock, the transaction, and what is remembered of an apply. Real processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.database.applies import find_apply, last_apply, record_apply
from reconciler.database.rows import State, existing_of, read_existing, read_state
from reconciler.database.target import connect, roll_back
from reconciler.database.transactions import locked, transaction
from reconciler.database.urls import target_url
from reconciler.database.writing import write
from reconciler.errors import OutcomeUnknown, TargetError
from tests.database.build import APPLY, KEEP, NOW, apply_of, applying, creates, new_ids, reading, stamp, task
from tests.databases import Database

ROOT = Path(__file__).parents[2]

WRITER = """
import sys, time
from reconciler.database.writing import write
from tests.database.build import *
from tests.databases import Database
database = Database(kind="any", url=sys.argv[1], name="")
with applying(database, 30) as target:
    write(target, creates(*(task(f"killed {n}") for n in range(3000))), stamp())
    print("written", flush=True)
    time.sleep(float(sys.argv[2]))
"""


@contextmanager
def writer(database: Database, seconds: float) -> Iterator["subprocess.Popen[str]"]:
    """Another process, which has written 3,000 rows and not committed them."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, database.url, str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "written\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_the_waiting_one_says_who_holds_the_lock(lived_in: Database) -> None:
    with writer(lived_in, 60) as process:
        with pytest.raises(TargetError) as caught, applying(lived_in, 1):
            pass
        assert "locked" in caught.value.message
        if lived_in.kind == "postgresql":
            assert "task-reconciler (pid" in caught.value.message
            assert "user postgres" in caught.value.message
        if lived_in.kind == "mysql":
            assert "user reconciler" in caught.value.message
        assert process.poll() is None
    assert "--lock-timeout" in str(caught.value.hint)


def test_two_at_once_take_turns(lived_in: Database) -> None:
    with writer(lived_in, 0.7), applying(lived_in, 30) as target:
        rows = read_existing(target).rows
        assert sum(row.name.startswith("killed") for row in rows) == 3000, "read after the other's commit"
        write(target, creates(task("mine")), stamp(new_ids=new_ids(0x01A208D66866)))
    with reading(lived_in) as target:
        existing = read_existing(target)
    assert (len(existing.rows), len(existing.records)) == (9 + 3001, 3001)


def test_a_dry_run_does_not_wait_for_an_apply(lived_in: Database) -> None:
    with writer(lived_in, 60), reading(lived_in) as target:
        assert len(read_existing(target).rows) == 9


def test_kill_in_mid_write_leaves_nothing(lived_in: Database) -> None:
    before = lived_in.query("SELECT * FROM task ORDER BY id")
    with writer(lived_in, 60) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    until = time.monotonic() + 10
    while True:  # a server notices the end of a connection in its own time
        with applying(lived_in, 10) as target:
            existing = read_existing(target)
        if len(existing.rows) == 9 or time.monotonic() > until:
            break
    assert existing.records == {}
    assert lived_in.query("SELECT * FROM task ORDER BY id") == before
    assert lived_in.query("SELECT count(*) FROM task_task_id_has_usergroup_usergroup_id") == [(9,)]


def test_an_exception_rolls_everything_back(lived_in: Database) -> None:
    before = lived_in.query("SELECT * FROM task ORDER BY id")

    def interrupted() -> None:
        with applying(lived_in) as target:
            write(target, creates(task()), stamp())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert lived_in.query("SELECT * FROM task ORDER BY id") == before
    with applying(lived_in) as target:
        write(target, creates(task()), stamp())
        roll_back(target)
    assert lived_in.query("SELECT * FROM task ORDER BY id") == before


def test_nothing_but_the_reading_happens_before_the_lock(lived_in: Database) -> None:
    """A connection that read before it waited sees the rows of the one it waited for."""
    url = target_url(lived_in.url, {})
    with connect(url, read_only=False) as target:
        assert len(read_existing(target).rows) == 9
        with applying(lived_in) as other:
            write(other, creates(task()), stamp())
        with locked(target, 5):
            with transaction(target):
                assert len(read_existing(target).rows) == 10
            assert len(read_existing(target).rows) == 10


def test_whatever_moves_makes_another_state(lived_in: Database) -> None:
    def state() -> State:
        with reading(lived_in) as target:
            return read_state(target)

    with applying(lived_in) as target:
        write(target, creates(task()), stamp())
    before = state()
    assert state() == before
    lived_in.query("UPDATE reconciler_task SET line = line + 1")
    moved = state()
    assert moved != before
    lived_in.query("UPDATE user_account SET email = 'anna@example.com' WHERE id = 3")
    renamed = state()
    assert renamed != moved
    lived_in.query("UPDATE task SET attributes = '{}' WHERE id = 10")
    assert state() != renamed
    assert existing_of(state()).rows[-1].as_user_email == "anna@example.com"


def test_an_apply_is_remembered(lived_in: Database) -> None:
    with reading(lived_in) as target:
        assert not find_apply(target, APPLY)
        assert last_apply(target, "default") is None
    older = apply_of(
        apply_id="old", started_at=NOW - timedelta(days=400), finished_at=NOW - timedelta(days=400)
    )
    with applying(lived_in) as target:
        record_apply(target, older, KEEP)
    assert lived_in.query("SELECT count(*) FROM reconciler_apply WHERE plan IS NOT NULL") == [(1,)]
    with applying(lived_in) as target:
        record_apply(target, apply_of(), KEEP)
        record_apply(
            target, apply_of("Default", apply_id="other", finished_at=NOW + timedelta(hours=1)), KEEP
        )
    assert lived_in.query("SELECT apply_id FROM reconciler_apply WHERE plan IS NULL") == [("old",)]
    with reading(lived_in) as target:
        assert find_apply(target, APPLY)
        assert last_apply(target, "default") == apply_of(plan=None)
        assert last_apply(target, "nobody") is None


def test_a_connection_lost_in_the_commit_is_an_open_question(lived_in: Database) -> None:
    if lived_in.kind == "sqlite":
        pytest.skip("a file has no connection to lose")

    def apply() -> None:
        with applying(lived_in) as target:
            write(target, creates(task()), stamp())
            record_apply(target, apply_of(), KEEP)
            _cut(lived_in, target.driver)

    with pytest.raises(OutcomeUnknown, match="lost in the commit"):
        apply()
    with reading(lived_in) as target:
        assert not find_apply(target, APPLY)


def test_a_connection_lost_in_a_write_is_told_in_a_line(lived_in: Database) -> None:
    if lived_in.kind == "sqlite":
        pytest.skip("a file has no connection to lose")

    def apply() -> None:
        with applying(lived_in) as target:
            _cut(lived_in, target.driver)
            write(target, creates(task()), stamp())

    with pytest.raises(TargetError, match="was lost"):
        apply()


def _cut(database: Database, driver: Any) -> None:
    if database.kind == "postgresql":
        database.query("SELECT pg_terminate_backend(?)", (driver.info.backend_pid,))
    else:
        database.query(f"KILL {driver.thread_id()}")
