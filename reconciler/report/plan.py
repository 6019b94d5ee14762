"""What a dry run found, or an apply did."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from reconciler.diagnostics import Diagnostic
from reconciler.errors import ExitCode
from reconciler.git import Blame
from reconciler.planning.changes import Action, Change, Plan
from reconciler.planning.moved import Moved
from reconciler.planning.wanted import Wanted
from reconciler.report.endings import ending_of
from reconciler.report.snapshot import SnapshotFacts
from reconciler.task import Reader, Task

ACTIONS: tuple[Action, ...] = ("create", "update", "delete", "adopt", "rename", "release")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    kind: str  # sqlite, postgresql, mysql
    url: str  # without any secret


class Seen(Protocol):
    """A database as others know it, open or not."""

    @property
    def kind(self) -> str: ...

    @property
    def display(self) -> str: ...


def target_of(seen: Seen) -> Target:
    """What is told of a database."""
    return Target(kind=seen.kind, url=seen.display)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    commit: str | None
    dirty: bool
    files: tuple[str, ...]  # as recorded


class Declared(Protocol):
    """A task where it is declared."""

    @property
    def task(self) -> Task: ...

    @property
    def file(self) -> str: ...  # as given on the command line

    @property
    def line(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an apply did. `applied` is False where there was nothing to write."""

    applied: bool
    verified: bool
    apply_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a plan was made of besides the target: enough to make it again without its files."""

    at: datetime  # aware; when it was planned
    wanted: Wanted
    database: str | None  # which one; None: it had no bookkeeping yet, and is known by its address alone
    environment: str | None  # whose overlays are among the files
    files: Mapping[str, str]  # SHA-256 of the text of each, by the path that is recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What stands behind a change, and of a delete what is lost by it."""

    blame: Blame | None = None  # None: not known, or the table moved and not git
    last_run: datetime | None = None
    runs: int | None = None  # that started in the last 30 days; None: no scheduler has recorded any


UNKNOWN = Cause()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReport:
    """A dry run (outcome None) or an apply. Without a plan there were errors in the files."""

    owner: str
    source: Source
    target: Target
    now: datetime
    timezone: ZoneInfo
    diagnostics: tuple[Diagnostic, ...] = ()
    recorded: Mapping[str, str] = field(default_factory=dict)  # by file as given, its path from the root
    declared: Sequence[Declared] = ()
    plan: Plan | None = None
    basis: Basis | None = None  # where the plan is to be saved
    undoes: str | None = None  # the apply
    moved: tuple[Moved, ...] = ()  # what is no longer as the plan that is to be applied saw it
    outcome: Outcome | None = None
    reader: Reader = "scheduler"  # of the table
    causes: Mapping[tuple[Action, str], Cause] = field(default_factory=dict)  # by action and name
    up: tuple[tuple[datetime, datetime], ...] = ()  # from when to when each scheduler ran, as recorded
    difference: Plan | None = None  # what the check after the commit found
    notes: tuple[str, ...] = ()  # what the user should know, beyond the plan
    advice: tuple[str, ...] = ()  # what is to be done after an apply

    def cause(self, change: Change) -> Cause:
        return self.causes.get((change.action, change.name), UNKNOWN)

    def exit_code(self, *, detailed: bool) -> ExitCode:
        if self.plan is None:
            return ExitCode.ERRORS
        if self.plan.is_refused:
            return ExitCode.REFUSED
        if self.outcome is None:
            return ExitCode.CHANGES if detailed and self.plan.has_changes else ExitCode.OK
        return ExitCode.OK if self.outcome.verified else ExitCode.UNCERTAIN


Confirm = Callable[[PlanReport], bool]
"""Shows a plan and asks whether to apply it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateReport:
    """What is wrong in the files, without any target."""

    diagnostics: tuple[Diagnostic, ...]
    recorded: Mapping[str, str] = field(default_factory=dict)  # by file as given, its path from the root
    declared: Sequence[Declared] = ()
    files: int
    tasks: int
    unchecked: tuple[str, ...]  # codes that need a target
    checked: tuple[str, ...] = ()  # codes that the snapshot has given
    snapshot: SnapshotFacts | None = None  # that stood in for a target
    snapshot_age: timedelta | None = None
    notes: tuple[str, ...] = ()  # what the user should know besides

    def exit_code(self, *, detailed: bool) -> ExitCode:
        return ending_of(self.diagnostics)


def summary(plan: Plan) -> dict[str, int]:
    """How many of each kind of change the plan holds, and how many rows it leaves alone."""
    actions = [change.action for change in plan.changes]
    counts: dict[str, int] = {action: actions.count(action) for action in ACTIONS}
    return counts | {
        "unchanged": plan.unchanged,
        "unmanaged": len(plan.unmanaged),
        "elsewhere": len(plan.elsewhere),
        "undeclared": len(plan.undeclared),
        "ignored": len(plan.ignored),
        "blocked": len(plan.blocked),
        "left_out": len(plan.left_out),
        "held": len(plan.held),
        "restored": len(plan.restored),
    }
