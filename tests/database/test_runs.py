"""Runs: each moment claimed once, each end written once, nothing of it lost or read in vain."""

import threading
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciler.database.claiming import NewRun
from reconciler.database.runs import (
    START,
    Ending,
    RunRecord,
    active_runs,
    claim_runs,
    commit_run,
    complete_run,
    end_runs,
    moments_between,
    open_runs,
    processes_of_open_runs,
    prune_runs,
    read_runs,
    sweep_runs,
)
from reconciler.database.statements import execute, moment
from reconciler.database.target import Target
from reconciler.database.transactions import atomic
from reconciler.errors import ReconcilerError
from tests.database.build import reading, writing
from tests.databases import Database

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ONE, OTHER = bytes(15) + b"\1", bytes(15) + b"\2"  # processes


def reference(name: str) -> bytes:
    return uuid.uuid5(uuid.NAMESPACE_OID, name).bytes


def new_run(name: str = "tick", moment: datetime = NOON, **fields: Any) -> NewRun:
    known = {"entity_name": "event", "action_name": "log_run", "as_user": "ann@example.com"}
    return NewRun(uuid.uuid4().bytes, reference(name), moment, name, **{**known, **fields})


def claimed(target: Target, *runs: NewRun, process_id: bytes = ONE) -> Sequence[NewRun]:
    assert claim_runs(target, process_id, runs, now=NOON) == {run.run_id for run in runs}
    return runs


def states(target: Target) -> dict[str, str]:
    return {run.name: run.state for run in read_runs(target, limit=10_000)}


# Claims


def test_a_moment_is_claimed_once(history: Database) -> None:
    first, second, later = new_run(), new_run(), new_run(moment=NOON + timedelta(seconds=1))
    with writing(history) as target:
        assert claim_runs(target, ONE, [first], now=NOON) == {first.run_id}
        assert claim_runs(target, OTHER, [second, later], now=NOON) == {later.run_id}
        assert claim_runs(target, OTHER, [second], now=NOON) == frozenset()
        assert claim_runs(target, OTHER, [], now=NOON) == frozenset()
        found = read_runs(target)
    assert [(run.run_id, run.process_id) for run in found] == [(later.run_id, OTHER), (first.run_id, ONE)]


def test_a_run_is_read_as_it_was_written(history: Database) -> None:
    moment = datetime(2026, 11, 24, 11, 59, 59, 123456, tzinfo=UTC)
    run = new_run("café ☕", moment, as_user=None, cause="catch-up")
    span = new_run("gap", moment, state="missed", missed_until=NOON, missed_count=7, error="an outage")
    with writing(history) as target:
        claim_runs(target, ONE, [run, span], now=NOON)
        found = {one.name: one for one in read_runs(target)}
    assert found["café ☕"] == RunRecord(
        run_id=run.run_id,
        reference_id=run.reference_id,
        moment=moment,
        name="café ☕",
        as_user=None,
        cause="catch-up",
        state="claimed",
        started_at=None,
        finished_at=None,
        error=None,
        missed_until=None,
        missed_count=None,
        entity_name="event",
        action_name="log_run",
        process_id=ONE,
        claimed_at=NOON,
    )
    told = found["gap"]
    assert (told.state, told.missed_until, told.missed_count) == ("missed", NOON, 7)
    assert told.error == "an outage"


def test_names_that_a_collation_takes_for_equal_are_tasks_of_their_own(history: Database) -> None:
    with writing(history) as target:
        claimed(target, new_run("Job"), new_run("job"), new_run("jób"))
        assert [run.name for run in read_runs(target, name="job")] == ["job"]


def test_a_claim_that_fails_half_way_leaves_nothing(history: Database) -> None:
    taken = new_run("taken")
    with writing(history) as target:
        claimed(target, taken)
        broken = new_run("broken")._replace(name=None)  # type: ignore[arg-type]
        with pytest.raises(ReconcilerError, match="name"):
            claim_runs(target, ONE, [new_run("whole"), broken], now=NOON)
        assert states(target) == {"taken": "claimed"}


