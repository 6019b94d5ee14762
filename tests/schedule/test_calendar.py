from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from reconciler.schedule import is_same, parse
from reconciler.schedule.calendar import anchored_after, dst_days, fires, fires_per_day

START = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=366)


def upsets(text, zone):
    found = dst_days(parse(text), START, START + YEAR, ZoneInfo(zone))
    return [(upset.day.isoformat(), upset.kind, upset.fires) for upset in found]


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        # New York: 2 to 3 o'clock is left out on 8 March, 1 to 2 o'clock comes twice on 1 November
        ("30 2 * * *", "America/New_York", [("2026-03-08", "skipped", 1)]),
        ("30 1 * * *", "America/New_York", [("2026-11-01", "twice", 1)]),
        ("*/20 1-3 * * *", "America/New_York", [("2026-03-08", "skipped", 3), ("2026-11-01", "twice", 3)]),
        ("30 2 * * 1", "America/New_York", []),
        ("30 2 8 3 *", "America/New_York", [("2026-03-08", "skipped", 1)]),
        ("0 3 * * *", "America/New_York", []),
        ("0 1 * * *", "America/New_York", [("2026-11-01", "twice", 1)]),
        ("0 2 * * *", "America/New_York", [("2026-03-08", "skipped", 1)]),
        # every hour, every quarter: in step on both sides
        ("@hourly", "America/New_York", []),
        ("*/15 * * * *", "Europe/Berlin", []),
        # Berlin: 2 to 3 o'clock on 29 March and 25 October
        ("30 2 * * *", "Europe/Berlin", [("2026-03-29", "skipped", 1), ("2026-10-25", "twice", 1)]),
        (
            "CRON_TZ=Europe/Berlin 30 2 * * *",
            "UTC",
            [("2026-03-29", "skipped", 1), ("2026-10-25", "twice", 1)],
        ),
        # Cairo and Havana change at midnight
        ("@daily", "Africa/Cairo", [("2026-04-24", "skipped", 1)]),
        ("@daily", "America/Havana", [("2026-03-08", "skipped", 1), ("2026-11-01", "twice", 1)]),
        # where midnight is skipped the engine does not notice the new day: Thursday's search ends on Friday
        ("0 10 * * 4", "Africa/Cairo", [("2026-04-24", "astray", 1)]),
        ("0 10 * * 5", "Africa/Cairo", [("2026-04-24", "skipped", 1)]),
        # Lord Howe moves by half an hour: the engine's hourly steps leave the clock for the rest of the day
        ("0 8 * * *", "Australia/Lord_Howe", [("2026-04-05", "skipped", 1), ("2026-10-04", "skipped", 1)]),
        # no changes at all
        ("30 2 * * *", "UTC", []),
        ("30 2 * * *", "Asia/Tokyo", []),
        ("@every 24h", "America/New_York", []),
        (", 2 * * *", "America/New_York", []),
    ],
)
def test_days_on_which_the_clocks_upset_it(text, zone, expected):
    assert upsets(text, zone) == expected


def test_the_change_itself_is_told():
    [upset] = dst_days(parse("30 2 * * *"), START, START + YEAR, ZoneInfo("America/New_York"))
    assert upset.change.isoformat() == "2026-03-08T03:00:00-04:00"
    assert upset.day == date(2026, 3, 8)


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Asia/Beirut", "Pacific/Chatham"])
@pytest.mark.parametrize(
    "text", ["30 2 * * *", "15 3 * * *", "0 0 * * *", "30 1 * * 0", "0 12 * * *", "0 1-4 * * *"]
)
def test_they_are_those_that_a_whole_year_shows(text, zone):
    """Every local time that the fields name, beside every fire of the year."""
    schedule, clock = parse(text), ZoneInfo(zone)
    named = [
        moment
        for day in range(366)
        for minute in range(0, 1440, 15)
        if _matches(text, moment := datetime(2026, 1, 2) + timedelta(days=day, minutes=minute))
    ]
    fired = [one.replace(tzinfo=None, fold=0) for one in fires(schedule, START, clock, 2000)]
    fired = [one for one in fired if named[0] <= one <= named[-1]]
    days = {(one.date(), "skipped") for one in named if one not in set(fired)}
    days |= {(one.date(), "twice") for one in fired if fired.count(one) > 1}
    days |= {(one.date(), "astray") for one in fired if one not in set(named)}
    found = dst_days(schedule, START, START + YEAR, clock)
    assert {(upset.day, upset.kind) for upset in found} == days


def _matches(text, moment):
    minute, hour, _, _, weekday = text.split()
    hours = range(*(int(one) + plus for plus, one in enumerate((hour.split("-") * 2)[:2])))
    wanted = weekday == "*" or int(weekday) == moment.isoweekday() % 7
    return moment.minute == int(minute) and moment.hour in hours and wanted


def test_fires_are_in_the_schedules_zone():
    found = fires(parse("CRON_TZ=Asia/Tokyo 0 6 * * *"), START, ZoneInfo("UTC"), 2)
    assert [one.isoformat() for one in found] == ["2026-01-02T06:00:00+09:00", "2026-01-03T06:00:00+09:00"]
    assert fires(parse("0 0 30 2 *"), START, ZoneInfo("UTC"), 3) == []


def test_an_interval_counts_from_its_anchor():
    schedule = parse("@every 90m")
    anchor = datetime(2026, 1, 1, 0, 0, 30, 999, tzinfo=UTC)
    expected = {0: "01:30:30", 89: "01:30:30", 91: "03:00:30", -600: "01:30:30"}
    for minutes, clock in expected.items():
        answer = anchored_after(schedule, anchor, anchor + timedelta(minutes=minutes))
        assert answer is not None
        assert answer.isoformat() == f"2026-01-01T{clock}+00:00"


def test_a_fire_on_the_anchors_beat_is_not_repeated():
    anchor = datetime(2026, 1, 1, tzinfo=UTC)
    assert anchored_after(parse("@every 1h"), anchor, anchor + timedelta(hours=3)) == anchor + timedelta(
        hours=4
    )
    assert anchored_after(parse("0 8 * * *"), anchor, anchor) is None
    assert anchored_after(parse("@every 2562047h"), anchor, datetime(9990, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("* * * * *", 1440),
        ("0 9-17 * * 1-5", 9 * 5 / 7),
        ("@every 15m", 96),
        ("0 0 29 2 *", 97 / 146_097),
        ("0 0 30 2 *", 0),
        ("0 0 1 1 1", (400 * 52 + 71 + 400 - 58) / 146_097),
    ],
)
def test_fires_per_day(text, expected):
    if text == "0 0 1 1 1":  # Mondays of January and New Year's Day, counted one by one
        days = (date(year, 1, day) for year in range(2000, 2400) for day in range(1, 32))
        expected = sum(day.day == 1 or day.isoweekday() == 1 for day in days) / 146_097
    assert fires_per_day(parse(text)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("@daily", "0 0 * * *", True),
        ("*/15 * * * *", "0,15,30,45 * * * *", True),
        ("0 8 * * 1-5", "0 8 * * mon-fri", True),
        ("@every 1h", "@every 60m", True),
        ("@every 1h", "@hourly", False),
        ("0 8 * * 1-5", "0 8 * * 2-6", False),
        ("0 8 13 * 5", "0 8 13 * *", False),
        ("0 8 * * *", "CRON_TZ=UTC 0 8 * * *", False),
    ],
)
def test_whether_two_spellings_mean_the_same(one, other, expected):
    assert is_same(parse(one), parse(other)) is expected
