"""The loop with a clock that is moved by hand."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler import schedule
from reconciler.scheduler.fires import Claim, Fire, Registered
from reconciler.scheduler.moments import moments_of
from reconciler.scheduler.timetable import Timetable, jitter_of
from tests.scheduler.build import Stage, registered, seconds

UTC = ZoneInfo("UTC")
START = seconds("2026-03-01T00:00:00")


def stage(*tasks: Registered, zone: ZoneInfo = UTC, start: int = START) -> Stage:
    timetable = Timetable(zone)
    timetable.load(tasks, {}, start)
    return Stage(timetable, start)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"])
@pytest.mark.parametrize(
    "text", ["30 2 * * *", "*/20 1-3 * * 0", "0 12 1 * *", "CRON_TZ=Asia/Tokyo 0 9 * * 1-5"]
)
def test_a_year_is_what_the_schedule_says(zone: str, text: str) -> None:
    """Over both changes of the clocks; the witness is the chain of `next_after`, which the vectors hold."""
    where, until = ZoneInfo(zone), START + 366 * 86_400
    one = stage(registered(schedule=text), zone=where)
    one.run_until(START, until)
    parsed, expected = schedule.parse(text), []
    from datetime import UTC as UTC_
    from datetime import datetime

    moment = parsed.next_after(datetime.fromtimestamp(START, UTC_), where)
    while moment is not None and moment.timestamp() <= until:
        expected.append(int(moment.timestamp()))
        moment = parsed.next_after(moment, where)
    assert [at for _, at in one.fired] == expected
    assert len(expected) >= 12
    assert one.gaps == []


def test_an_interval_counts_from_its_anchor() -> None:
    task = registered(schedule="@every 90s")
    timetable = Timetable(UTC)
    timetable.load([task], {task.row.reference_id: START - 1000}, START)
    one = Stage(timetable, START)
    one.run_until(START, START + 300)
    assert [at - START for _, at in one.fired] == [80, 170, 260]  # -1000 + n * 90


def test_many_tasks_of_one_second_fire_together() -> None:
    one = stage(*(registered(f"t{number}", "* * * * *") for number in range(5000)))
    one.run_until(START, START + 60)
    assert len(one.fired) == 5000
    assert {at for _, at in one.fired} == {START + 60}


def test_jitter_puts_the_start_off_and_claims_the_moment() -> None:
    task = registered("spread", "* * * * *", jitter=30)
    offset = jitter_of(task)
    assert 0 < offset <= 30  # of this name
    one = stage(task)
    one.pass_at(START + 60)
    assert one.fired == []
    assert one.pass_at(START + 60 + offset) == START + 120 + offset
    assert one.fired == [("spread", START + 60)]


def test_a_pass_that_comes_late_fires_what_is_not_too_late() -> None:
    one = stage(registered())
    one.run_until(START, START + 3)
    one.pass_at(START + 8.5)  # five seconds late
    assert [at - START for _, at in one.fired] == list(range(1, 9))
    assert one.gaps == []


def test_a_late_pass_claims_everything_at_once() -> None:
    """With the claims it is written down that every start up to then has been claimed: none may be left."""
    one = stage(registered("s"), registered("m", "* * * * *"))
    one.run_until(START, START + 57)
    batches: list[list[tuple[str, int]]] = []
    claim = one.claims.claim

    def watched(fires: Sequence[Fire], now: float) -> Sequence[Claim]:
        batches.append([(fire.task.row.name, fire.moment - START) for fire in fires])
        return claim(fires, now)

    one.claims.claim = watched  # type: ignore[method-assign]
    one.pass_at(START + 61.5)
    assert [sorted(batch) for batch in batches] == [[("m", 60), ("s", 58), ("s", 59), ("s", 60), ("s", 61)]]


def test_a_clock_that_jumps_forward_leaves_a_gap_and_no_burst() -> None:
    one = stage(registered())
    one.run_until(START, START + 3)
    one.pass_at(START + 3600)
    assert [at - START for _, at in one.fired] == [1, 2, 3, *range(3591, 3601)]
    assert [(gap.since - START, gap.until - START) for gap in one.gaps] == [(3, 3590)]


def test_a_clock_that_jumps_back_fires_nothing_twice() -> None:
    one = stage(registered())
    one.run_until(START, START + 60)
    one.run_until(START + 20, START + 70)
    assert [at - START for _, at in one.fired] == list(range(1, 71))


def test_fires_that_could_not_be_claimed_start_when_the_database_is_back() -> None:
    one = stage(registered())
    one.run_until(START, START + 2)
    one.claims.is_away = True
    again = one.pass_at(START + 3)
    assert again == START + 4
    assert one.pass_at(again) == START + 6  # the pauses double
    one.claims.is_away = False
    one.pass_at(START + 6)
    assert [at - START for _, at in one.fired] == [1, 2, 3, 4, 5, 6]


def test_a_database_that_stays_away_leaves_a_gap() -> None:
    one = stage(registered())
    one.run_until(START, START + 2)
    one.claims.is_away = True
    now: float = START + 3
    while now < START + 100:
        now = one.pass_at(now)
    one.claims.is_away = False
    one.run_until(now, START + 110)
    fired = {at - START for _, at in one.fired}
    gaps = {second for gap in one.gaps for second in range(gap.since - START + 1, gap.until - START + 1)}
    assert fired | gaps == set(range(1, 111))
    assert not fired & gaps


def test_one_outage_is_one_gap_that_grows() -> None:
    """Also where now and then nothing is due, so that a pass meets no failure."""
    one = stage(registered("hourly", "0 * * * *"), registered("odd", "7 * * * *"))
    one.run_until(START, START + 10)
    one.claims.is_away = True
    one.run_until(START + 11, START + 4 * 3600)
    assert len(one.gaps) > 3
    assert {gap.since for gap in one.gaps} == {one.gaps[0].since}
    one.claims.is_away = False
    one.run_until(START + 4 * 3600, START + 6 * 3600)
    one.claims.is_away = True
    one.run_until(START + 6 * 3600, START + 7 * 3600 + 600)
    assert len({gap.since for gap in one.gaps}) == 2


@settings(deadline=None)
@given(st.lists(st.floats(min_value=0.001, max_value=40), min_size=1, max_size=40))
def test_each_moment_fires_once_or_lies_in_a_gap(waits: list[float]) -> None:
    """Whenever the passes come."""
    one = stage(registered("s"), registered("m", "* * * * *"))
    now: float = START
    for wait in waits:
        now += wait
        one.pass_at(now)
    gaps = {second for gap in one.gaps for second in range(gap.since + 1, gap.until + 1)}
    for name, text in (("s", "@every 1s"), ("m", "* * * * *")):
        due = [*moments_of(text, START, UTC).between(START, int(now))]
        fired = [at for who, at in one.fired if who == name]
        assert len(fired) == len(set(fired))
        assert sorted({*fired, *(gaps & set(due))}) == due
        assert not set(fired) & gaps
