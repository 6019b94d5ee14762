import subprocess
import sys
import time

import pytest
from hypothesis import given as anything
from hypothesis import strategies as st

from reconciler.schedule import Cron, Every, Schedule, ScheduleError, parse
from reconciler.schedule.durations import DurationError, read_duration
from reconciler.schedule.grammar import field_spans, written_fields
from reconciler.schedule.steps import wide_steps


def outcome(text: str) -> Schedule | ScheduleError:
    try:
        return parse(text)
    except ScheduleError as error:
        return error


def refusal(text: str) -> ScheduleError:
    with pytest.raises(ScheduleError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "part", "message", "hint"),
    [
        ("", "", "is empty", "`0 8 * * *`"),
        ("0 0 * * 7", "7", "above the largest day of week, 6", "7 for Sunday: write `0 0 * * 0`"),
        ("0 0 * * 5-7", "7", "above the largest day of week, 6", "write `0 0 * * 0,5,6`"),
        ("0 0 0 * *", "0", "below the smallest day of month, 1", None),
        ("0 24 * * *", "24", "above the largest hour, 23: allowed are 0 to 23", "midnight is hour 0"),
        ("5,60 * * * *", "60", "above the largest minute, 59", "the full hour is minute 0"),
        ("0 0 * 13 *", "13", "allowed are 1 to 12, or jan to dec", None),
        ("1.5 * * * *", "1.5", "`1.5` is no minute", "allowed are a value"),
        ("0 0 * * monday", "monday", "`monday` is no day of week", "write `0 0 * * mon`"),
        ("0 0 * jan,january *", "january", "is no month", "write `0 0 * jan,jan *`"),
        ("0 0 mon * *", "mon", "`mon` is no day of month", "`mon` is a day of week"),
        ("0 0 L * *", "L", "`L` is no day of month", "last day, which cannot be written here"),
        ("0 0 * * 5#2", "5#2", "is no day of week", "second Friday"),
        ("0 0 15W * *", "15W", "is no day of month", "nearest weekday"),
        ("H * * * *", "H", "is no minute", "chosen from the task's name"),
        (
            "\N{FULLWIDTH DIGIT ONE} * * * *",
            "\N{FULLWIDTH DIGIT ONE}",
            "is no minute",
            "only ASCII is read: write `1 * * * *`",
        ),
        ("10-5 * * * *", "10-5", "runs backwards", "write `0-5,10-59 * * * *`"),
        ("0 0 * * fri-sun", "fri-sun", "5 is after 0", "write `0 0 * * 0,5,6`"),
        ("5-10-15 * * * *", "5-10-15", "too many hyphens", None),
        ("-1 * * * *", "-1", "lacks what stands before its hyphen", None),
        ("*/0 * * * *", "0", "`0` is no step: it must be a whole number from 1", "for every value write `*`"),
        ("*/5/2 * * * *", "5/2", "two steps", "`*/5`"),
        ("5/ * * * *", "", "a step is missing after `/`", "`*/5`"),
        ("* * * *", "* * * *", "expected 5 fields", "`0 8 * * *`"),
        (
            "0 0 8 * * *",
            "*",
            "found 6",
            "start with seconds, which there are none of here: write `0 8 * * *`",
        ),
        ("0 8, 9 * * *", "*", "found 6", "no space in a list: `0 8,9 * * *`"),
        ("0 8 ,9 , 10 * * *", "* * *", "found 8", "no space in a list: `0 8,9,10 * * *`"),
        (
            "0 0 8, 9 * * *",
            "* *",
            "found 7",
            "start with seconds, which there are none of here: write `0 8,9 * * *`",
        ),
        ("0 8 * * * 2026", "2026", "found 6", "there are no years here: write `0 8 * * *`"),
        ("0 0 12 ? * WED *", "WED *", "found 7", "no seconds and no years here: write `0 12 ? * WED`"),
        ("CRON_TZ=UTC 0 0 6 * * *", "*", "found 6", "write `CRON_TZ=UTC 0 6 * * *`"),
        ("daily", "daily", "found 1", "write `@daily`"),
        ("every 5 minutes", "every 5 minutes", "found 3", "write `@every 5m`"),
        ("@Daily", "@Daily", "`@Daily` is unknown", "only lower case is read: write `@daily`"),
        ("@reboot", "@reboot", "is unknown", "when they start"),
        ("@dayly", "@dayly", "is unknown", "did you mean `@daily`?"),
        ("@daily ", "@daily ", "is unknown", "white space around it is not allowed here: write `@daily`"),
        (" @daily", "@daily", "expected 5 fields", "write `@daily`"),
        ("@every", "@every", "is unknown", "`90s`"),
        ("@every ", "", "a duration is missing", "`90s`"),
        (
            "@every 1d",
            "d",
            "`d` is no unit of time: allowed are h, m, s, ms, us and ns",
            "write `@every 24h`",
        ),
        ("@every 1w2d", "w", "is no unit of time", "write `@every 168h48h`"),
        ("@every 5M", "M", "is no unit of time", "write `@every 5m`"),
        ("@every 1h 30m", "h ", "is no unit of time", "write `@every 1h30m`"),
        ("@every 90", "90", "`90` has no unit", "`@every 90s` or `@every 90m`"),
        ("@every --5m", "-5m", "a number with a unit", "`90s`"),
        ("@every 2562048h", "2562048h", "too long: the longest is 2562047h47m16s", "`90s`"),
        ("@every5m", "@every5m", "is unknown", "write `@every 5m`"),
        ("TZ=UTC", "TZ=UTC", "a space and a schedule are missing", "`CRON_TZ=Europe/Berlin 0 8 * * *`"),
        ("TZ=utc 0 6 * * *", "utc", "there is no time zone `utc`", "did you mean `UTC`?"),
        ("TZ=Europe/Berln 0 6 * * *", "Europe/Berln", "no time zone", "did you mean `Europe/Berlin`?"),
        ("TZ=Europe 0 6 * * *", "Europe", "no time zone", "`Europe` is a region"),
        ("TZ=GMT+2 0 6 * * *", "GMT+2", "no time zone", "`Etc/GMT-2` (its sign is turned round)"),
        ("TZ=../etc/passwd 0 6 * * *", "../etc/passwd", "no time zone", "IANA"),
        ("TZ=Asia/Tokyo\t0 6 * * *", "Asia/Tokyo\t0", "no time zone", "a plain space"),
        (
            "0 6 * * * TZ=UTC",
            "TZ=UTC",
            "found 6",
            "stands first, once and in capitals: write `CRON_TZ=UTC 0 6 * * *`",
        ),
        ("tz=UTC 0 6 * * *", "*", "found 6", "write `CRON_TZ=UTC 0 6 * * *`"),
    ],
)
def test_a_refusal_says_where_what_and_how(text, part, message, hint):
    error = refusal(text)
    assert error.part == part
    assert message in error.message
    assert (hint in error.hint) if hint else error.hint is None or "`*/5`" not in error.hint


