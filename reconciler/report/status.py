"""Git, the table and the schedulers, side by side."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from reconciler.errors import ExitCode
from reconciler.report.plan import PlanReport, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A task that the table does not have as a scheduler has loaded it."""

    change: Literal["changed", "added", "removed"]  # since it was loaded
    name: str
    loaded: str | None  # schedule
    table: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedReport:
    """One scheduler, and in which tasks the table has moved on since it loaded."""

    host: str
    pid: int
    version: str
    timezone: str
    started_at: datetime
    heartbeat_age: float  # seconds
    is_live: bool  # False: it has not said that it ended, but was not heard of in time
    tasks: int
    system_tasks: tuple[str, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """Git (where it was asked for), the table, and what each scheduler has loaded."""

    target: Target
    plan: PlanReport | None
    registered: int
    inactive: int
    refused: tuple[tuple[str, str], ...]  # name, reason
    holds: tuple[tuple[str, datetime, str], ...]  # name, until, reason
    schedulers: tuple[LoadedReport, ...]
    last_day: tuple[tuple[str, int], ...]  # state, how many runs

    @property
    def needs_restart(self) -> bool:
        return any(one.differences for one in self.schedulers if one.is_live)

    @property
    def differs(self) -> bool:
        pending = self.plan is not None and (self.plan.plan is None or self.plan.plan.has_changes)
        return pending or self.needs_restart

    def exit_code(self, *, detailed: bool) -> ExitCode:
        if self.plan is not None and (code := self.plan.exit_code(detailed=detailed)):
            return code
        return ExitCode.CHANGES if detailed and self.needs_restart else ExitCode.OK
