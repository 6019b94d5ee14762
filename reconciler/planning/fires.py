"""What a changed schedule means: when the task fires next, before and after."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from reconciler.planning.changes import Change
from reconciler.schedule import ScheduleError, fires, parse

SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Fires:
    """The next fires; None where the change has no such side or its schedule stays as it is."""

    before: tuple[datetime, ...] | None
    after: tuple[datetime, ...] | None

    @property
    def are_same(self) -> bool:
        return self.before is not None and self.before == self.after


UNCHANGED = Fires(before=None, after=None)


def fires_of(change: Change, now: datetime, zone: ZoneInfo) -> Fires:
    """The next three fires from `now` on either side of a change; `zone` is for schedules that name none."""
    old = change.row.schedule if change.row else None
    new = change.task.schedule if change.task else None
    is_ignored = change.row and change.task and "Schedule" in change.task.lifecycle.ignore_changes
    if old == new or is_ignored:
        return UNCHANGED
    return Fires(before=_next(old, now, zone), after=_next(new, now, zone))


def _next(text: str | None, now: datetime, zone: ZoneInfo) -> tuple[datetime, ...] | None:
    """Empty for what never fires; a schedule in the table may be none at all."""
    if text is None:
        return None
    try:
        schedule = parse(text)
    except ScheduleError:
        return ()
    return tuple(fires(schedule, now, zone, SHOWN))
