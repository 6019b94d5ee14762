"""When tasks run: hour by hour, as the table has them and as it will."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from reconciler.diagnostics import Diagnostic
from reconciler.errors import ExitCode
from reconciler.report.endings import ending_of
from reconciler.report.plan import Target
from reconciler.schedule.hours import Hours

Of = Literal["table", "plan", "files"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """When the tasks of the table run, or those after a plan, or those of the files alone."""

    of: Of
    tasks: int  # that fire at all
    hours: Hours


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarReport:
    """With errors in the files there is no drawing; before and after a plan there are two."""

    now: datetime
    timezone: ZoneInfo
    days: tuple[date, ...]  # in the zone
    many: int  # so many tasks that start in one minute are a herd
    target: Target | None  # None: the files alone
    drawings: tuple[Drawing, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()

    def exit_code(self, *, detailed: bool) -> ExitCode:
        return ending_of(self.diagnostics)
