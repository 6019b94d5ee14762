"""What a command found out or did: a frozen value that a renderer shows and that knows its exit code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from zoneinfo import ZoneInfo

from reconciler.diagnostics import Diagnostic
from reconciler.planning import Action, Plan

ACTIONS: tuple[Action, ...] = ("create", "update", "delete", "adopt", "rename")


class ExitCode(IntEnum):
    OK = 0
    ERRORS = 1
    CHANGES = 2  # only with --detailed-exitcode
    REFUSED = 3
    TARGET = 4
    UNCERTAIN = 5
    USAGE = 64
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    kind: str  # sqlite, postgresql, mysql
    url: str  # without any secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    commit: str | None
    dirty: bool
    files: tuple[str, ...]  # as recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an apply did. `applied` is False where there was nothing to write."""

    applied: bool
    verified: bool
    apply_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReport:
    """A dry run (outcome None) or an apply. Without a plan there were errors in the files."""

    owner: str
    source: Source
    target: Target
    now: datetime
    timezone: ZoneInfo
    diagnostics: tuple[Diagnostic, ...] = ()
    plan: Plan | None = None
    outcome: Outcome | None = None
    difference: Plan | None = None  # what the check after the commit found
    notes: tuple[str, ...] = ()  # what the user should know, beyond the plan

    def exit_code(self, *, detailed: bool = False) -> ExitCode:
        if has_errors(self.diagnostics) or self.plan is None:
            return ExitCode.ERRORS
        if self.plan.is_refused:
            return ExitCode.REFUSED
        if self.outcome is None:
            return ExitCode.CHANGES if detailed and self.plan.changes else ExitCode.OK
        return ExitCode.OK if self.outcome.verified else ExitCode.UNCERTAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateReport:
    """What is wrong in the files, without any target."""

    diagnostics: tuple[Diagnostic, ...]
    files: int
    tasks: int
    unchecked: tuple[str, ...]  # codes that need a target

    def exit_code(self, *, detailed: bool = False) -> ExitCode:
        return ExitCode.ERRORS if has_errors(self.diagnostics) else ExitCode.OK


def has_errors(diagnostics: Sequence[Diagnostic]) -> bool:
    return any(one.is_error for one in diagnostics)


def summary(plan: Plan) -> dict[str, int]:
    """How many of each kind of change the plan holds, and how many rows it leaves alone."""
    actions = [change.action for change in plan.changes]
    counts: dict[str, int] = {action: actions.count(action) for action in ACTIONS}
    return counts | {
        "unchanged": plan.unchanged,
        "unmanaged": len(plan.unmanaged),
        "elsewhere": len(plan.elsewhere),
        "blocked": len(plan.blocked),
    }
