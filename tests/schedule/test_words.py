from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.schedule import Cron, parse
from reconciler.schedule.words import WEEKDAY_NAMES, describe, why_never

Z = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("* * * * *", "every minute (UTC)"),
        ("*/15 * * * *", "every 15 minutes (UTC)"),
        ("0,15,30,45 * * * *", "every 15 minutes (UTC)"),
        ("*/7 * * * *", "every hour at minutes 0 to 56 in steps of 7 (UTC)"),
        ("@hourly", "every hour, on the hour (UTC)"),
        ("5 * * * *", "every hour at minute 5 (UTC)"),
        ("0 8 * * *", "at 08:00 every day (UTC)"),
        ("30 8,12,18 * * *", "at 08:30, 12:30 and 18:30 every day (UTC)"),
        ("0 */3 * * *", "every 3 hours from midnight every day (UTC)"),
        ("0 9-17 * * 1-5", "on the hour from 09:00 to 17:00 from Monday to Friday (UTC)"),
        ("*/5 9-17 * * 1-5", "every 5 minutes in the hours 09 to 17 from Monday to Friday (UTC)"),
        ("10-20 3 * * *", "at minutes 10 to 20 of the hour 03 every day (UTC)"),
        ("0 12 1,15 * *", "at 12:00 on days 1 and 15 of the month (UTC)"),
        ("0 0 1 1-3,7 *", "at 00:00 on day 1 of the month in January to March and July (UTC)"),
        ("0 0 * * 0,6", "at 00:00 on Sundays and Saturdays (UTC)"),
        ("0 0 * * 0-6", "at 00:00 every day (UTC)"),
        ("* * * * 1", "every minute on Mondays (UTC)"),
        # either day field is enough, unless one has the engine's star flag
        ("0 0 13 * 5", "at 00:00 on day 13 of the month and also on Fridays (UTC)"),
        ("0 0 1-31 * 1", "at 00:00 every day (UTC)"),
        ("0 0 */1 * 1", "at 00:00 on Mondays (UTC)"),
        ("0 0 *,5 * 3", "at 00:00 on Wednesdays (UTC)"),
        ("0 0 */15 * 1", "at 00:00 on days 1, 16 and 31 of the month and also on Mondays (UTC)"),
        ("0 0 29 2 1", "at 00:00 on day 29 of the month and also on Mondays in February (UTC)"),
        ("0 0 , * 1", "at 00:00 on Mondays (UTC)"),
        ("CRON_TZ=America/New_York 30 6 * * *", "at 06:30 every day (America/New_York)"),
        ("@every 1h", "every hour, counted from its start"),
        ("@every 90m", "every 1 hour and 30 minutes, counted from its start"),
        ("@every 0s", "every second, counted from its start"),
        ("0 0 30 2 *", "never: day 30 does not exist in February"),
    ],
)
def test_words(text, words):
    assert describe(parse(text), Z) == words


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0 0 30,31 2 *", "days 30 and 31 do not exist in February"),
        ("0 0 31 4,6,9,11 *", "day 31 does not exist in April, June, September or November"),
        (", * * * *", "the list of the minute field is empty"),
        ("0 , * * *", "the list of the hour field is empty"),
        ("0 0 , * *", "the list of the day of month field is empty"),
        ("0 0 * , *", "the list of the month field is empty"),
        ("0 0 * * ,", "the list of the day of week field is empty"),
        ("0 0 29 2 *", None),
        ("0 0 30 2 1", None),
        ("0 0 1 * ,", None),
        ("@every 0s", None),
    ],
)
def test_why_never(text, reason):
    assert why_never(parse(text)) == reason


def test_the_schedulers_zone_is_named_where_the_schedule_names_none():
    assert describe(parse("0 8 * * *"), ZoneInfo("Asia/Tokyo")) == "at 08:00 every day (Asia/Tokyo)"


@given(st.sets(st.integers(0, 6), min_size=1, max_size=6))
def test_every_weekday_that_fires_can_be_read(days):
    schedule = parse(f"0 8 * * {','.join(map(str, days))}")
    words = describe(schedule, Z)
    first, to, last = words.partition(" from ")[2].removesuffix(" (UTC)").partition(" to ")
    named = {index for index, name in enumerate(WEEKDAY_NAMES) if name in words}
    if to:
        named = set(range(WEEKDAY_NAMES.index(first), WEEKDAY_NAMES.index(last) + 1))
    assert named == days


@given(st.sets(st.integers(0, 59), min_size=1), st.sets(st.integers(0, 23), min_size=1))
def test_words_depend_on_the_values_alone(minutes, hours):
    def schedule(order):
        fields = [",".join(map(str, order(values))) for values in (minutes, hours)]
        return parse(" ".join([*fields, "*", "*", "*"]))

    forward, backward = schedule(sorted), schedule(lambda values: sorted(values, reverse=True))
    assert isinstance(forward.rule, Cron)
    assert forward.rule == backward.rule
    assert describe(forward, Z) == describe(backward, Z)
