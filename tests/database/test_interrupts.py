"""Ctrl-C while the lock is waited for: a real process, and nothing of the pool's on stderr."""

import signal
import subprocess
import sys
import time

import pytest

from tests.database.build import applying
from tests.databases import Database

WAITER = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has its background jobs ignore it
from reconciler.database.target import connect
from reconciler.database.transactions import locked
from reconciler.database.urls import target_url
url = target_url(sys.argv[1], {})
try:
    with connect(url, read_only=False, lock_timeout=60) as target:
        print("connected", flush=True)
        with locked(target, 60):
            pass
except KeyboardInterrupt:
    print("interrupted")
"""
WAITING = {
    "mysql": "SELECT count(*) FROM information_schema.processlist WHERE state = 'User lock'"
    " AND db = database()",
    "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory'"
    " AND datname = current_database()",
}


def test_an_interrupt_of_the_wait_is_silent(lived_in: Database) -> None:
    if lived_in.kind == "sqlite":
        pytest.skip("there is no connection to break")
    with applying(lived_in):
        command = [sys.executable, "-c", WAITER, lived_in.url]
        waiter = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            assert waiter.stdout is not None
            assert waiter.stdout.readline() == "connected\n"
            deadline = time.monotonic() + 20
            while lived_in.query(WAITING[lived_in.kind]) == [(0,)] and time.monotonic() < deadline:
                time.sleep(0.02)
            waiter.send_signal(signal.SIGINT)
            said = waiter.communicate(timeout=20)
        finally:
            waiter.kill()
    assert said == ("interrupted\n", "")
