"""Killed, interrupted, out of space or cut off in mid-apply: the table is as before or as after."""

import contextlib
import os
import resource
import signal
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.behaviour.program import (
    FREE,
    Ended,
    all_of,
    dry_run,
    many,
    names,
    on,
    only_line,
    reconcile,
    rows,
    running,
    spawned,
    succeed,
    task,
    until,
    watched,
    write,
)
from tests.databases import Database, Databases
from tests.proxy import Proxy, proxied

COUNT = 1200
DELAYS = (0.0, 0.06, 0.18)
"""Seconds after the first write; an apply of COUNT tasks takes some tenths."""


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM], ids=lambda one: one.name)
def test_a_signal_in_mid_apply(lived_in: Database, sign: signal.Signals) -> None:
    """At several moments, some of which are bound to be within the transaction."""
    succeed(lived_in, *FREE, write("tasks.yaml", many(40)))
    before = all_of(lived_in)
    after = len(rows(lived_in)) - 40 + COUNT
    file = write("tasks.yaml", many(COUNT, Attributes={"note": "x" * 200}))
    words = ("--yes", "--database-url", lived_in.url, *FREE, "-v", file)
    for delay in DELAYS if lived_in.kind == "sqlite" else DELAYS[1:]:
        with running(*words) as process:
            assert process.stderr is not None
            until(process.stderr, "writing")
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(delay)
            os.kill(process.pid, sign)
            out, err = process.communicate(timeout=60)
        assert "Traceback" not in err
        if process.returncode == 0 or len(rows(lived_in)) == after:
            break
        assert process.returncode == (130 if sign == signal.SIGINT else -sign)
        assert out == ""
        assert sign != signal.SIGINT or "interrupted" in err
        assert all_of(lived_in) == before
    succeed(lived_in, *FREE, file)
    assert len(rows(lived_in)) == after
    assert dry_run(lived_in, file)["changes"] == []


def test_a_file_that_may_not_grow(databases: Databases) -> None:
    """As on a full disk, by a limit of the process."""
    database = databases.captured("sqlite", "lived-in")
    succeed(database, write("tasks.yaml", many(3)))
    before = all_of(database)
    write("tasks.yaml", many(3000))
    size = Path(database.name).stat().st_size

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 8192, size + 8192))

    with running("--database-url", database.url, *FREE, "tasks.yaml", preexec_fn=limited) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (4, "")
    line, _ = err.splitlines()
    assert "nothing was written" in err or "no room" in line
    assert database.url in line
    assert all_of(database) == before
    succeed(database, *FREE, "tasks.yaml")


def test_a_disk_that_is_full(databases: Databases) -> None:
    """`PRAGMA max_page_count` holds for a connection only, so it is set where each is made."""
    database = databases.captured("sqlite", "lived-in")
    succeed(database, write("tasks.yaml", many(3)))
    before = all_of(database)
    connect = sqlite3.connect

    def small(*given: Any, **named: Any) -> sqlite3.Connection:
        connection = connect(*given, **named)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 5}")
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", small)
        ended = on(database, *FREE, write("tasks.yaml", many(3000)))
    assert ended.code == 4
    assert only_line(ended).startswith(f"reconcile: no room left for {database.url}")
    assert all_of(database) == before


def end_sessions(database: Database, but: set[int]) -> None:
    """As an administrator does, or a server that restarts."""
    for session in sessions(database) - but:
        kill = "SELECT pg_terminate_backend(?)" if database.kind == "postgresql" else "KILL ?"
        with contextlib.suppress(Exception):  # it is gone already
            database.query(kill, (session,))


def sessions(database: Database) -> set[int]:
    mine = {
        "postgresql": "SELECT pid FROM pg_stat_activity WHERE datname = ? AND pid <> pg_backend_pid()",
        "mysql": "SELECT id FROM information_schema.processlist WHERE db = ? AND id <> connection_id()",
    }
    return {session for (session,) in database.query(mine[database.kind], (database.name,))}