def test_of_many_fires_those_are_written_that_are_not_there(history: Database) -> None:
    """Among them before, between and behind what another process has, and of another moment."""
    later = NOON + timedelta(seconds=1)
    names = [f"task {number}" for number in range(200)]
    with writing(history) as target:
        claimed(target, *(new_run(name) for name in names[::3]), process_id=OTHER)
        claimed(target, *(new_run(name, later) for name in names[::7]), process_id=OTHER)
        runs = [new_run(name) for name in names]
        won = claim_runs(target, ONE, runs, now=NOON)
        assert won == {run.run_id for index, run in enumerate(runs) if index % 3}
        both = [new_run(name, moment) for moment in (NOON, later) for name in names]
        won = claim_runs(target, ONE, both, now=NOON)
        assert won == {run.run_id for index, run in enumerate(both[200:]) if index % 7}
        assert (
            claim_runs(target, ONE, [run._replace(run_id=uuid.uuid4().bytes) for run in runs], now=NOON)
            == set()
        )
        assert len(read_runs(target, limit=1000)) == 400


def test_two_processes_at_once_share_a_thousand_fires(history: Database) -> None:
    """Each in an order of its own, several seconds of them; every fire is claimed by exactly one."""
    moments = [NOON + timedelta(seconds=second) for second in range(4)]
    names = [f"task {number}" for number in range(1000)]
    gate = threading.Barrier(2)

    def claim(process_id: bytes, order: Callable[[list[str]], Sequence[str]]) -> set[bytes]:
        won: set[bytes] = set()
        with writing(history) as target:
            for moment in moments:
                runs = [new_run(name, moment) for name in order(names)]
                gate.wait(60)
                won |= claim_runs(target, process_id, runs, now=NOON)
        return won

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(claim, ONE, list)
        other = pool.submit(claim, OTHER, lambda all_: all_[::-1])
        first, second = one.result(120), other.result(120)
    assert not first & second
    assert len(first) + len(second) == 4000
    written = history.query("SELECT run_id, process_id FROM reconciler_run")
    assert {bytes(run) for run, process in written if bytes(process) == ONE} == first
    assert {bytes(run) for run, process in written if bytes(process) == OTHER} == second


def test_the_victim_of_a_deadlock_claims_again(history: Database) -> None:
    """Another program holds a later key and comes for an earlier one; it is the dearer one to roll back."""
    if history.kind == "sqlite":
        pytest.skip("there is one writer, so nobody waits crosswise")
    early, late, free = sorted((new_run(name) for name in "abc"), key=lambda run: run.reference_id)
    late, free = free, late
    with history.connection() as other, ThreadPoolExecutor(1) as pool:
        cursor = other.cursor()
        if history.kind == "postgresql":
            cursor.execute("SET deadlock_timeout = '20s'")  # so that ours is the one to notice
        for number in range(50):
            insert(cursor, new_run(f"ballast {number}"))
        insert(cursor, late)
        claiming = pool.submit(claim_three, history, [new_run(x.name) for x in (early, late, free)])
        wait_for_a_waiter(history)
        insert(cursor, early)
        other.commit()
        won = claiming.result(60)
    assert won == {free.name}


def claim_three(history: Database, runs: Sequence[NewRun]) -> set[str]:
    with writing(history) as target:
        won = claim_runs(target, ONE, runs, now=NOON)
    return {run.name for run in runs if run.run_id in won}


def insert(cursor: Any, run: NewRun) -> None:
    columns = "run_id, reference_id, moment, name, entity_name, action_name, cause, state"
    values = (run.run_id, run.reference_id, NOON.replace(tzinfo=None), run.name, "e", "a", "c", "claimed")
    cursor.execute(
        f"INSERT INTO reconciler_run ({columns}, process_id, claimed_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (*values, OTHER, NOON.replace(tzinfo=None)),
    )


def wait_for_a_waiter(history: Database) -> None:
    """In this database: others of the server have waiters of their own."""
    waiting = {
        "postgresql": "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE NOT granted AND datname = current_database()",
        "mysql": "SELECT count(*) FROM information_schema.innodb_trx JOIN information_schema.processlist"
        " ON id = trx_mysql_thread_id WHERE trx_state = 'LOCK WAIT' AND db = database()",
    }[history.kind]
    deadline = time.monotonic() + 20
    while history.query(waiting) == [(0,)]:
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.2)  # MariaDB looks again only when it was not asked for a tenth of a second


# Starts and ends


def running(target: Target, *runs: NewRun) -> None:
    for run in runs:
        execute(target, START, (moment(target, NOON), run.run_id, moment(target, NOON)))


