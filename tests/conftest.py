"""Fixtures that every test may use: databases of every kind."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator

import pytest

from tests.databases import KINDS, Database, Databases
from tests.servers import Unavailable

# What is started in the background ignores Ctrl-C, and so would every program that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ.pop("GITHUB_ACTIONS", None)  # there a run would print annotations, which is tested apart


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes a minute begins first: begun last, it would be all that the end of the run waits for."""
    items.sort(key=lambda item: item.path.name != "test_soak.py")


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own
    with contextlib.ExitStack() as stack:
        yield Databases(shared=shared, own=own, stack=stack)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Database]:
    """An empty database of each kind; on SQLite its file is not there yet."""
    yield from _dropped(databases, or_skip(lambda: databases.empty(request.param)))


@pytest.fixture(params=[f"{kind}-{state}" for kind in KINDS for state in ("fresh", "lived-in")])
def daptin(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Database]:
    """A copy of each database that was captured from a running Daptin."""
    kind, _, state = request.param.partition("-")
    yield from _dropped(databases, or_skip(lambda: databases.captured(kind, state)))


@pytest.fixture(params=KINDS)
def lived_in(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Database]:
    """A copy of the captured database with users, actions and nine tasks, of each kind."""
    yield from _dropped(databases, or_skip(lambda: databases.captured(request.param, "lived-in")))


def _dropped(databases: Databases, made: Database) -> Iterator[Database]:
    """One of PostgreSQL is eight megabytes of memory, and there are more than a thousand tests with one."""
    yield made
    databases.drop(made)


def or_skip(make: Callable[[], Database]) -> Database:
    """A backend that is missing skips the test; in CI it fails it."""
    try:
        return make()
    except Unavailable as reason:
        if os.environ.get("CI"):
            pytest.fail(str(reason))
        pytest.skip(str(reason))
