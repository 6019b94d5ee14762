"""A task whose Jitter shrinks between two loads: each of its moments is started, or looked into, and once."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import Literal

import pytest

from reconciler.database.runs import RunRecord
from reconciler.scheduler.fires import Registered
from reconciler.scheduler.loaded import loaded_of
from reconciler.scheduler.loop import Gap
from reconciler.scheduler.misses import had, put_off, settle
from reconciler.scheduler.timetable import Timetable, jitter_of
from tests.databases import Database
from tests.scheduler.build import Stage, registered, seconds
from tests.scheduler.conftest import eventually
from tests.scheduler.program import apply, end, lines, runs, scheduler, task
from tests.scheduler.test_misses import ZONE, record

START = seconds("2026-12-01T10:00:00")
JITTER = 300


def minutely(jitter: int, catch_up: Literal["none", "once", "all"] = "none") -> Registered:
    return registered("spread", "* * * * *", jitter=jitter, catch_up=catch_up)


OFFSET = jitter_of(minutely(JITTER))
LONG = START + 1000


def test_the_name_gives_an_offset_of_minutes() -> None:
    assert 120 < OFFSET < JITTER


def gaps_of(before: Registered, after: Registered, settled: int, now: int) -> list[tuple[Gap, Registered]]:
    """As the service opens them at its start, or where it reads the table again: then both are the same."""
    known = loaded_of([before], {})
    owed = put_off(known, had(known, [after]), settled, now, {})
    found = [(gap, task) for gap, some in owed.items() for task in some]
    return [(Gap(settled, now), after), *found] if settled < now else found


def moments_in(gap: Gap, task: Registered, runs: Sequence[RunRecord]) -> list[int]:
    """All that is looked into, by the policy that leaves none out."""
    task = task._replace(policy=replace(task.policy, catch_up="all"))
    caught, missed = settle([task], gap, {task.row.reference_id: runs}, {}, ZONE, lambda: b"x")
    assert missed == []
    return [int(claim.moment.timestamp()) for claim in caught]


@pytest.mark.parametrize("jitter", [0, 7, 30, 60, 119, JITTER, 2 * JITTER])
@pytest.mark.parametrize("outage", [0, 1, 20, 61, OFFSET - 1, OFFSET, OFFSET + 1, 900])
@pytest.mark.parametrize("ended", [LONG, LONG + 1, LONG + 17, LONG + 59])
def test_no_moment_is_lost_and_none_is_there_twice(jitter: int, outage: int, ended: int) -> None:
    before, after = minutely(JITTER), minutely(jitter)
    timetable = Timetable(ZONE)
    timetable.load([before], {}, START, fresh=())
    stage = Stage(timetable, START)
    stage.run_until(START, ended)
    settled, now = stage.loop.settled, ended + outage
    timetable.load([after], {}, now, fresh=())
    again = Stage(timetable, now)
    again.claims = stage.claims  # what has run is not granted again
    again.loop._claims = stage.claims
    again.run_until(now, now + 2000)
    started = [moment for _, moment in (*stage.fired, *again.fired)]
    runs = [record(before, moment) for _, moment in stage.fired]
    gaps = gaps_of(before, after, settled, now)
    looked_into = [moments_in(gap, task, runs) for gap, task in gaps]
    found = sorted([*started, *chain.from_iterable(looked_into)])
    assert found == list(range(found[0], found[-1] + 60, 60))
    assert found[0] <= START
    assert found[-1] >= now + 1000


def owed_at(second: int) -> list[int]:
    """The moments up to then whose starts were put off beyond it."""
    return [moment for moment in range(START, second + 1, 60) if moment + OFFSET > second]


def test_what_is_not_late_yet_runs_whatever_the_policy_says() -> None:
    """Read again at 10:10: with no jitter all that was put off beyond it is due."""
    before, after = minutely(JITTER), minutely(0)
    settled = START + 600
    ((gap, task),) = gaps_of(before, after, settled, settled)
    caught, missed = settle([task], gap, {}, {}, ZONE, lambda: b"x")
    assert missed == []
    assert [int(claim.moment.timestamp()) for claim in caught] == owed_at(settled)
    assert {claim.task.row for claim in caught} == {after.row}


def test_what_an_outage_kept_from_starting_was_missed() -> None:
    before, after = minutely(JITTER), minutely(0)
    settled, now = START + 600, START + 2000
    (_, late) = gaps_of(before, after, settled, now)
    caught, (missed,) = settle([late[1]], late[0], {}, {}, ZONE, lambda: b"x")
    assert caught == []
    assert missed.missed_count == len(
        [one for one in range(START, settled + 1, 60) if one + OFFSET > settled]
    )


@pytest.mark.parametrize("jitter", [JITTER, 2 * JITTER])
def test_as_much_jitter_as_before_or_more_owes_nothing(jitter: int) -> None:
    before, after = minutely(JITTER), minutely(jitter)
    assert jitter_of(after) >= OFFSET
    known = loaded_of([before], {})
    assert put_off(known, [after], START, START + 10, {}) == {}


def test_what_was_due_before_a_task_was_there_is_not_owed() -> None:
    """It was loaded after the first of two moments, and its jitter taken away before either would start."""
    before, after = minutely(JITTER), minutely(0)
    first, settled = START + 30, START + 90
    known = loaded_of([before], {})
    ((gap, (task,)),) = put_off(known, [after], settled, settled, {after.row.reference_id: first}).items()
    assert moments_in(gap, task, ()) == [START + 60]


def test_a_task_read_again_runs_what_was_put_off(stage: Database) -> None:
    """Its second is due minutes later; read again without jitter, each that was due runs, and once."""
    name = next(name for name in "abcdef" if jitter_of(registered(name, jitter=600)) > 60)
    apply(stage, [task(name, Scheduler={"Jitter": "10m"})])
    with scheduler(stage, "--reload-every", "1s") as process:
        eventually(lambda: any("Started" in line for line in lines()))
        time.sleep(3)
        assert runs(stage) == []
        apply(stage, [task(name)])
        eventually(lambda: len(runs(stage, state="ok")) > 6)
        assert end(process) == 0
    moments = stage.query("SELECT moment FROM reconciler_run WHERE cause = 'catch-up' ORDER BY moment")
    assert len(moments) >= 2
    ((anchor,),) = stage.query("SELECT anchor FROM reconciler_anchor")
    every = [second(one) for (one,) in stage.query("SELECT moment FROM reconciler_run ORDER BY moment")]
    assert every == list(range(second(anchor) + 1, every[-1] + 1))


def second(moment: datetime | str) -> int:
    """Of a moment of the database, a text in SQLite."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return int(at.replace(tzinfo=UTC).timestamp())
