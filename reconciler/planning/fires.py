"""What a changed schedule means: when and how often the task fires, before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from reconciler.planning.changes import Change
from reconciler.schedule import Schedule, is_same, schedule_of
from reconciler.schedule.calendar import Upset, fires, fires_per_day, upsets_of_the_year

SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one schedule means."""

    next: tuple[datetime, ...] = ()  # at most SHOWN; empty: it never fires
    per_day: float = 0.0  # fires a day, on average over four hundred years
    schedule: Schedule | None = None  # None: what the table holds is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Fires:
    """Both sides; None where the change has no such side or its schedule stays as it is."""

    before: Side | None
    after: Side | None

    @property
    def are_same(self) -> bool:
        """Whether two spellings mean the same."""
        if self.before is None or self.after is None:
            return False
        old, new = self.before.schedule, self.after.schedule
        return old is not None and new is not None and is_same(old, new)


UNCHANGED = Fires(before=None, after=None)


def fires_of(change: Change, now: datetime, zone: ZoneInfo) -> Fires:
    """The fires from `now` on either side of a change; `zone` is for schedules that name none."""
    old, new = schedules_of(change)
    if old == new:
        return UNCHANGED
    return Fires(before=_side(old, now, zone), after=_side(new, now, zone))


def upsets_of(change: Change, now: datetime, zone: ZoneInfo) -> Sequence[Upset] | None:
    """The days of the next year on which a change of the clocks upsets the new schedule.

    None where there is none, or where it is the old one.
    """
    old, new = schedules_of(change)
    return None if new is None or old == new else _upsets(new, now, zone)


def schedules_of(change: Change) -> tuple[str | None, str | None]:
    """The schedule of the row before and after; None where there is no row."""
    old = change.row.schedule if change.row else None
    if old is not None and change.task and "Schedule" in change.task.lifecycle.ignore_changes:
        return old, old
    if change.action == "release" and change.task is None:
        return old, old
    return old, change.task.schedule if change.task else None


def _side(text: str | None, now: datetime, zone: ZoneInfo) -> Side | None:
    return None if text is None else _meaning(text, now, zone)


@lru_cache(maxsize=16384)
def _meaning(text: str, now: datetime, zone: ZoneInfo) -> Side:
    """Of each text once: a large plan has few of them. One in the table may be no schedule at all."""
    schedule = schedule_of(text)
    if schedule is None:
        return Side()
    following = tuple(fires(schedule, now, zone, SHOWN))
    return Side(next=following, per_day=fires_per_day(schedule), schedule=schedule)


@lru_cache(maxsize=16384)
def _upsets(text: str, now: datetime, zone: ZoneInfo) -> tuple[Upset, ...]:
    schedule = schedule_of(text)
    return tuple(upsets_of_the_year(schedule, now, zone)) if schedule else ()
