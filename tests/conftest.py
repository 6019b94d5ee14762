"""Fixtures that every test may use: databases of every kind."""

import contextlib
import os
from collections.abc import Callable, Iterator

import pytest

from tests.databases import KINDS, Database, Databases
from tests.servers import Unavailable

os.environ.pop("GITHUB_ACTIONS", None)  # there a run would print annotations, which is tested apart


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own
    with contextlib.ExitStack() as stack:
        yield Databases(shared=shared, own=own, stack=stack)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    """An empty database of each kind; on SQLite its file is not there yet."""
    return _or_skip(lambda: databases.empty(request.param))


@pytest.fixture(params=[f"{kind}-{state}" for kind in KINDS for state in ("fresh", "lived-in")])
def daptin(request: pytest.FixtureRequest, databases: Databases) -> Database:
    """A copy of each database that was captured from a running Daptin."""
    kind, _, state = request.param.partition("-")
    return _or_skip(lambda: databases.captured(kind, state))


@pytest.fixture(params=KINDS)
def lived_in(request: pytest.FixtureRequest, databases: Databases) -> Database:
    """A copy of the captured database with users, actions and nine tasks, of each kind."""
    return _or_skip(lambda: databases.captured(request.param, "lived-in"))


def _or_skip(make: Callable[[], Database]) -> Database:
    """A backend that is missing skips the test; in CI it fails it."""
    try:
        return make()
    except Unavailable as reason:
        if os.environ.get("CI"):
            pytest.fail(str(reason))
        pytest.skip(str(reason))
