"""What is on hold, was put on hold, or is so no longer."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from reconciler.planning.changes import Hold
from reconciler.report.plan import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskHold:
    """The hold of one task."""

    name: str
    hold: Hold
    has_ended: bool = False
    is_inert: bool = False  # its row is inactive and without a user, by the hold
    is_gone: bool = False  # there is no such row any more; the name is its reference id
    replaced: Hold | None = None  # which this one takes the place of


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReport:
    """What was put on hold."""

    target: Target
    timezone: ZoneInfo  # in which moments are shown
    holds: tuple[TaskHold, ...]
    advice: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnholdReport:
    """What is on hold no longer."""

    target: Target
    timezone: ZoneInfo
    holds: tuple[TaskHold, ...]
    advice: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldsReport:
    """Every hold of the table."""

    target: Target
    timezone: ZoneInfo
    holds: tuple[TaskHold, ...]