def test_messages_show_no_control_characters():
    assert refusal("0 0 * * *\x00\x1b[31m").message.isprintable()
    assert len(refusal("x" * 10_000 + " * * * *").message) < 200


def test_the_column_counts_from_the_start_of_the_text():
    error = refusal("CRON_TZ=Europe/Berlin  0 0 32 * *")
    assert (error.column, error.end, error.part) == (27, 29, "32")


@pytest.mark.parametrize("text", ["0 0 * * 7", "1 * * *", "@every 1d", "fri-sun 0 * * *", "0 0 * * fri-sun"])
def test_what_a_hint_quotes_as_a_schedule_is_one(text):
    hint = refusal(text).hint
    quoted = [part for part in (hint or "").split("`")[1::2] if " " in part]
    assert all(parse(part) for part in quoted)


def test_parts_of_a_schedule():
    assert field_spans("TZ=UTC  0 8 * * 1-5") == [(8, 9), (10, 11), (12, 13), (14, 15), (16, 19)]
    assert field_spans("@daily") == field_spans("TZ=UTC @every 5m") == []
    assert written_fields("TZ=UTC  @daily") == ("TZ=UTC  ", ["0", "0", "*", "*", "*"])
    assert written_fields("@every 5m") == ("", [])


def test_descriptors_are_their_fields():
    pairs = [
        ("@yearly", "0 0 1 1 *"),
        ("@monthly", "0 0 1 * *"),
        ("@weekly", "0 0 * * 0"),
        ("@daily", "0 0 * * *"),
    ]
    for descriptor, fields in [
        *pairs,
        ("@annually", "0 0 1 1 *"),
        ("@midnight", "0 0 * * *"),
        ("@hourly", "0 * * * *"),
    ]:
        assert parse(descriptor).rule == parse(fields).rule