def on_server(database: Database) -> Database:
    if database.kind == "sqlite":
        pytest.skip("a matter of servers")
    return database


@pytest.mark.parametrize("stage", ["checking", "planning", "writing"])
def test_a_session_that_is_ended_in_mid_apply(lived_in: Database, stage: str) -> None:
    """From within the apply, at the start of each stage: no need to hit a moment."""
    database = on_server(lived_in)
    before = all_of(database)
    others = sessions(database)
    ended_at = []

    def watch(now: str) -> None:
        if now == stage and not ended_at:
            end_sessions(database, others)
            ended_at.append(now)

    with watched(watch):
        ended = on(database, write("tasks.yaml", many(50)))
    assert ended_at == [stage]
    assert ended.code == 4
    assert "the connection to" in only_line(ended)
    assert all_of(database) == before
    succeed(database, "tasks.yaml")


def test_a_session_that_is_ended_after_the_commit(lived_in: Database) -> None:
    """The apply took place: neither exit 4 nor "nothing was written" would be true."""
    database = on_server(lived_in)
    others = sessions(database)
    with watched(lambda stage: end_sessions(database, others) if stage == "verifying" else None):
        ended = on(database, write("tasks.yaml", many(5)))
    assert ended.code == 5
    assert "applied as " in only_line(ended)
    assert "nothing was written" not in ended.err
    assert names(database)[-5:] == [one["Name"] for one in many(5)]


def through(proxy: Proxy, url: str) -> Ended:
    """An apply, of which the proxy cuts the first COMMIT after it began to write."""
    words = ("--lock-timeout", "10s", "--database-url", url, write("tasks.yaml", many(20)))
    with watched(lambda stage: proxy.armed.set() if stage == "writing" else None):
        return reconcile(*words)


def test_a_commit_that_never_arrived(lived_in: Database) -> None:
    succeed(on_server(lived_in), write("before.yaml", []))
    before = all_of(lived_in)
    with proxied(lived_in, passes_on=False) as (proxy, url):
        ended = through(proxy, url)
    assert proxy.cut.is_set()
    assert ended.code == 4
    assert "nothing was written" in only_line(ended)
    assert all_of(lived_in) == before
    succeed(lived_in, "tasks.yaml")


def test_a_commit_whose_answer_was_lost(lived_in: Database) -> None:
    succeed(on_server(lived_in), write("before.yaml", []))
    with proxied(lived_in, passes_on=True) as (proxy, url):
        ended = through(proxy, url)
    assert proxy.cut.is_set()
    assert ended.code == 0, ended.err
    assert "Applied and verified" in ended.out
    assert "20 to add" in ended.out
    assert len(names(lived_in)) == 29


@pytest.mark.parametrize("passes_on", [True, False])
def test_a_commit_whose_fate_cannot_be_learnt(lived_in: Database, passes_on: bool) -> None:
    succeed(on_server(lived_in), write("before.yaml", []))
    with proxied(lived_in, passes_on=passes_on, stays_closed=True) as (proxy, url):
        ended = through(proxy, url)
    assert proxy.cut.is_set()
    assert ended.code == 5
    assert "was lost in the commit" in only_line(ended)
    assert "nothing was written" not in ended.err


def test_a_kill_in_the_first_apply_to_a_new_database(databases: Databases) -> None:
    """`init` on a file that is not there: what is left can be made whole by another."""
    database = databases.empty("sqlite")
    for delay in (0.1, 0.2, 0.3):
        with spawned("--database-url", database.url, "init") as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(delay)
            process.kill()
    assert on(database, "init").code == 0
    assert on(database, "users", "add", "ann@example.com").code == 0
    assert on(database, "actions", "add", "event", "log_run", "--input", "note").code == 0
    succeed(database, write("tasks.yaml", [task()]))
