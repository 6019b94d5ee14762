"""How many of many schedules fire in each minute of a span.

A span is an integer with one bit a minute, and the counts of all its minutes stand in a few such integers:
the first holds the lowest binary digit of each count, the next the second. To add a schedule takes two or
three operations, however often it fires.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import gcd
from zoneinfo import ZoneInfo

from reconciler.schedule.counting import local_times
from reconciler.schedule.offsets import MINUTE, Offsets, offsets_of
from reconciler.schedule.spec import MINUTES_OF_DAY, Cron, Schedule, next_fire


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """A time of day at which more fire than a limit, on some days."""

    moment: datetime  # when it is worst, in the zone
    count: int  # how many fire then
    worst: int  # the minute of the same, counted from the start of the span
    minutes: tuple[int, ...]  # of the span, one for each of the days


def fire_minutes(
    schedule: Schedule, start: datetime, minutes: int, zone: ZoneInfo, anchor: datetime | None = None
) -> int:
    """The minutes of a span in which a schedule fires: bit n for the nth, from 0.

    `start` is an aware moment at the beginning of a minute. An `@every` counts from its anchor, before
    and after it; without one an interval of more than a minute has no minutes, for nobody knows them.
    """
    rule = schedule.rule
    since = int(start.timestamp())
    if not isinstance(rule, Cron):
        if rule.seconds <= MINUTE:
            return (1 << minutes) - 1
        return 0 if anchor is None else _beats(rule.seconds, int(anchor.timestamp()) - since, minutes)
    return _minutes(rule, offsets_of(schedule.zone or zone), since, since + minutes * MINUTE - 1)


def _minutes(cron: Cron, offsets: Offsets, since: int, until: int) -> int:
    """The chain of `next_fire` from one second up to another, as `count_fires` goes along it."""
    found, second = 0, since - 1
    while True:
        segment = offsets.at(second)
        stop = min(until, segment.sure - 1)
        if segment.settled <= second < stop:
            origin = (since + segment.offset) // MINUTE
            for day, times in local_times(cron, second + segment.offset, stop + segment.offset):
                shift = day * MINUTES_OF_DAY - origin
                found |= times << shift if shift >= 0 else times >> -shift
                second = (day * MINUTES_OF_DAY + times.bit_length() - 1) * MINUTE - segment.offset
        following = next_fire(cron, offsets, second)
        if following is None or following > until:
            return found
        found |= 1 << (following - since) // MINUTE
        second = following


def _beats(interval: int, offset: int, minutes: int) -> int:
    """The minutes that hold a second `offset` + n intervals, for any whole n. Above a minute each has one."""
    period = interval // gcd(interval, MINUTE)  # minutes after which the pattern begins anew
    found = 0
    for second in range(offset % interval, min(period, minutes) * MINUTE, interval):
        found |= 1 << second // MINUTE
    while period < minutes:
        found |= found << period
        period *= 2
    return found & (1 << minutes) - 1


def tally(spans: Iterable[tuple[int, int]]) -> Sequence[int]:
    """The counts of all minutes, digit by digit, of spans that count so many times each: (minutes, times)."""
    digits: list[int] = []
    for minutes, often in spans:
        for place in range(often.bit_length()):
            if often >> place & 1:
                _add(digits, minutes, place)
    return digits


def _add(digits: list[int], minutes: int, place: int) -> None:
    while minutes:
        if place >= len(digits):
            digits += [0] * (place + 1 - len(digits))
        digits[place], minutes = digits[place] ^ minutes, digits[place] & minutes
        place += 1


def count_at(digits: Sequence[int], minute: int) -> int:
    """The count of one minute."""
    return sum((digit >> minute & 1) << place for place, digit in enumerate(digits))


def above(digits: Sequence[int], limit: int) -> int:
    """The minutes whose count is above a limit."""
    greater, equal = 0, -1
    for place in range(max(len(digits), limit.bit_length()) - 1, -1, -1):
        digit = digits[place] if place < len(digits) else 0
        if limit >> place & 1:
            equal &= digit
        else:
            greater |= equal & digit
            equal &= ~digit
    return greater


def crowds(digits: Sequence[int], limit: int, start: datetime, zone: ZoneInfo) -> list[Crowd]:
    """The times of day at which a count is above a limit, the worst first."""
    by_time: dict[time, list[tuple[int, int, datetime]]] = {}
    for minute in _bits(above(digits, limit)):
        moment = (start + timedelta(minutes=minute)).astimezone(zone)
        by_time.setdefault(moment.time(), []).append((count_at(digits, minute), minute, moment))
    found = (_crowd(days) for days in by_time.values())
    return sorted(found, key=lambda crowd: (-crowd.count, crowd.moment))


def _crowd(days: Sequence[tuple[int, int, datetime]]) -> Crowd:
    count, worst, moment = max(days, key=lambda day: day[0])
    return Crowd(moment=moment, count=count, worst=worst, minutes=tuple(minute for _, minute, _ in days))


def _bits(number: int) -> Iterator[int]:
    """The places of the bits that are set, in order."""
    for start in range(0, number.bit_length(), _PIECE):  # of a short number the lowest bit is found sooner
        piece = number >> start & (1 << _PIECE) - 1
        while piece:
            lowest = piece & -piece
            yield start + lowest.bit_length() - 1
            piece ^= lowest


_PIECE = 512
