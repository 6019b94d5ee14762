"""What is made of an outage, beside going through its moments one by one."""

from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.database.runs import RunRecord
from reconciler.scheduler.fires import Registered
from reconciler.scheduler.loop import Gap
from reconciler.scheduler.misses import settle
from reconciler.scheduler.moments import moments_of
from reconciler.scheduler.policies import MOST_CAUGHT_UP, Misses
from reconciler.scheduler.timetable import jitter_of
from tests.scheduler.build import registered, seconds

ZONE = ZoneInfo("America/New_York")
START = seconds("2026-03-08T00:00:00")  # seven hours before the clocks change

CatchUp = Literal["none", "once", "all"]


def record(task: Registered, moment: float, until: int | None = None, cause: str = "schedule") -> RunRecord:
    at = datetime.fromtimestamp(moment, UTC)
    return RunRecord(
        run_id=b"",
        reference_id=task.row.reference_id,
        moment=at,
        name=task.row.name,
        entity_name="job",
        action_name="note",
        as_user=None,
        cause=cause,
        state="ok" if until is None else "missed",
        process_id=b"",
        claimed_at=at,
        started_at=None,
        finished_at=None,
        error=None,
        missed_until=None if until is None else datetime.fromtimestamp(until, UTC),
        missed_count=None,
    )


def settled(task: Registered, gap: Gap, *runs: RunRecord, anchor: int = START) -> Misses:
    """What is decided of one task, in seconds."""
    key = task.row.reference_id
    caught, records = settle([task], gap, {key: runs}, {key: anchor}, ZONE, lambda: b"x")
    run = tuple(int(claim.moment.timestamp()) for claim in caught)
    if not records:
        return Misses(run)
    (one,) = records
    assert one.missed_until is not None
    assert one.missed_count is not None
    return Misses(run, int(one.moment.timestamp()), int(one.missed_until.timestamp()), one.missed_count)


def one_by_one(task: Registered, gap: Gap, runs: list[RunRecord], anchor: int) -> Misses:
    """The same by the plainest way."""
    offset, policy = jitter_of(task), task.policy
    moments = moments_of(task.row.schedule, anchor, ZONE).between(gap.since - offset, gap.until - offset)
    missed = [one for one in moments if not any(stands_for(run, one) for run in runs)]
    most = {"none": 0, "once": 1, "all": MOST_CAUGHT_UP}[policy.catch_up]
    reach = 0 if policy.window is None else gap.until - policy.window
    run = [one for one in (missed[-most:] if most else []) if one >= reach]
    rest = missed[: len(missed) - len(run)]
    return Misses(tuple(run), rest[0], rest[-1], len(rest)) if rest else Misses(tuple(run))


def stands_for(run: RunRecord, moment: int) -> bool:
    first, last = run.moment.timestamp(), (run.missed_until or run.moment).timestamp()
    return first <= moment <= last


@settings(deadline=None, max_examples=400)
@given(
    text=st.sampled_from(["@every 1s", "@every 90s", "* * * * *", "*/20 1-3 * * *", "30 2 * * *"]),
    anchor=st.integers(min_value=-100, max_value=100),
    since=st.integers(min_value=0, max_value=50_000),
    length=st.integers(min_value=0, max_value=10_000),
    ran=st.lists(st.integers(min_value=-100, max_value=10_000), max_size=8),
    missed=st.lists(st.tuples(st.integers(-500, 10_000), st.integers(0, 2000)), max_size=3),
    catch_up=st.sampled_from(["none", "once", "all"]),
    window=st.sampled_from([None, 45.0, 3600.0]),
    jitter=st.sampled_from([0, 40]),
)
def test_as_by_going_through_each_moment(
    text: str,
    anchor: int,
    since: int,
    length: int,
    ran: list[int],
    missed: list[tuple[int, int]],
    catch_up: CatchUp,
    window: float | None,
    jitter: int,
) -> None:
    task = registered("some", text, catch_up=catch_up, window=window, jitter=jitter)
    gap = Gap(START + since, START + since + length)
    moments = moments_of(text, START + anchor, ZONE)
    near = [moments.after(gap.since + second) or 0 for second in ran]
    spans = [(moments.after(gap.since + first) or 0, long) for first, long in missed]
    runs = [record(task, one) for one in near]
    runs += [record(task, first, first + long) for first, long in spans]
    expected = one_by_one(task, gap, runs, START + anchor)
    assert settled(task, gap, *runs, anchor=START + anchor) == expected


def test_an_outage_of_years_is_counted() -> None:
    """300 million moments."""
    task, years = registered(catch_up="all"), 10 * 365 * 86_400
    found = settled(task, Gap(START, START + years))
    assert found.run == tuple(range(START + years - MOST_CAUGHT_UP + 1, START + years + 1))
    assert found[1:] == (START + 1, START + years - MOST_CAUGHT_UP, years - MOST_CAUGHT_UP)


@pytest.mark.parametrize(
    ("catch_up", "run", "rest"),
    [("none", 0, 5), ("once", 1, 4), ("all", 5, 0)],
)
def test_days_of_an_outage_over_a_change_of_the_clocks(catch_up: str, run: int, rest: int) -> None:
    """At eight in New York: 13:00 UTC before the eighth of March, 12:00 from then on."""
    task = registered("daily", "0 8 * * *", catch_up=catch_up)
    gap = Gap(seconds("2026-03-06T23:00:00"), seconds("2026-03-11T23:00:00"))
    found = settled(task, gap)
    assert (len(found.run), found.number) == (run, rest)
    if rest:
        assert found.first == seconds("2026-03-07T13:00:00")
    if run:
        assert found.run[-1] == seconds("2026-03-11T12:00:00")


def test_a_run_by_hand_in_the_same_second_is_no_run_of_the_schedule() -> None:
    task = registered("by_hand", "* * * * *")
    by_hand = record(task, START + 60.25, cause="manual")
    assert settled(task, Gap(START, START + 100), by_hand).number == 1
    assert settled(task, Gap(START, START + 100), record(task, START + 60)).number == 0


def test_nothing_was_missed_before_an_interval_began() -> None:
    task = registered("later", "@every 10s")
    assert settled(task, Gap(START, START + 100), anchor=START + 80) == Misses((), START + 90, START + 100, 2)