def test_a_run_is_completed_once(history: Database) -> None:
    finished = NOON + timedelta(seconds=3)
    with writing(history) as target:
        (run,) = claimed(target, new_run())
        assert not complete_run(target, run.run_id, finished), "it does not run yet"
        running(target, run)
        assert complete_run(target, run.run_id, finished)
        assert not complete_run(target, run.run_id, finished)
        (found,) = read_runs(target)
    assert (found.state, found.started_at, found.finished_at) == ("ok", NOON, finished)


def test_endings_are_written_to_what_is_open(history: Database) -> None:
    names = ("claimed", "running", "ok", "lost")
    with writing(history) as target:
        runs = dict(zip(names, claimed(target, *map(new_run, names)), strict=True))
        running(target, *(runs[name] for name in ("running", "ok", "lost")))
        complete_run(target, runs["ok"].run_id, NOON)
        end_runs(target, [Ending(runs["lost"].run_id, "lost", "its process died", NOON)])
        later = NOON + timedelta(minutes=1)
        end_runs(target, [Ending(run.run_id, "failed", "the door is closed", later) for run in runs.values()])
        end_runs(target, [])
        found = {run.name: (run.state, run.error, run.finished_at) for run in read_runs(target)}
    assert found == {
        "claimed": ("failed", "the door is closed", later),
        "running": ("failed", "the door is closed", later),
        "ok": ("ok", None, NOON),
        "lost": ("lost", "its process died", NOON),
    }


def test_an_error_that_no_database_holds_is_written_all_the_same(history: Database) -> None:
    """What cannot be written would be tried for ever, and everything behind it."""
    with writing(history) as target:
        long, odd = claimed(target, new_run("long"), new_run("odd"))
        endings = [Ending(long.run_id, "failed", "x" * 5_000_000, NOON)]
        end_runs(target, [*endings, Ending(odd.run_id, "failed", "a\0b \udcff ☕", NOON)])
        found = {run.name: run.error for run in read_runs(target)}
    assert found == {"long": "x" * 10_000, "odd": "ab ? ☕"}


def test_the_sweeper_and_the_run_decide_it_in_the_database(history: Database) -> None:
    """A run that was declared lost while it went on cannot commit."""
    if history.kind == "sqlite":
        pytest.skip("one process only")
    with writing(history) as ours, writing(history) as sweeper:
        (run,) = claimed(ours, new_run())
        running(ours, run)
        with atomic(ours):
            assert [lost.run_id for lost in sweep_runs(sweeper, [ONE], NOON)] == [run.run_id]
            assert not commit_run(ours, run.run_id, NOON)
        assert states(ours) == {"tick": "lost"}


def test_what_dead_processes_left_is_swept_once(history: Database) -> None:
    with writing(history) as target:
        waiting, going, done = claimed(target, *map(new_run, ("waiting", "going", "done")))
        claimed(target, new_run("alive"), process_id=OTHER)
        running(target, going, done)
        complete_run(target, done.run_id, NOON)
        assert processes_of_open_runs(target) == {ONE, OTHER}
        assert sweep_runs(target, [], NOON) == []
        swept = sweep_runs(target, [ONE], NOON)
        assert {(lost.run_id, lost.name, lost.moment) for lost in swept} == {
            (waiting.run_id, "waiting", NOON),
            (going.run_id, "going", NOON),
        }
        assert sweep_runs(target, [ONE], NOON) == []
        assert processes_of_open_runs(target) == {OTHER}
        expected = {"waiting": "lost", "going": "lost", "done": "ok", "alive": "claimed"}
        assert states(target) == expected


def test_two_sweepers_tell_of_each_run_once(history: Database) -> None:
    with writing(history) as target:
        claimed(target, *(new_run(f"task {number}") for number in range(300)))
    gate = threading.Barrier(2)

    def sweep() -> list[bytes]:
        with writing(history) as target:
            gate.wait(60)
            return [lost.run_id for lost in sweep_runs(target, [ONE], NOON)]

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(sweep), pool.submit(sweep)
        told = first.result(60) + second.result(60)
    assert len(told) == len(set(told)) == 300


def test_the_open_runs_of_tasks_are_counted(history: Database) -> None:
    second = NOON + timedelta(seconds=1)
    with writing(history) as target:
        claimed(target, new_run("two"), new_run("two", second), new_run("other"))
        (done,) = claimed(target, new_run("done"))
        end_runs(target, [Ending(done.run_id, "failed", None, NOON)])
        asked = [reference(name) for name in ("two", "done", "never")]
        assert active_runs(target, asked) == {reference("two"): 2}
        assert active_runs(target, []) == {}


