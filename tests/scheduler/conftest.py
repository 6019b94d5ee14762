"""The surroundings of the behaviour tests, and a database with a user and the actions of `acts`."""

import time
from collections.abc import Callable

import pytest

from tests.behaviour.conftest import here as here
from tests.behaviour.program import succeed
from tests.databases import Database, Databases

ACTIONS = ("note", "boom", "sleep", "commit", "quit", "slow_sql", "tell")


@pytest.fixture
def stage(database: Database, databases: Databases) -> Database:
    """Ready for tasks: the user ann and an entity `job` with every action of `acts`."""
    return databases.filled(database, "stage", _set_stage)


def _set_stage(database: Database) -> None:
    succeed(database, "init")
    succeed(database, "users", "add", "ann@example.com")
    for name in ACTIONS:
        succeed(database, "actions", "add", "job", name)
    keys = "who VARCHAR(100), task VARCHAR(100), moment VARCHAR(40)"
    database.query(f"CREATE TABLE effect ({keys})")


def eventually(holds: Callable[[], object], seconds: float = 40.0) -> None:
    """Wait for something that another process does, on a busy machine; fails when it does not happen."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
