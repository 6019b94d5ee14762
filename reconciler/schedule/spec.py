"""What a schedule is, and its next fire."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from reconciler.schedule.days import EPOCH_DAY, Days, days_of
from reconciler.schedule.fields import Field
from reconciler.schedule.offsets import DAY, Offsets, offsets_of
from reconciler.schedule.walk import Walk

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTES_OF_DAY = 1440
FOUR_YEARS = 4 * 365
LAST_SECOND = int(datetime(9990, 1, 1, tzinfo=UTC).timestamp())
"""Python's calendar ends with the year 9999: what would fire after this never fires."""


class Cron(NamedTuple):
    """Five fields, and what a fire is looked up by. A tuple, as Schedule is one: a table has thousands."""

    minute: Field
    hour: Field
    day: Field
    month: Field
    weekday: Field
    times: int  # bit n: minute n of the day is allowed
    first: int  # the first of them; -1: none
    days: Days | None  # None: every day

    @property
    def fields(self) -> tuple[Field, Field, Field, Field, Field]:
        return self[:5]

    @property
    def either_day(self) -> bool:
        """Both day fields are restricted, by the engine's star flag: a day needs to satisfy one of them."""
        return not (self.day.star or self.weekday.star)


def cron_of(minute: Field, hour: Field, day: Field, month: Field, weekday: Field) -> Cron:
    """The schedule of five fields."""
    times = minute.bits * _spread(hour.bits)
    first = (times & -times).bit_length() - 1
    return Cron(minute, hour, day, month, weekday, times, first, days_of(day, month, weekday))


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """`@every DURATION`."""

    written: int  # nanoseconds

    @property
    def seconds(self) -> int:
        """The interval that the engine keeps: whole seconds, at least one."""
        return max(self.written // 1_000_000_000, 1)

    @property
    def below_minimum(self) -> bool:
        """Shorter than the engine's shortest interval, one second, which it takes instead."""
        return self.written < 1_000_000_000


class Schedule(NamedTuple):
    text: str  # as written
    zone: ZoneInfo | None  # of its TZ= or CRON_TZ=; None: the scheduler's
    rule: Cron | Every

    def next_after(self, moment: datetime, local_zone: ZoneInfo) -> datetime | None:
        """The first fire after an aware moment, in UTC; None: none within the engine's five years.

        The answers are those of robfig/cron v3.0.1, but always later than the moment. An `@every` counts from
        the moment, in whole seconds.
        """
        since = moment - EPOCH
        seconds = since.days * DAY + since.seconds
        rule = self.rule
        if isinstance(rule, Cron):
            answer = next_fire(rule, offsets_of(self.zone or local_zone), seconds)
        else:
            answer = seconds + rule.seconds
        if answer is None or answer > LAST_SECOND:
            return None
        if moment.tzinfo is not UTC or since.microseconds:
            moment = EPOCH + timedelta(seconds=seconds)
        return _plus(moment, answer - seconds)


def is_same(one: Schedule, other: Schedule) -> bool:
    """Whether two schedules always fire together; False where only a close look would tell."""
    if isinstance(one.rule, Every) or isinstance(other.rule, Every):
        return (
            isinstance(one.rule, Every)
            and isinstance(other.rule, Every)
            and one.rule.seconds == other.rule.seconds
        )
    return (one.zone, one.rule.times, one.rule.days) == (other.zone, other.rule.times, other.rule.days)


def next_fire(cron: Cron, offsets: Offsets, seconds: int) -> int | None:
    """The next fire after a second, both counted from 1970; None: none within five years.

    Arithmetic on local time is right while the offset stays the same: from an hour that is not shown twice,
    up to an answer before the next change. Elsewhere it takes more care.
    """
    segment = offsets.latest
    if not segment[0] <= seconds < segment[1]:
        segment = offsets.at(seconds)
    settled, sure, offset, _, _ = segment
    minute = (seconds + offset) // 60 + 1
    day = minute // MINUTES_OF_DAY
    rest = cron.times >> minute - day * MINUTES_OF_DAY
    days = cron.days
    found: int | None
    if rest:
        found = day if days is None else days.following(day)
        if found == day:
            answer = (minute + (rest & -rest).bit_length() - 1) * 60 - offset
            if settled <= seconds and answer < sure:
                return answer
            return _next_with_care(cron, offsets, seconds, answer + offset)
    else:
        found = day + 1 if days is None else days.following(day + 1)
    if found is None or cron.first < 0:
        return None
    if found - day > FOUR_YEARS and _too_late(found, seconds + offset):
        return None
    answer = (found * MINUTES_OF_DAY + cron.first) * 60 - offset
    if settled <= seconds and answer < sure:
        return answer
    return _next_with_care(cron, offsets, seconds, answer + offset)


def _too_late(day: int, local: int) -> bool:
    """Whether a day lies beyond the engine's five years: the end of the fifth year after this one."""
    return _year(day) > _year((local + 1) // DAY) + 5


def _year(day: int) -> int:
    return date.fromordinal(day + EPOCH_DAY).year


def _next_with_care(cron: Cron, offsets: Offsets, seconds: int, local: int) -> int | None:
    """The next fire near or beyond a change of offset, from what arithmetic on local time says of it.

    The engine goes from midnight to midnight. Where no change is left on the question's day and the clocks
    show every midnight up to the answer's day, it comes by that one, and only that day needs to be looked at.
    """
    segment = offsets.at(seconds)
    tomorrow = (seconds + segment.offset) // DAY * DAY + DAY - segment.offset
    if seconds < segment.settled or tomorrow >= segment.sure:
        return _walk(cron, offsets, seconds)
    midnight = local - local % DAY
    reached = offsets.at(midnight - segment.offset)
    start = midnight - reached.offset
    if not reached.start <= start < reached.end or not offsets.keeps_midnights(segment, reached):
        return _walk(cron, offsets, seconds)
    if reached.settled <= start and local - reached.offset < reached.sure:
        return local - reached.offset
    return Walk(cron.fields, offsets).from_midnight(local // DAY, seconds)


def _walk(cron: Cron, offsets: Offsets, seconds: int) -> int | None:
    walk = Walk(cron.fields, offsets)
    found, question = walk.after(seconds), seconds
    while found is not None and found <= seconds:  # the engine can step back over a change: ask from later
        question += 60
        found = walk.after(question)
    return found


@lru_cache(maxsize=1024)
def _spread(hours: int) -> int:
    """One bit for the first minute of each hour."""
    return sum(1 << 60 * hour for hour in range(24) if hours >> hour & 1)


_DELTAS: dict[int, timedelta] = {}
_DELTAS_KEPT = 50_000


def _plus(moment: datetime, seconds: int) -> datetime:
    """A moment in UTC and some seconds. The differences are kept: they recur, and are costly to make."""
    delta = _DELTAS.get(seconds)
    if delta is None:
        if len(_DELTAS) >= _DELTAS_KEPT:
            _DELTAS.clear()
        delta = _DELTAS[seconds] = timedelta(seconds=seconds)
    return moment + delta
