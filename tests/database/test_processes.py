"""Processes, holds and anchors: who is alive, what is paused, from when intervals count."""

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from reconciler.database.anchors import anchors, read_anchors
from reconciler.database.claiming import NewRun
from reconciler.database.holds import read_holds
from reconciler.database.processes import (
    Process,
    database_now,
    end_process,
    forget_processes,
    heartbeat,
    read_loaded,
    read_processes,
    record_loaded,
    register_process,
)
from reconciler.database.runs import claim_runs
from reconciler.database.tables import reconciler_hold
from reconciler.database.target import Target
from reconciler.database.transactions import locked, transaction
from reconciler.planning.changes import Hold
from tests.database.build import writing
from tests.databases import Database

NOON = datetime(2026, 11, 24, 12, 0, 0, 250000, tzinfo=UTC)
LEASE = 15.0
LOADED = {"0a" * 16: ["f00d", "@every 5s", "café"]}
PROCESS = Process(
    process_id=bytes(15) + b"\1",
    kind="scheduler",
    host="web-1",
    pid=4242,
    tool="1.2.3",
    timezone="Europe/Berlin",
    started_at=NOON,
    heartbeat_at=NOON,
    settled_until=NOON,
)


def only(target: Target) -> Process:
    (found,) = read_processes(target)
    return found


def silent_for(database: Database, seconds: float) -> None:
    """As if a process had not been heard of, by the database's clock."""
    with writing(database) as target:
        beat = (database_now(target) - timedelta(seconds=seconds)).replace(tzinfo=None)
    database.query("UPDATE reconciler_process SET heartbeat_at = ?", (str(beat),))


def test_a_process_is_read_as_it_registered(history: Database) -> None:
    with writing(history) as target:
        register_process(target, PROCESS, LOADED)
        found = only(target)
        assert abs((found.heartbeat_at - database_now(target)).total_seconds()) < 30
        same = dataclasses.replace(found, heartbeat_at=PROCESS.heartbeat_at, age=0.0)
        assert same == PROCESS
        (with_loaded,) = read_processes(target, with_loaded=True)
        assert with_loaded.loaded == LOADED
        assert read_loaded(target, PROCESS.process_id) == LOADED
        record_loaded(target, PROCESS.process_id, {})
        assert read_loaded(target, PROCESS.process_id) == {}
        assert read_loaded(target, b"nobody") == {}


def test_a_lease_runs_out_and_a_sign_of_life_renews_it(history: Database) -> None:
    with writing(history) as target:
        register_process(target, PROCESS, {})
        assert only(target).is_live(LEASE)
        silent_for(history, 20)
        silent = only(target)
        assert 19 < silent.age < 60
        assert not silent.is_live(LEASE)
        heard = heartbeat(target, PROCESS.process_id, NOON + timedelta(seconds=9))
        assert abs((heard - database_now(target)).total_seconds()) < 30
        back = only(target)
        assert back.is_live(LEASE)
        assert (back.heartbeat_at, back.settled_until) == (heard, NOON + timedelta(seconds=9))
        heartbeat(target, PROCESS.process_id, None)
        assert only(target).settled_until == NOON + timedelta(seconds=9)


def test_the_database_tells_the_time_in_utc(history: Database) -> None:
    """The servers of the tests are in a zone of their own."""
    with writing(history) as target:
        assert abs((database_now(target) - datetime.now(UTC)).total_seconds()) < 30


def test_one_that_has_ended_stays_so(history: Database) -> None:
    """Its housekeeper may still beat once, until the process is gone."""
    with writing(history) as target:
        register_process(target, PROCESS, {})
        end_process(target, PROCESS.process_id, NOON)
        assert not only(target).is_live(LEASE)
        heartbeat(target, PROCESS.process_id, NOON)
        ended = only(target)
        assert ended.ended_at == NOON
        assert not ended.is_live(LEASE)


def test_claims_say_up_to_when_all_is_settled(history: Database) -> None:
    later = NOON + timedelta(seconds=5)
    run = NewRun(bytes(16), bytes(16), NOON, "tick", "event", "log_run", None)
    with writing(history) as target:
        register_process(target, PROCESS, {})
        claim_runs(target, PROCESS.process_id, [run], now=NOON)
        assert only(target).settled_until == NOON
        claim_runs(target, PROCESS.process_id, [], now=NOON, settled_until=later)
        assert only(target).settled_until == later


def test_the_newest_process_comes_first_and_silent_ones_are_forgotten(history: Database) -> None:
    with writing(history) as target:
        for number in (1, 3, 2):
            started = NOON + timedelta(hours=number)
            process_id = bytes(15) + bytes([number])
            register_process(
                target, dataclasses.replace(PROCESS, process_id=process_id, started_at=started), {}
            )
        assert [one.process_id[-1] for one in read_processes(target)] == [3, 2, 1]
        silent_for(history, 3600)
        heartbeat(target, bytes(15) + b"\2", None)
        forget_processes(target, database_now(target) - timedelta(minutes=30))
        assert [one.process_id[-1] for one in read_processes(target)] == [2]


def test_a_hold_holds_until_it_ends(history: Database) -> None:
    task = bytes(15) + b"\7"
    values = {"reference_id": task, "reason": "migration", "who": "ann", "created_at": NOON}
    with writing(history) as target:
        target.connection.execute(insert(reconciler_hold).values(until=NOON + timedelta(hours=1), **values))
        hold = Hold(until=NOON + timedelta(hours=1), reason="migration", who="ann")
        assert read_holds(target, NOON) == {task: hold}
        assert read_holds(target, NOON + timedelta(minutes=59, seconds=59)) == {task: hold}
        assert read_holds(target, NOON + timedelta(hours=1)) == {}


def test_an_interval_counts_from_its_first_start(history: Database) -> None:
    later, changed = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
    kept, moved, new = (bytes(15) + bytes([number]) for number in (1, 2, 3))
    with writing(history) as target:
        assert read_anchors(target) == {}
        assert anchors(target, {kept: 10, moved: 10}, NOON) == {kept: NOON, moved: NOON}
        assert anchors(target, {kept: 10, moved: 20, new: 5}, later) == {
            kept: NOON,
            moved: later,
            new: later,
        }
        assert read_anchors(target) == {kept: (10, NOON), moved: (20, later), new: (5, later)}
        assert anchors(target, {kept: 10}, changed) == {kept: NOON}
        assert anchors(target, {}, changed) == {}
        assert len(read_anchors(target)) == 3, "a task that is switched off for a while keeps its phase"


def test_processes_that_start_together_agree_on_anchors(history: Database) -> None:
    keys = {number.to_bytes(16, "big"): 5 for number in range(500)}
    gate = threading.Barrier(2)

    def start(now: datetime) -> dict[bytes, datetime]:
        with writing(history) as target:
            gate.wait(30)
            with locked(target, 30), transaction(target):
                return dict(anchors(target, keys, now))

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(start, (NOON, NOON + timedelta(seconds=3))))
    assert found[0] == found[1]
    assert len(set(found[0].values())) == 1
