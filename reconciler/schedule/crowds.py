"""How many of many schedules fire in each minute of a span.

A span is an integer with one bit a minute, and the counts of all its minutes stand in a few such integers:
the first holds the lowest binary digit of each count, the next the second. To add a schedule takes two or
three operations, however often it fires.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from reconciler.schedule.counting import local_times
from reconciler.schedule.offsets import Offsets, offsets_of
from reconciler.schedule.spec import MINUTES_OF_DAY, Cron, Schedule, next_fire

MINUTE = 60


def fire_minutes(schedule: Schedule, start: datetime, minutes: int, zone: ZoneInfo) -> int:
    """The minutes of a span in which a schedule fires: bit n for the nth, from 0.

    `start` is an aware moment at the beginning of a minute. An `@every` of more than a minute counts from a
    moment that nobody knows: it has no minutes.
    """
    rule = schedule.rule
    if not isinstance(rule, Cron):
        return (1 << minutes) - 1 if rule.seconds <= MINUTE else 0
    since = int(start.timestamp())
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
