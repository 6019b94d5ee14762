"""Fires that are counted are as many as there are when one goes from one to the next."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.schedule import Cron, next_fire, parse
from reconciler.schedule.counting import count_fires
from reconciler.schedule.offsets import offsets_of
from tests.schedule.samples import TEXTS, ZONES

YEAR = 366 * 86_400
START = 1_767_225_600  # 2026-01-01


def cron_of(text: str) -> Cron:
    rule = parse(text).rule
    assert isinstance(rule, Cron)
    return rule


def chain(text: str, zone: str, since: int, until: int) -> int:
    count, second = 0, next_fire(cron_of(text), offsets_of(ZoneInfo(zone)), since)
    while second is not None and second <= until:
        count, second = count + 1, next_fire(cron_of(text), offsets_of(ZoneInfo(zone)), second)
    return count


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(TEXTS),
    st.sampled_from(ZONES),
    st.integers(min_value=0, max_value=2 * YEAR),
    st.integers(min_value=-10, max_value=40 * 86_400),
)
def test_as_many_as_in_a_chain(text: str, zone: str, since: int, length: int) -> None:
    """Over changes of the clocks, in zones that skip a midnight or move by half an hour too."""
    since += START
    expected = chain(text, zone, since, since + length)
    assert count_fires(cron_of(text), offsets_of(ZoneInfo(zone)), since, since + length) == expected


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("text", TEXTS[1:])
def test_a_long_span(text: str, zone: str) -> None:
    until = START + 9 * YEAR
    expected = chain(text, zone, START, until)
    assert count_fires(cron_of(text), offsets_of(ZoneInfo(zone)), START, until) == expected


def test_the_leap_days_of_a_century_that_the_engine_does_not_reach() -> None:
    """From 2096 to 2104 there is none, and the engine looks ahead for five years only."""
    start, until = 3_976_214_400, 4_260_211_200  # 2096-01-01, 2105-01-01
    assert count_fires(cron_of("0 0 29 2 *"), offsets_of(ZoneInfo("UTC")), start, until) == 1


def test_decades() -> None:
    """Every minute since 1970 is more than anybody wants to go through."""
    rule, offsets = cron_of("* * * * *"), offsets_of(ZoneInfo("America/New_York"))
    assert count_fires(rule, offsets, 0, START) == START // 60
