"""How often many schedules fire in each hour of some days, which of them, and where they start together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from reconciler.schedule.crowds import Crowd, crowds, fire_minutes, tally
from reconciler.schedule.offsets import MINUTE
from reconciler.schedule.spec import EPOCH, Every, Schedule

HOURS = 24
KEPT = 8
"""So many of the names in an hour are kept."""

_LISTED = 20
"""So many times of day at which many start together are kept, the worst."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that fires: a task."""

    name: str
    schedule: Schedule
    anchor: datetime  # from which an `@every` counts
    since: datetime | None = None  # it does not fire before; None: always


@dataclass(frozen=True, slots=True, kw_only=True)
class Herd:
    """A time of day at which many start together."""

    moment: datetime  # when it is worst, in the zone
    names: tuple[str, ...]  # of those that start then
    days: int  # on which there are as many as were asked about


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """By day and hour of the clock: one that comes twice counts as one, one that is left out has nothing."""

    counts: tuple[tuple[int, ...], ...]  # fires
    names: tuple[tuple[tuple[str, ...], ...], ...]  # some of those that fire, at most KEPT
    crowded: frozenset[tuple[int, int]]  # the hours that have a minute in which many start
    herds: tuple[Herd, ...]  # the worst first

    @property
    def fires(self) -> int:
        return sum(map(sum, self.counts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Some days in a zone: the minutes from midnight to midnight, and which of them each hour has."""

    days: tuple[date, ...]
    zone: ZoneInfo
    start: datetime
    minutes: int
    hours: tuple[int, ...]  # bit n: minute n of the span; of all days one after another
    places: tuple[int, ...]  # of each minute: the index of its hour

    @classmethod
    def of(cls, days: Sequence[date], zone: ZoneInfo) -> "Span":
        """Of days that follow one another."""
        start = datetime.combine(days[0], time(), zone)
        end = datetime.combine(days[-1] + timedelta(days=1), time(), zone)
        since, until = (int(moment.timestamp()) for moment in (start, end))
        places = tuple(_places(since, until, days[0], zone))
        hours = [0] * (len(days) * HOURS)
        for minute, place in enumerate(places):
            hours[place] |= 1 << minute
        return cls(
            days=tuple(days),
            zone=zone,
            start=EPOCH + timedelta(seconds=since),
            minutes=len(places),
            hours=tuple(hours),
            places=places,
        )


def _places(since: int, until: int, first: date, zone: ZoneInfo) -> Iterable[int]:
    for second in range(since, until, MINUTE):
        local = datetime.fromtimestamp(second, zone)
        yield (local.date() - first).days * HOURS + local.hour


def hours_of(entries: Iterable[Entry], span: Span, many: int) -> Hours:
    """What happens in the hours of a span; `many` that start in one minute are a herd."""
    groups = [(names, one, _minutes(one, span)) for names, one in _grouped(entries)]
    digits = tally((minutes, len(names)) for names, _, minutes in groups)
    counts = [
        sum((digit & hour).bit_count() << place for place, digit in enumerate(digits)) for hour in span.hours
    ]
    for names, one, minutes in groups:
        if isinstance(one.schedule.rule, Every) and one.schedule.rule.seconds < MINUTE:
            _add_seconds(counts, one, minutes, len(names), span)
    worst = crowds(digits, many - 1, span.start, span.zone)
    return Hours(
        counts=tuple(_by_day(counts)),
        names=tuple(_by_day(_names(groups, span))),
        crowded=frozenset(divmod(span.places[minute], HOURS) for crowd in worst for minute in crowd.minutes),
        herds=tuple(_herd(crowd, groups, span) for crowd in worst[:_LISTED]),
    )


Item = TypeVar("Item")

Group = tuple[Sequence[str], Entry, int]
"""Names of what always fires together, one of them, and the minutes."""


def _grouped(entries: Iterable[Entry]) -> Iterable[tuple[list[str], Entry]]:
    groups: dict[tuple[str, int, datetime | None], tuple[list[str], Entry]] = {}
    for one in sorted(entries, key=lambda entry: entry.name):
        rule = one.schedule.rule
        phase = _second(one.anchor) % rule.seconds if isinstance(rule, Every) else 0
        groups.setdefault((one.schedule.text, phase, one.since), ([], one))[0].append(one.name)
    return groups.values()


def _minutes(one: Entry, span: Span) -> int:
    found = fire_minutes(one.schedule, span.start, span.minutes, span.zone, one.anchor)
    if one.since is None or one.since <= span.start:
        return found
    passed = -((span.start - one.since) // timedelta(minutes=1))
    return found >> passed << passed


def _add_seconds(counts: list[int], one: Entry, minutes: int, times: int, span: Span) -> None:
    """The further fires of an interval below a minute: each minute has been counted once."""
    assert isinstance(one.schedule.rule, Every)
    interval, first = one.schedule.rule.seconds, _second(span.start) - _second(one.anchor)
    for minute in range(span.minutes):
        if minutes >> minute & 1:
            second = first + minute * MINUTE
            fires = (second + MINUTE - 1) // interval - (second - 1) // interval
            counts[span.places[minute]] += times * (fires - 1)


def _names(groups: Sequence[Group], span: Span) -> list[tuple[str, ...]]:
    """Of each hour the first names. What is full is not looked at again."""
    found: list[list[str]] = [[] for _ in span.hours]
    open_ = (1 << span.minutes) - 1
    for names, _, minutes in groups:
        rest = minutes & open_
        while rest:
            place = span.places[(rest & -rest).bit_length() - 1]
            rest &= ~span.hours[place]
            found[place] += names[: KEPT - len(found[place])]
            if len(found[place]) >= KEPT:
                open_ &= ~span.hours[place]
    return [tuple(names) for names in found]


def _herd(crowd: Crowd, groups: Sequence[Group], span: Span) -> Herd:
    names = sorted(name for some, _, minutes in groups if minutes >> crowd.worst & 1 for name in some)
    days = {span.places[minute] // HOURS for minute in crowd.minutes}
    return Herd(moment=crowd.moment, names=tuple(names), days=len(days))


def _by_day(items: Sequence[Item]) -> Iterable[tuple[Item, ...]]:
    return (tuple(items[at : at + HOURS]) for at in range(0, len(items), HOURS))


def _second(moment: datetime) -> int:
    return int(moment.timestamp())
