"""The hours of a calendar against fires that are gone through one by one."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.schedule import Every, parse
from reconciler.schedule.calendar import anchored_after
from reconciler.schedule.hours import Entry, Span, hours_of
from tests.schedule.samples import TEXTS, ZONES

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")

texts = st.sampled_from(
    (*TEXTS, "CRON_TZ=Asia/Kolkata 15 */2 * * *", "CRON_TZ=Australia/Lord_Howe 0 2 * * *")
) | st.integers(20, 20_000).map(lambda seconds: f"@every {seconds}s")


def entry(name, text, anchor=NOW, since=None):
    return Entry(name=name, schedule=parse(text), anchor=anchor, since=since)


def span_of(first, days, zone):
    return Span.of([first + timedelta(days=number) for number in range(days)], zone)


def moments(one, span):
    """The fires of an entry within a span, one by one."""
    end = span.start + timedelta(minutes=span.minutes)
    if isinstance(one.schedule.rule, Every):
        # an anchor that lies far back, in step with the entry's own
        steps = 100_000_000 // one.schedule.rule.seconds
        anchor = one.anchor - steps * timedelta(seconds=one.schedule.rule.seconds)
        following = lambda moment: anchored_after(one.schedule, anchor, moment)  # noqa: E731 - one line each
    else:
        following = lambda moment: one.schedule.next_after(moment, span.zone)  # noqa: E731
    moment = following(span.start - timedelta(seconds=1))
    while moment is not None and moment < end:
        if one.since is None or moment >= one.since:
            yield moment.astimezone(span.zone)
        moment = following(moment)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(texts, min_size=1, max_size=5),
    st.sampled_from(ZONES),
    st.integers(0, 730),
    st.integers(0, 100_000),
)
def test_each_hour_has_the_fires_that_one_meets_on_the_way(found, zone, day, phase):
    span = span_of(date(2026, 1, 1) + timedelta(days=day), 3, ZoneInfo(zone))
    entries = [
        entry(f"task_{number}", text, NOW + timedelta(seconds=phase)) for number, text in enumerate(found)
    ]
    expected, names = Counter(), {}
    minutes = Counter()
    for one in entries:
        met = list(moments(one, span))
        for moment in met:
            expected[span.days.index(moment.date()), moment.hour] += 1
            names.setdefault((span.days.index(moment.date()), moment.hour), set()).add(one.name)
        minutes.update({(moment.replace(second=0), moment.fold) for moment in met})
    hours = hours_of(entries, span, 2)
    counts = {(day, hour): hours.counts[day][hour] for day in range(3) for hour in range(24)}
    assert counts == {place: expected[place] for place in counts}
    assert {place: set(hours.names[place[0]][place[1]]) for place in names} == names
    herds = {moment for (moment, _), count in minutes.items() if count > 1}
    assert hours.crowded == {(span.days.index(moment.date()), moment.hour) for moment in herds}
    assert hours.fires == sum(expected.values())


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_day_on_which_the_clocks_change(day, hours):
    span = span_of(date.fromisoformat(day), 1, BERLIN)
    assert span.minutes == hours * 60
    (counts,) = hours_of([entry("often", "*/10 * * * *")], span, 5).counts
    assert counts[2] == {23: 0, 24: 6, 25: 12}[hours]
    assert sum(counts) == hours * 6


def test_those_that_start_together():
    entries = [
        *(entry(f"nightly_{number}", "0 2 * * *") for number in range(3)),
        entry("weekly", "0 2 * * 1"),
        entry("alone", "1 2 * * *"),
    ]
    hours = hours_of(entries, span_of(date(2026, 10, 24), 7, BERLIN), 3)
    (herd,) = hours.herds
    assert herd.moment.isoformat() == "2026-10-26T02:00:00+01:00"
    assert herd.names == ("nightly_0", "nightly_1", "nightly_2", "weekly")
    assert herd.days == 7  # on one of them twice
    assert hours.crowded == {(day, 2) for day in range(7)}
    assert hours_of(entries, span_of(date(2026, 10, 24), 7, BERLIN), 5).herds == ()


def test_an_interval_below_a_minute_counts_each_time_but_once_in_a_herd():
    entries = [entry("seconds", "@every 25s"), entry("hourly", "0 * * * *")]
    hours = hours_of(entries, span_of(date(2026, 6, 1), 1, ZoneInfo("UTC")), 3)
    assert sum(hours.counts[0]) == 24 * 144 + 24
    assert hours.herds == ()


def test_what_is_on_hold_fires_from_its_end_on():
    since = datetime(2026, 6, 1, 10, 30, tzinfo=UTC)
    hours = hours_of(
        [entry("held", "0 * * * *", since=since)], span_of(date(2026, 6, 1), 1, ZoneInfo("UTC")), 5
    )
    assert hours.counts[0] == (*[0] * 11, *[1] * 13)


def test_few_names_of_a_full_hour_are_kept():
    entries = [entry(f"task_{number:02}", "0 2 * * *") for number in range(20)]
    hours = hours_of(entries, span_of(date(2026, 6, 1), 1, ZoneInfo("UTC")), 5)
    assert hours.names[0][2] == tuple(f"task_{number:02}" for number in range(8))
