"""A server that does not answer: noticed after a while where that was asked for, and told in one line."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from reconciler.database.link import Link
from reconciler.database.processes import database_now
from reconciler.database.statements import execute, query
from reconciler.database.target import connect
from reconciler.database.transactions import atomic
from reconciler.database.urls import target_url
from reconciler.errors import TargetError
from tests.databases import Database

SLEEP = {
    "postgresql": "SELECT pg_sleep(30)",
    "mysql": "SELECT sleep(30)",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
}


@pytest.fixture
def server(database: Database) -> Database:
    if database.kind == "sqlite":
        pytest.skip("there is no server")
    return database


def within(seconds: float, call: Callable[[], Any]) -> None:
    began = time.monotonic()
    with pytest.raises(TargetError):
        call()
    assert time.monotonic() - began < seconds


def test_a_statement_may_take_so_long_and_no_longer(server: Database) -> None:
    link = Link(target_url(server.url, {}), answer_timeout=1)

    def wait() -> None:
        with link.target() as target:
            query(target, SLEEP[server.kind])

    within(15, wait)
    with link.target() as target:
        assert database_now(target).year > 2000, "the link opens anew"
    link.close()


def test_a_row_that_is_locked_is_not_waited_for_for_ever(server: Database) -> None:
    """The server gives up itself, so that no statement of ours goes on there after we have."""
    server.query("CREATE TABLE held (id INTEGER PRIMARY KEY, n INTEGER)")
    server.query("INSERT INTO held VALUES (1, 1)")
    url = target_url(server.url, {})
    with connect(url, read_only=False) as holder, atomic(holder):
        execute(holder, "UPDATE held SET n = 2")
        link = Link(url, answer_timeout=2)

        def write() -> None:
            with link.target() as target, atomic(target):
                execute(target, "UPDATE held SET n = 3")

        within(15, write)
        link.close()
    assert server.query("SELECT n FROM held") == [(2,)]


def test_without_a_limit_a_statement_takes_its_time(server: Database) -> None:
    short = {"postgresql": "SELECT 1 FROM pg_sleep(1.5)", "mysql": "SELECT 1 + sleep(1.5)"}
    with connect(target_url(server.url, {}), read_only=False) as target:
        assert query(target, short[server.kind]) == [(1,)]


def test_a_server_that_vanishes_is_missed(server: Database) -> None:
    """The system asks for signs of life; the default would be after two hours."""
    with connect(target_url(server.url, {}), read_only=True) as target:
        number = target.driver.fileno() if server.kind == "postgresql" else target.driver._sock.fileno()
        with socket.socket(fileno=os.dup(number)) as wire:
            assert wire.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            idle, every, count = (
                wire.getsockopt(socket.IPPROTO_TCP, option)
                for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            )
            assert idle + every * count <= 30
            assert wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 30_000


@contextmanager
def waiting(server: Database, target: Any) -> Iterator[list[BaseException]]:
    """A thread that waits for a long statement; its error."""
    errors: list[BaseException] = []

    def wait() -> None:
        try:
            query(target, SLEEP[server.kind])
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.5)
    yield errors
    thread.join(15)
    assert not thread.is_alive()


MARKED = "SELECT count(*) FROM task WHERE job_type = 'marked'"
MARK = "UPDATE task SET job_type = 'marked'"


def test_a_statement_is_interrupted_from_another_thread(lived_in: Database) -> None:
    """What it had done is undone, it can do nothing more, and nobody waits for it."""
    url = target_url(lived_in.url, {})
    with connect(url, read_only=False) as target:
        target.dialect.begin(target)
        execute(target, MARK)
        with waiting(lived_in, target) as errors:
            target.dialect.interrupt(target)
        assert len(errors) == 1
        assert isinstance(errors[0], TargetError)
        with connect(url, read_only=False, lock_timeout=5) as other, atomic(other):
            assert query(other, MARKED) == [(0,)]
        for statement in (MARK, MARKED, "COMMIT", "BEGIN"):
            with pytest.raises(TargetError):
                execute(target, statement)
    assert lived_in.query(MARKED) == [(0,)]


def test_an_idle_transaction_is_interrupted(lived_in: Database) -> None:
    """An action that calculates, or waits for something else."""
    url = target_url(lived_in.url, {})
    with connect(url, read_only=False) as target:
        target.dialect.begin(target)
        execute(target, MARK)
        target.dialect.interrupt(target)
        with connect(url, read_only=False, lock_timeout=5) as other, atomic(other):
            assert query(other, MARKED) == [(0,)]
        with pytest.raises(TargetError):
            execute(target, MARK)
    assert lived_in.query(MARKED) == [(0,)]
