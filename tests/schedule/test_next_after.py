from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest
from croniter import croniter
from hypothesis import given
from hypothesis import strategies as st

from reconciler.schedule import Cron, parse
from reconciler.schedule.offsets import offsets_of
from reconciler.schedule.spec import next_fire
from reconciler.schedule.walk import Walk

Z = ZoneInfo("UTC")
ODD_ZONES = (
    *("Pacific/Chatham", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Beirut", "America/Havana", "Asia/Gaza"),
    *(
        "Atlantic/Azores",
        "Africa/Casablanca",
        "America/Santiago",
        "Antarctica/Troll",
        "Pacific/Apia",
        "Kwajalein",
    ),
)
ZONES = st.one_of(st.sampled_from(ODD_ZONES), st.sampled_from(sorted(available_timezones())))


def field(low: int, high: int) -> st.SearchStrategy[str]:
    value = st.integers(low, high)
    span = st.tuples(value, value).map(lambda pair: f"{min(pair)}-{max(pair)}")
    return st.one_of(st.just("*"), value.map(str), st.integers(2, 20).map("*/{}".format), span)


FIELDS = st.tuples(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6)).map(" ".join)


@given(FIELDS, ZONES, st.integers(-300_000_000, 2_600_000_000), st.integers(-30 * 86400, 90_000), st.data())
def test_the_short_way_ends_where_the_engines_walk_does(text, name, base, distance, data):
    cron, offsets = parse(text).rule, offsets_of(ZoneInfo(name))
    assert isinstance(cron, Cron)
    changes = list(offsets.changes(base, base + 400 * 86400))
    question = (data.draw(st.sampled_from(changes))[0] if changes else base) + distance
    short, walked = next_fire(cron, offsets, question), Walk(cron.fields, offsets).after(question)
    if walked is None or walked > question:
        assert short == walked
    else:  # the engine's answer has passed
        assert short is None or short > question


@given(FIELDS, ZONES, st.datetimes(datetime(1900, 1, 1), datetime(9999, 12, 30), timezones=st.just(UTC)))
def test_the_answer_is_later_and_matches_the_fields(text, name, moment):
    schedule, zone = parse(text), ZoneInfo(name)
    answer = schedule.next_after(moment, zone)
    if answer is None:
        return
    assert answer > moment
    assert (answer.tzinfo, answer.microsecond) == (UTC, 0)
    local = answer.astimezone(zone)
    cron = schedule.rule
    assert isinstance(cron, Cron)
    assert cron.minute.bits >> local.minute & 1
    assert cron.hour.bits >> local.hour & 1
    assert cron.month.bits >> local.month & 1


@given(FIELDS, st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)))
def test_croniter_agrees_where_the_dialects_do(text, moment):
    fields = text.split()
    if "/" in fields[2] or "/" in fields[4] or (fields[2] != "*" and fields[4] != "*"):
        return  # the rule for two day fields differs
    spans = [part.split("-") for part in fields if "-" in part]
    if any(first == last for first, last in spans) or "/" in fields[3]:
        return  # croniter reads 10-10 as every value
    answer = parse(text).next_after(moment.replace(tzinfo=UTC), Z)
    if answer is not None:
        assert answer.replace(tzinfo=None) == croniter(text, moment).get_next(datetime)


@pytest.mark.parametrize(
    ("text", "zone", "moment", "expected"),
    [
        ("0 8 * * *", "UTC", "2026-01-15T08:00:00", "2026-01-16T08:00:00"),
        ("0 8 * * *", "UTC", "2026-01-15T07:59:59.999999", "2026-01-15T08:00:00"),
        ("0 8 * * *", "America/New_York", "2026-03-08T00:00:00", "2026-03-08T12:00:00"),
        ("30 2 * * *", "America/New_York", "2026-03-08T05:00:00", "2026-03-09T06:30:00"),
        ("30 1 * * *", "America/New_York", "2026-11-01T05:30:00", "2026-11-01T06:30:00"),
        ("0 0 29 2 *", "UTC", "2096-02-29T00:00:00", None),
        ("0 0 29 2 *", "UTC", "2099-12-31T23:59:59", "2104-02-29T00:00:00"),
        ("@every 90s", "UTC", "2026-01-15T10:20:30.999999", "2026-01-15T10:22:00"),
        ("0 8 * * *", "UTC", "9999-06-01T00:00:00", None),
    ],
)
def test_next_after(text, zone, moment, expected):
    answer = parse(text).next_after(datetime.fromisoformat(moment + "+00:00"), ZoneInfo(zone))
    assert answer == (expected and datetime.fromisoformat(expected + "+00:00"))


def test_the_clock_of_the_question_does_not_matter():
    moment = datetime(2026, 3, 8, 6, 30, 15, 250, tzinfo=UTC)
    schedule = parse("*/20 * * * *")
    for zone in (ZoneInfo("America/New_York"), timezone(timedelta(hours=5, minutes=45))):
        assert schedule.next_after(moment.astimezone(zone), Z) == schedule.next_after(moment, Z)


def test_the_schedules_own_zone_goes_before_the_schedulers():
    moment = datetime(2026, 1, 15, tzinfo=UTC)
    schedule = parse("CRON_TZ=Asia/Tokyo 0 6 * * *")
    assert schedule.next_after(moment, Z) == schedule.next_after(moment, ZoneInfo("America/New_York"))
    assert parse("TZ=Local 0 6 * * *").zone is None


def test_a_skipped_day_ends_the_search_too():
    # Samoa had no 30 December 2011: there the engine itself never comes back.
    moment = datetime(2011, 12, 29, 12, tzinfo=UTC)
    assert parse("0 0 30 12 *").next_after(moment, ZoneInfo("Pacific/Apia")) is not None


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(TypeError):
        parse("0 8 * * *").next_after(datetime(2026, 1, 1), Z)
