"""What was applied, by whom, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from reconciler.planning.kept import Kept
from reconciler.report.plan import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyReport:
    """One apply of the history."""

    apply_id: str
    owner: str
    who: str
    host: str
    tool: str  # version of the program
    repository: str | None
    commit: str | None
    dirty: bool  # there were uncommitted changes
    started_at: datetime
    finished_at: datetime
    plan_hash: str
    summary: Mapping[str, int] | None  # how many changes of each action; None: not known
    undoes: str | None  # the apply that it undid
    undone_by: str | None
    during_freeze: str | None  # why it did not wait for the end of a freeze
    left_out: tuple[str, ...]  # of an undo: rows that had moved
    has_plan: bool  # False: it was dropped, or was too large to be kept
    changes: tuple[Kept, ...] | None = None  # only of the one that was asked for, if its plan is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryReport:
    """Applies, the newest first, or the one that was asked for."""

    target: Target
    timezone: ZoneInfo  # in which moments are shown
    applies: tuple[ApplyReport, ...]
    is_whole: bool = True  # False: there are more
    explained: bool = False  # change by change
