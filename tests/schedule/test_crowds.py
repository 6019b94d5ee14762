"""The minutes in which schedules fire, counted for many of them at once; how close two fires come."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.schedule import parse
from reconciler.schedule.crowds import above, count_at, fire_minutes, tally
from reconciler.schedule.spacing import closest
from tests.schedule.samples import TEXTS, ZONES

START = datetime(2026, 1, 1, tzinfo=UTC)
LENGTH = 3 * 24 * 60

moments = st.integers(min_value=0, max_value=2 * 366 * 1440).map(
    lambda count: START + timedelta(minutes=count)
)


def one_by_one(text: str, start: datetime, zone: ZoneInfo) -> set[int]:
    schedule, found = parse(text), set()
    moment = schedule.next_after(start - timedelta(seconds=1), zone)
    while moment is not None and moment < start + timedelta(minutes=LENGTH):
        found.add((moment - start) // timedelta(minutes=1))
        moment = schedule.next_after(moment, zone)
    return found


def bits(number: int) -> set[int]:
    return {place for place in range(number.bit_length()) if number >> place & 1}


@settings(deadline=None, max_examples=300)
@given(st.sampled_from((*TEXTS, "CRON_TZ=Asia/Tokyo 15 */2 * * *")), st.sampled_from(ZONES), moments)
def test_the_minutes_are_those_of_the_fires(text: str, name: str, start: datetime) -> None:
    zone = ZoneInfo(name)
    assert bits(fire_minutes(parse(text), start, LENGTH, zone)) == one_by_one(text, start, zone)


@pytest.mark.parametrize(("text", "minutes"), [("@every 30s", 5), ("@every 1m", 5), ("@every 61s", 0)])
def test_an_interval_has_minutes_only_where_it_fires_in_each(text: str, minutes: int) -> None:
    assert fire_minutes(parse(text), START, 5, ZoneInfo("UTC")).bit_count() == minutes


@given(
    st.lists(st.tuples(st.integers(min_value=0, max_value=2**12 - 1), st.integers(0, 40)), max_size=40),
    st.integers(min_value=0, max_value=80),
)
def test_a_tally_counts(spans: list[tuple[int, int]], limit: int) -> None:
    counts: Counter[int] = Counter()
    for minutes, times in spans:
        counts.update(dict.fromkeys(bits(minutes), times))
    digits = tally(spans)
    assert [count_at(digits, minute) for minute in range(12)] == [counts[minute] for minute in range(12)]
    assert bits(above(digits, limit)) == {minute for minute, count in counts.items() if count > limit}


@pytest.mark.parametrize(
    ("text", "within", "expected"),
    [
        ("*/2 * * * *", 5, 2),
        ("*/5 * * * *", 5, None),
        ("0,7 8 * * *", 10, 7),
        ("0 0 * * *", 1440, None),
        ("0 0 * * *", 1441, 1440),
        ("0,59 0,23 * * 1", 2, None),
        ("0,59 0,23 * * 1,2", 2, 1),
        ("0 0 28 2 *", 365 * 1440, None),
        ("0 0 1 * *", 28 * 1440 + 1, 28 * 1440),
        ("0 0 31,1 * *", 1441, 1440),
        ("0 0 30 2 *", 99999, None),
        ("@every 5m", 5, None),
        ("@every 4m", 5, 4),
    ],
)
def test_how_close_two_fires_come(text: str, within: int, expected: int | None) -> None:
    found = closest(parse(text), timedelta(minutes=within))
    assert found == (None if expected is None else timedelta(minutes=expected))


@settings(deadline=None)
@given(
    st.sampled_from((*TEXTS, "55 23 * * *", "5,50 0,23 * * 1-3")), st.integers(min_value=1, max_value=3000)
)
def test_none_comes_closer(text: str, within: int) -> None:
    """In UTC, over four years, as seen from one fire to the next."""
    schedule, zone = parse(text), ZoneInfo("UTC")
    found = closest(schedule, timedelta(minutes=within))
    moment = schedule.next_after(START, zone)
    gaps = []
    for _ in range(200):
        following = schedule.next_after(moment, zone) if moment else None
        if moment is None or following is None:
            break
        gaps.append(following - moment)
        moment = following
    assert found is None or found < timedelta(minutes=within)
    assert all(gap >= (found or timedelta(minutes=within)) for gap in gaps)
