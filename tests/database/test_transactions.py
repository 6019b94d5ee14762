"""A run's transaction: begun once its row says so, committed with the row's end, and who it is of."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciler.database.claiming import NewRun
from reconciler.database.identity import Identity
from reconciler.database.runs import begin_run, claim_runs, commit_run, read_runs
from reconciler.database.statements import execute, query
from reconciler.database.target import Target, roll_back
from reconciler.errors import ReconcilerError
from tests.database.build import applying, writing
from tests.databases import Database
from tests.scheduler.build import registered

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PROCESS = bytes(15) + b"\1"
ANN = 3
MARK, MARKED = "UPDATE usergroup SET name = 'marked' WHERE id = 3", "SELECT name FROM usergroup WHERE id = 3"


@pytest.fixture
def target(lived_in: Database) -> Iterator[Target]:
    with applying(lived_in):
        pass
    with writing(lived_in) as target:
        yield target


def claim(target: Target) -> bytes:
    run_id = uuid.uuid4().bytes
    new = NewRun(run_id, uuid.uuid4().bytes, NOON, "tick", "event", "log_run", "ann@example.com")
    assert claim_runs(target, PROCESS, [new], now=NOON) == {run_id}
    return run_id


def begin(target: Target, run_id: bytes, now: datetime = NOON, **names: Any) -> Identity | None:
    known = registered().row._replace(entity_name="event", action_name="log_run", as_user_id=ANN)
    return begin_run(target, run_id, known._replace(**names), now)


def is_open(target: Target) -> bool:
    return target.dialect.in_transaction(target)


def test_a_run_goes_its_way_once(target: Target) -> None:
    started, finished, run_id = NOON + timedelta(seconds=1), NOON + timedelta(seconds=3), claim(target)
    identity = begin(target, run_id, started)
    assert identity is not None
    assert identity.user is not None
    assert (identity.user.email, identity.groups) == ("ann@example.com", ("ops", "users"))
    assert is_open(target)
    execute(target, MARK)
    assert commit_run(target, run_id, finished)
    assert not is_open(target)
    (found,) = read_runs(target)
    assert (found.state, found.started_at, found.finished_at) == ("ok", started, finished)
    assert query(target, MARKED) == [("marked",)]
    assert begin(target, run_id, started) is None, "it has ended"
    assert not is_open(target)


def test_that_it_runs_is_committed_at_once_and_the_rest_is_undone(target: Target) -> None:
    run_id = claim(target)
    assert begin(target, run_id) is not None
    execute(target, MARK)
    roll_back(target)
    assert [run.state for run in read_runs(target)] == ["running"]
    assert query(target, MARKED) != [("marked",)]


def test_what_began_may_be_asked_again_with_the_same_moment_alone(target: Target) -> None:
    run_id = claim(target)
    for now, is_ours in ((NOON, True), (NOON, True), (NOON + timedelta(seconds=1), False)):
        assert (begin(target, run_id, now) is not None) == is_ours
        roll_back(target)


def test_a_run_that_was_declared_lost_commits_nothing(target: Target) -> None:
    run_id = claim(target)
    begin(target, run_id)
    execute(target, MARK)
    execute(target, "UPDATE reconciler_run SET state = 'lost'")
    assert not commit_run(target, run_id, NOON)
    assert not is_open(target)
    assert [run.state for run in read_runs(target)] == ["running"], "it was declared in the same transaction"
    assert query(target, MARKED) != [("marked",)]


def test_a_transaction_that_failed_does_not_commit(target: Target) -> None:
    """An action may have caught the error of its statement."""
    run_id = claim(target)
    begin(target, run_id)
    with pytest.raises(ReconcilerError):
        execute(target, "SELECT no_such_column FROM task")
    if target.kind == "postgresql":  # the others go on after a statement that failed
        with pytest.raises(ReconcilerError, match="aborted"):
            commit_run(target, run_id, NOON)
        assert not is_open(target)
        assert [run.state for run in read_runs(target)] == ["running"]


@pytest.mark.parametrize(
    "name", ["it's", "a\\", "x'); DROP TABLE effect; --", "100%s %(n)b", "日本 ☕", '"', "$1"]
)
def test_names_are_values(name: str, target: Target) -> None:
    run_id = claim(target)
    identity = begin(target, run_id, entity_name=name, action_name=name)
    assert identity is not None
    assert (identity.catalogue.entities, identity.action) == ({}, None)
    assert identity.user is not None
    roll_back(target)
    execute(target, "UPDATE world SET table_name = %s WHERE table_name = 'event'", (name,))
    execute(target, "UPDATE action SET action_name = %s WHERE action_name = 'log_run'", (name,))
    identity = begin(target, run_id, entity_name=name, action_name=name)
    assert identity is not None
    assert identity.action is not None
    assert (identity.action.entity_name, identity.action.name) == (name, name)


def test_one_connection_runs_many(target: Target) -> None:
    for number in range(12):  # more than it takes for a server to keep a plan
        run_id = claim(target)
        begin(target, run_id)
        assert commit_run(target, run_id, NOON + timedelta(seconds=number))
    assert {run.state for run in read_runs(target)} == {"ok"}
