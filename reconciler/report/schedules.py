"""What a schedule means, and what a rule says."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from reconciler.diagnostics import Diagnostic
from reconciler.errors import ExitCode
from reconciler.report.endings import ending_of
from reconciler.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewReport:
    """When a schedule fires, what it says, and what is doubtful about it. Without words it is no schedule."""

    schedule: str
    written: str | None = None  # with its `H`, of which the schedule was made for the name
    name: str | None  # of the task, where it was looked up or given
    words: str | None = None  # plain English
    timezone: ZoneInfo  # the one that holds: the schedule's own, else the scheduler's
    now: datetime
    fires: tuple[datetime, ...] = ()  # in `timezone`; empty: never
    counted_from: str | None = None  # of `@every`: from which moment, and why that one
    diagnostics: tuple[Diagnostic, ...]

    def exit_code(self, *, detailed: bool) -> ExitCode:
        return ending_of(self.diagnostics)


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesReport:
    """Every rule, or the one that was asked for."""

    rules: tuple[Rule, ...]
    explained: bool  # with their texts
