"""Freezes: spans of time in which nothing is applied without a word for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from reconciler.schedule import Schedule

_MOST_JOINED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """From each fire of a schedule on, and for so long."""

    schedule: Schedule
    duration: timedelta
    zone: ZoneInfo  # for a schedule that names none
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """The freeze that is on at a moment."""

    until: datetime  # aware, in the zone of the freeze
    reason: str | None = None

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        return f"a freeze{reason} until {self.until:%a %Y-%m-%d %H:%M} ({self.until.tzinfo})"


def frozen_at(freezes: Iterable[Freeze], moment: datetime) -> Frozen | None:
    """The freeze that is on at an aware moment; of several the one that lasts longest."""
    found = [frozen for freeze in freezes if (frozen := _frozen(freeze, moment)) is not None]
    return max(found, key=lambda one: one.until, default=None)


def _frozen(freeze: Freeze, moment: datetime) -> Frozen | None:
    schedule, zone = freeze.schedule, freeze.zone
    until, start = None, schedule.next_after(moment - freeze.duration, zone)
    for _ in range(_MOST_JOINED):  # one that begins before another ends goes on
        if start is None or start > (until or moment):
            break
        until = start + freeze.duration
        start = schedule.next_after(start, zone)
    if until is None:
        return None
    return Frozen(until=until.astimezone(schedule.zone or zone), reason=freeze.reason)
