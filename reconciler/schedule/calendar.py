"""The next ones, how many a day, the days on which a change of the clocks upsets them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from reconciler.schedule.days import EPOCH_DAY, Days
from reconciler.schedule.offsets import DAY, HOUR, MINUTE, Offsets, offsets_of
from reconciler.schedule.spec import MINUTES_OF_DAY, Cron, Schedule, next_fire

YEAR = timedelta(days=366)

UpsetKind = Literal["skipped", "twice", "astray"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upset:
    """A day on which a change of the clocks makes fires drop out, happen twice or go astray."""

    day: date  # in the zone
    kind: UpsetKind
    fires: int  # how many of them
    change: datetime  # when the clocks change, in the zone, after the change


def fires(schedule: Schedule, start: datetime, zone: ZoneInfo, count: int) -> list[datetime]:
    """At most so many next fires after an aware moment, in the schedule's own zone or the given one."""
    found: list[datetime] = []
    moment = schedule.next_after(start, zone)
    while moment is not None and len(found) < count:
        found.append(moment.astimezone(schedule.zone or zone))
        moment = schedule.next_after(moment, zone)
    return found


def anchored_after(schedule: Schedule, anchor: datetime, moment: datetime) -> datetime | None:
    """The fire after a moment of an `@every` that counts from an anchor: anchor + n intervals, n >= 1.

    The anchor counts in whole seconds, as the engine does. In UTC; None for a schedule of fields.
    """
    if isinstance(schedule.rule, Cron):
        return None
    interval = timedelta(seconds=schedule.rule.seconds)
    start = anchor.astimezone(UTC).replace(microsecond=0)
    passed = max(0, (moment - start) // interval)
    try:
        return start + (passed + 1) * interval
    except OverflowError:  # past the year 9999
        return None


def fires_per_day(schedule: Schedule) -> float:
    """How many fires a day has on average, over the four hundred years after which the calendar repeats."""
    if not isinstance(schedule.rule, Cron):
        return DAY / schedule.rule.seconds
    days = schedule.rule.days
    return schedule.rule.times.bit_count() * (1.0 if days is None else _share(days))


@lru_cache(maxsize=8192)
def _share(days: Days) -> float:
    """Which part of all days is allowed."""
    return sum(days.in_year(year).bit_count() for year in range(2000, 2400)) / 146_097


def upsets_of_the_year(schedule: Schedule, start: datetime, zone: ZoneInfo) -> list[Upset]:
    """`dst_days` of the year after a moment."""
    return dst_days(schedule, start, start + YEAR, zone)


def dst_days(schedule: Schedule, start: datetime, until: datetime, zone: ZoneInfo) -> list[Upset]:
    """The days between two aware moments on which a change of the clocks upsets the schedule.

    A local time that the fields name and that has no fire is skipped, one that has two runs twice; a fire
    at a time that they do not name is astray (the engine's, where the clocks skip a midnight). Schedules that
    a change leaves in step, such as one that fires every hour, are not upset. Only the days around each
    change of the zone are looked at.
    """
    cron = schedule.rule
    if not isinstance(cron, Cron) or not cron.times:
        return []
    offsets = offsets_of(schedule.zone or zone)
    upsets: list[Upset] = []
    for change in offsets.changes(int(start.timestamp()), int(until.timestamp())):
        if not (_in_step(cron, change[2] - change[1]) or _clear(cron, *change)):
            upsets.extend(_upsets(cron, offsets, change, schedule.zone or zone))
    return upsets


def _in_step(cron: Cron, shift: int) -> bool:
    """Whether the times of day are the same when the clocks are moved so far."""
    minutes = shift // MINUTE % MINUTES_OF_DAY
    moved = cron.times << minutes
    return (moved | moved >> MINUTES_OF_DAY) & ((1 << MINUTES_OF_DAY) - 1) == cron.times


def _clear(cron: Cron, at: int, before: int, after: int) -> bool:
    """Whether no time of day lies in the hours that a change skips or repeats.

    Only those matter where whole hours of one day are moved; else the engine's walk loses its way a little.
    """
    first, last = sorted((at + before, at + after))
    if first % HOUR or last % HOUR or first // DAY != (last - 1) // DAY or not first % DAY:
        return False
    hours = (1 << (last - first) // MINUTE) - 1
    return not cron.times >> first % DAY // MINUTE & hours


def _upsets(cron: Cron, offsets: Offsets, change: tuple[int, int, int], zone: ZoneInfo) -> Iterator[Upset]:
    at, before, after = change
    # From before the first time that is shown twice to a day and more after the change; whole local days.
    first = (at + min(before, after)) // DAY
    last = (at + max(before, after)) // DAY + 1
    named = Counter(_named(cron, first, last))
    fired = Counter(_fired(cron, offsets, first, last))
    moment = datetime.fromtimestamp(at, zone)
    odd: Counter[tuple[int, UpsetKind]] = Counter()
    for minute in (named - fired) + (fired - named):
        kind: UpsetKind = "skipped" if not fired[minute] else "twice" if named[minute] else "astray"
        odd[minute // MINUTES_OF_DAY, kind] += 1
    for (day, kind), count in sorted(odd.items()):
        yield Upset(day=date.fromordinal(day + EPOCH_DAY), kind=kind, fires=count, change=moment)


def _named(cron: Cron, first: int, last: int) -> Iterator[int]:
    """The local minutes that the fields name on some days, counted from 1970."""
    times = [minute for minute in range(MINUTES_OF_DAY) if cron.times >> minute & 1]
    for day in range(first, last + 1):
        if cron.days is None or cron.days.following(day) == day:
            for minute in times:
                yield day * MINUTES_OF_DAY + minute


def _fired(cron: Cron, offsets: Offsets, first: int, last: int) -> Iterator[int]:
    """The local minutes of the fires on the same days."""
    start, until = first * DAY, (last + 1) * DAY
    seconds = next_fire(cron, offsets, start - 2 * DAY)
    while seconds is not None:
        local = seconds + offsets.at(seconds).offset
        if local >= until:
            return
        if local >= start:
            yield local // MINUTE
        seconds = next_fire(cron, offsets, seconds)
