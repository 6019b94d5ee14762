from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from reconciler.checks import names, schedules


@pytest.fixture
def told(declare, offline):
    """The diagnostics of one schedule, by default in UTC: code, span, message and hint."""

    def diagnostics(text, zone="UTC"):
        found = schedules.check([declare(schedule=text)], replace(offline, timezone=ZoneInfo(zone)))
        assert all(one.pointer.path == ("Tasks", 0, "Schedule") for one in found)
        return [(one.code, one.pointer.span, one.message, one.hint) for one in found]

    return diagnostics


@pytest.mark.parametrize(
    "text",
    [
        "0 8 * * *",
        "@daily",
        "@every 1h",
        "@every 1s",
        "*/60 * * * *",
        "CRON_TZ=Asia/Tokyo 0 8 * * 1-5",
        "\t0 8 * * *\n",
    ],
)
def test_sound_schedules(told, text):
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "code", "span", "message", "hint"),
    [
        ("0 8 * * 7", "S001", (8, 9), "not a schedule: 7 is above the largest day of week, 6", "`0 8 * * 0`"),
        ("@every 1d", "S001", (8, 9), "`d` is no unit of time", "`@every 24h`"),
        ("TZ=UTC", "S001", (0, 6), "a space and a schedule are missing", "`CRON_TZ="),
        (
            "0 8 30 2 *",
            "S002",
            None,
            '"0 8 30 2 *" never fires: day 30 does not exist in February',
            "the month has",
        ),
        ("0 8 31 4,6 *", "S002", None, "day 31 does not exist in April or June", "last day of a month"),
        ("0 8 * * ,", "S002", None, "the list of the day of week field is empty", "`*` for every value"),
        (
            "@every 0s",
            "S003",
            None,
            '"0s" is not above zero: the engine would fire every second',
            "`@every 1s`",
        ),
        ("TZ=UTC @every -1h", "S003", None, '"-1h" is not above zero', "`@every 1s`"),
        ("@every 500ms", "S003", None, '"500ms" is below one second', "`@every 1s`"),
        ("0 8 29 2 *", "S004", None, "fires rarely: next on 2028-02-29, 463 days from now", "ignore[S004]"),
        (
            "0 8 13 * 5",
            "S005",
            (4, 10),
            "at 08:00 on day 13 of the month and also on Fridays",
            "let the action check",
        ),
        (
            "0 8 */2 * 1",
            "S005",
            (4, 11),
            "day of month `*/2` and day of week `1` are both restricted",
            "let the action",
        ),
        ("0 8 1-31 * 1", "S005", (4, 12), "fires when either matches: at 08:00 every day", "let the action"),
        ("*/90 * * * *", "S006", (0, 4), "`*/90` is larger than its range, which has 60 values", "write `0`"),
        ("0 8 10-10/2 * *", "S006", (4, 11), "has 1 value: it means day of month 10 alone", "write `10`"),
    ],
)
def test_one_mistake_one_diagnostic(told, text, code, span, message, hint):
    [(found_code, found_span, found_message, found_hint)] = told(text)
    assert (found_code, found_span) == (code, span)
    assert message in found_message
    assert hint in found_hint


@pytest.mark.parametrize(
    ("text", "zone", "message", "hint"),
    [
        (
            "30 2 * * *",
            "America/New_York",
            '"30 2 * * *" is skipped on 2027-03-14: the clocks change in America/New_York',
            "choose another hour, such as `30 3 * * *`, or UTC",
        ),
        (
            "CRON_TZ=Europe/Berlin 30 2 * * *",
            "UTC",
            '"CRON_TZ=Europe/Berlin 30 2 * * *" is skipped on 2027-03-28, runs twice on 2027-10-31: '
            "the clocks change in Europe/Berlin",
            "such as `CRON_TZ=Europe/Berlin 30 3 * * *`",
        ),
        (
            "@daily",
            "Africa/Cairo",
            '"@daily" is skipped on 2027-04-30: the clocks change in Africa/Cairo',
            "such as `0 1 * * *`",
        ),
        (
            "*/15 1-2 * * *",
            "America/New_York",
            '"*/15 1-2 * * *" is skipped on 2027-03-14 (4 fires), runs twice on 2027-11-07 (4 fires): '
            "the clocks change in America/New_York",
            "put `CRON_TZ=UTC ` in front",
        ),
    ],
)
def test_changes_of_the_clocks(told, text, zone, message, hint):
    [(code, span, found, found_hint)] = told(text, zone)
    assert (code, span, found) == ("S007", None, message)
    assert hint in found_hint


def test_the_schedulers_zone_counts_where_the_schedule_names_none(told):
    assert told("30 2 * * *", "UTC") == []
    assert told("CRON_TZ=UTC 30 2 * * *", "America/New_York") == []


def test_several_mistakes_are_all_told(told):
    assert [found[0] for found in told("*/90 2 14 * 5", "America/New_York")] == ["S006", "S005", "S007"]


@pytest.mark.parametrize("text", [" @daily", "@daily ", "0 8 * * *\x00", " ", ""])
def test_what_n003_tells_is_not_told_again(declare, offline, text):
    task = [declare(schedule=text)]
    assert schedules.check(task, offline) == []
    assert [one.code for one in names.check(task, offline)] == ["N003"]


def test_an_unusable_schedule_is_passed_over(declare, offline):
    assert schedules.check([declare(schedule="x", unusable={"Schedule"})], offline) == []


def test_each_task_with_the_same_mistake_has_its_own_place(declare, offline):
    found = schedules.check([declare(index, schedule="0 8 * * 7") for index in (0, 4)], offline)
    assert [one.pointer.path for one in found] == [("Tasks", 0, "Schedule"), ("Tasks", 4, "Schedule")]
    assert len({(one.message, one.hint) for one in found}) == 1
