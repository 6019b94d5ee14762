"""What becomes of the moments at which no scheduler, or no database, was there."""

import itertools
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.databases import Database
from tests.scheduler.build import seconds
from tests.scheduler.conftest import eventually
from tests.scheduler.line import line_to
from tests.scheduler.program import apply, end, lines, runs, scheduler, task


def seconds_of(database: Database, name: str, **where: str) -> list[int]:
    """The moments of a task's runs, in order."""
    tests = "".join(f" AND {key} = ?" for key in where)
    statement = f"SELECT moment FROM reconciler_run WHERE name = ?{tests} ORDER BY moment"
    return [seconds(at) for (at,) in database.query(statement, (name, *where.values()))]


def missed(database: Database, name: str) -> list[tuple[int, int, int]]:
    """(first, last, count) of the records of a task's misses."""
    statement = (
        "SELECT moment, missed_until, missed_count FROM reconciler_run"
        " WHERE name = ? AND state = 'missed' ORDER BY moment"
    )
    return [
        (seconds(first), seconds(last), count) for first, last, count in database.query(statement, (name,))
    ]


def test_a_database_that_goes_away_and_comes_back(stage: Database) -> None:
    if stage.kind == "sqlite":
        pytest.skip("a file does not go away")
    apply(stage, [task("tick")])
    with line_to(stage) as (line, reached), scheduler(reached, "--max-lateness", "2s") as process:
        eventually(lambda: len(seconds_of(stage, "tick", state="ok")) >= 2)
        line.cut()
        eventually(lambda: any("the database is away" in one for one in lines()))
        time.sleep(5)
        before = len(seconds_of(stage, "tick", state="ok"))
        line.mend()
        eventually(lambda: missed(stage, "tick"))
        eventually(lambda: len(seconds_of(stage, "tick", state="ok")) >= before + 4)
        assert end(process) == 0
    assert len(missed(stage, "tick")) == 1, "one outage, one record"
    assert "INFO the database is back" in lines()
    explained_without_a_hole(stage, "tick")
    assert {state for _, state, _ in runs(stage)} <= {
        "ok",
        "missed",
        "failed",
    }  # of those, cut in their midst


def explained_without_a_hole(database: Database, name: str) -> None:
    """Each second from the first run to the last has a run or lies in a record of misses, and only one."""
    done = [*seconds_of(database, name, state="ok"), *seconds_of(database, name, state="failed")]
    for first, last, count in missed(database, name):
        assert count <= last - first + 1
        done += range(first, last + 1)
    assert sorted(set(done)) == list(range(min(done), max(done) + 1))


@pytest.mark.parametrize("policy", ["none", "once", "all"])
def test_a_time_without_a_scheduler(stage: Database, policy: str) -> None:
    apply(stage, [task("tick", Scheduler={"CatchUp": policy})])
    with scheduler(stage) as process:
        eventually(lambda: seconds_of(stage, "tick", state="ok"))
        assert end(process) == 0
    last = seconds_of(stage, "tick")[-1]
    time.sleep(4)
    with scheduler(stage) as process:
        eventually(lambda: len(seconds_of(stage, "tick", cause="schedule")) > 4)
        eventually(lambda: missed(stage, "tick") or policy == "all")
        eventually(lambda: policy == "none" or seconds_of(stage, "tick", state="ok", cause="catch-up"))
        assert end(process) == 0
    explained_without_a_hole(stage, "tick")
    records, caught = missed(stage, "tick"), seconds_of(stage, "tick", cause="catch-up")
    assert len(records) == (0 if policy == "all" else 1)
    assert {"none": not caught, "once": len(caught) == 1, "all": len(caught) >= 3}[policy]
    assert all(last < first <= until for first, until, _ in records)
    if policy == "once":
        assert caught[0] > records[0][1]  # the last one runs


def test_what_is_caught_up_runs_one_by_one_where_runs_may_not_overlap(stage: Database) -> None:
    slow = task("slow", "@every 1s", "sleep", Attributes={"seconds": 0.3})
    apply(stage, [{**slow, "Scheduler": {"CatchUp": "all", "Overlap": "skip"}}])
    with scheduler(stage) as process:
        eventually(lambda: seconds_of(stage, "slow", state="ok"))
        assert end(process) == 0
    time.sleep(4)
    with scheduler(stage) as process:
        eventually(lambda: len(seconds_of(stage, "slow", state="ok", cause="catch-up")) >= 3)
        assert end(process) == 0
    statement = "SELECT started_at, finished_at FROM reconciler_run WHERE state = 'ok' ORDER BY started_at"
    spans = [(str(start), str(finish)) for start, finish in stage.query(statement)]
    assert all(finish <= start for (_, finish), (start, _) in itertools.pairwise(spans))
    caught = "SELECT moment FROM reconciler_run WHERE cause = 'catch-up' AND state = 'ok' ORDER BY started_at"
    found = [seconds(at) for (at,) in stage.query(caught)]
    assert found == sorted(found)


def test_a_gap_that_nobody_lived_to_look_into_is_left_to_the_next(stage: Database) -> None:
    if stage.kind == "sqlite":
        pytest.skip("on SQLite there is nobody to wait for")
    apply(stage, [task("tick")])
    with scheduler(stage) as process:
        eventually(lambda: seconds_of(stage, "tick", state="ok"))
        assert end(process) == 0
    time.sleep(3)
    another(stage)
    with scheduler(stage) as process:
        eventually(lambda: len(seconds_of(stage, "tick", state="ok")) >= 4)
        assert missed(stage, "tick") == []  # the other one might still fire them
        process.kill()
        process.wait()
    stage.query("UPDATE reconciler_process SET heartbeat_at = '2020-01-01 00:00:00' WHERE ended_at IS NULL")
    with scheduler(stage) as process:
        eventually(lambda: missed(stage, "tick"))
        eventually(lambda: not runs(stage, state="claimed") and not runs(stage, state="running"))
        assert end(process) == 0
    done = {*seconds_of(stage, "tick")}
    for first, last, _ in missed(stage, "tick"):
        done |= set(range(first, last + 1))
    assert done == set(range(min(done), max(done) + 1))


def another(database: Database) -> None:
    """A scheduler that seems to live, and does not get on."""
    now = datetime.now(UTC).replace(tzinfo=None)
    values: tuple[Any, ...] = (b"\1" * 16, "scheduler", "h", 1, "t", "UTC", now, datetime(2100, 1, 1))
    columns = "process_id, kind, host, pid, tool, timezone, started_at, heartbeat_at"
    marks = ", ".join("?" * len(values))
    database.query(f"INSERT INTO reconciler_process ({columns}) VALUES ({marks})", values)
    database.query("UPDATE reconciler_process SET heartbeat_at = ? WHERE host = 'h'", (now,))