@pytest.mark.parametrize(
    ("text", "star"),
    [
        ("*", True),
        ("?", True),
        ("*/1", True),
        ("*/2", False),
        ("1-31", False),
        ("*,5", True),
        ("*-foo", True),
        ("5", False),
    ],
)
def test_the_star_flag(text, star):
    rule = parse(f"0 0 {text} * 1").rule
    assert isinstance(rule, Cron)
    assert rule.day.star is star
    assert rule.either_day is not star


def test_the_interval_of_every_is_whole_seconds_and_at_least_one():
    intervals = {"1.999s": 1, "1h30m": 5400, "0": 1, "-5m": 1, "999ms": 1, ".5m": 30}
    for text, seconds in intervals.items():
        rule = parse(f"@every {text}").rule
        assert isinstance(rule, Every)
        assert rule.seconds == seconds
        assert rule.below_minimum is (text in ("0", "-5m", "999ms"))


def test_durations_to_the_nanosecond():
    assert read_duration("1.5h") == 5_400_000_000_000
    assert read_duration("2h45m.5s") == 9_900_500_000_000
    assert read_duration("1\N{GREEK SMALL LETTER MU}s1\N{MICRO SIGN}s") == 2000
    assert read_duration("9223372036854775807ns") == (1 << 63) - 1
    assert read_duration("-9223372036854775808ns") == -(1 << 63)
    with pytest.raises(DurationError):
        read_duration("9223372036854775808ns")


def test_steps_wider_than_their_range():
    found = wide_steps(parse("TZ=UTC */60,*/61 5/20 1-5/10 * 6/2"))
    told = [(wide.text, wide.span, wide.field, wide.step, wide.values, wide.first) for wide in found]
    assert told == [
        ("*/61", (12, 16), "minute", 61, 60, 0),
        ("5/20", (17, 21), "hour", 20, 19, 5),
        ("1-5/10", (22, 28), "day of month", 10, 5, 1),
        ("6/2", (31, 34), "day of week", 2, 1, 6),
    ]
    assert wide_steps(parse("*/30 */24 */31 */12 */7")) == []


CRONISH = st.text(
    alphabet="0123456789*/?,- @TZ=CRON_UTCeverydhmsLW#\t\xa0\x00İ\N{FULLWIDTH DIGIT ONE}", max_size=60
)


@anything(
    st.one_of(
        st.text(max_size=200), CRONISH, CRONISH.map("@every {}".format), CRONISH.map("TZ={} * * *".format)
    )
)
def test_any_text_is_a_schedule_or_a_schedule_error(text):
    given = outcome(text)
    if isinstance(given, ScheduleError):
        assert 0 <= given.column <= given.end <= len(text)
        assert given.message.isprintable()
        assert given.hint is None or given.hint
    assert given.text == text


@pytest.mark.parametrize(
    "text",
    [
        "*/1," * 200_000 + "* * * * *",
        "1" * 1_000_000 + " * * * *",
        "@every " + "1" * 1_000_000 + "h",
        "@every 0." + "0" * 1_000_000 + "1h",
        "0-9999999999 * * * *",
        "TZ=" + "a/" * 100_000 + "a * * * * *",
        "* " * 500_000,
    ],
)
def test_hostile_texts_cost_little(text):
    start = time.process_time()
    given = outcome(text)
    if isinstance(given, ScheduleError):
        assert len(given.message) < 300
        assert given.hint is None or len(given.hint) < 300
    assert time.process_time() - start < 5


def test_importing_it_is_light():
    script = (
        "import sys, reconciler.schedule as s; s.parse('CRON_TZ=Europe/Berlin 0 8 * * *'); "
        "print(sorted({'croniter', 'dateutil', 'reconciler.schedule.hints'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"