def test_more_tasks_than_a_statement_has_values(history: Database) -> None:
    with writing(history) as target:
        claimed(target, new_run("one"), new_run("other"))
        asked = [number.to_bytes(16, "big") for number in range(70_000)] + [reference("one")]
        assert active_runs(target, asked) == {reference("one"): 1}
        assert [state for _, state in open_runs(target, asked)[reference("one")]] == ["claimed"]


# History


def test_what_a_gap_has_runs_or_records_for(history: Database) -> None:
    """After `since`, up to `until`; a record of misses counts for its whole span."""

    def at(minute: int) -> datetime:
        return NOON + timedelta(minutes=minute)

    reaching_in = {"state": "missed", "missed_until": at(1), "missed_count": 3}
    before = {"state": "missed", "missed_until": at(0), "missed_count": 3}
    around = {"state": "missed", "missed_until": at(9), "missed_count": 3}
    with writing(history) as target:
        claimed(
            target,
            new_run("a", at(0)),
            new_run("a", at(1)),
            new_run("a", at(2)),
            new_run("a", at(3)),
            new_run("b", at(-5), **reaching_in),
            new_run("c", at(-5), **before),
            new_run("d", at(-5), **around),
            new_run("e", at(2), **around),
        )
        found = moments_between(target, at(0), at(2))
    spans = {
        key: sorted((run.moment, run.missed_until or run.moment) for run in runs)
        for key, runs in found.items()
    }
    assert spans == {
        reference("a"): [(at(1), at(1)), (at(2), at(2))],
        reference("b"): [(at(-5), at(1))],
        reference("d"): [(at(-5), at(9))],
        reference("e"): [(at(2), at(9))],
    }


def test_the_history_is_read_newest_first(history: Database) -> None:
    with writing(history) as target:
        runs = [new_run("a" if n % 2 else "b", NOON + timedelta(hours=n)) for n in range(6)]
        claimed(target, *runs)
        end_runs(target, [Ending(runs[3].run_id, "failed", "no", NOON)])
    with reading(history) as target:
        assert [run.moment.hour for run in read_runs(target)] == [17, 16, 15, 14, 13, 12]
        assert [run.moment.hour for run in read_runs(target, limit=2)] == [17, 16]
        assert [run.moment.hour for run in read_runs(target, name="a")] == [17, 15, 13]
        assert [run.name for run in read_runs(target, states=("failed", "lost"))] == ["a"]
        late = NOON + timedelta(hours=4)
        assert [run.moment.hour for run in read_runs(target, since=late)] == [17, 16]


def test_old_runs_are_forgotten_in_batches(history: Database) -> None:
    with writing(history) as target:
        old = [new_run("old", NOON + timedelta(seconds=second)) for second in range(25)]
        claimed(target, *old)
        end_runs(target, [Ending(run.run_id, "failed", None, NOON) for run in old[:24]])
        claimed(target, new_run("new", NOON + timedelta(days=1), state="skipped"))
        before = NOON + timedelta(hours=1)
        assert [prune_runs(target, before, 10) for _ in range(4)] == [10, 10, 4, 0]
        found = read_runs(target)
    assert [(run.name, run.state) for run in found] == [("new", "skipped"), ("old", "claimed")]


def test_the_oldest_are_forgotten_first(history: Database) -> None:
    with writing(history) as target:
        claimed(target, *(new_run("t", NOON + timedelta(hours=n), state="skipped") for n in (3, 0, 2, 1)))
        assert prune_runs(target, NOON + timedelta(days=1), 2) == 2
        assert [run.moment.hour for run in read_runs(target)] == [15, 14]


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("SELECT process_id FROM reconciler_run WHERE state IN ('claimed', 'running')", "open"),
        ("SELECT 1 FROM reconciler_run WHERE name = 'a' ORDER BY moment DESC LIMIT 20", "name"),
        ("SELECT 1 FROM reconciler_run WHERE moment > '2030-01-01' AND moment <= '2030-01-02'", "once"),
    ],
)
def test_the_history_is_not_gone_through(history: Database, statement: str, index: str) -> None:
    if history.kind != "sqlite":
        pytest.skip("the servers choose by their statistics; the indexes are the same")
    plan = history.query(f"EXPLAIN QUERY PLAN {statement}")
    assert f"reconciler_run_{index}" in str(plan)
