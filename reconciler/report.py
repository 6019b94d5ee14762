"""What a command found out or did: a frozen value that a renderer shows and that knows its exit code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from reconciler.catalogue import Action as CatalogueAction
from reconciler.catalogue import User
from reconciler.diagnostics import Diagnostic, Severity
from reconciler.errors import ExitCode
from reconciler.planning import Action, Plan

ACTIONS: tuple[Action, ...] = ("create", "update", "delete", "adopt", "rename")


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
    advice: tuple[str, ...] = ()  # what is to be done after an apply


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateReport:
    """What is wrong in the files, without any target."""

    diagnostics: tuple[Diagnostic, ...]
    files: int
    tasks: int
    unchecked: tuple[str, ...]  # codes that need a target
    notes: tuple[str, ...] = ()  # what the user should know besides


@dataclass(frozen=True, slots=True, kw_only=True)
class InitReport:
    """What `reconcile init` found and made."""

    target: Target
    made: bool  # False: everything was there
    is_embedded: bool  # False: a database that Daptin made, to which only the bookkeeping was added


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersReport:
    """Users with the names of their groups."""

    users: tuple[tuple[User, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionsReport:
    actions: tuple[CatalogueAction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewReport:
    """When a schedule fires, what it says, and what is doubtful about it. Without words it is no schedule."""

    schedule: str
    name: str | None  # of the task, where it was looked up
    words: str | None = None  # plain English
    timezone: ZoneInfo  # the one that holds: the schedule's own, else the scheduler's
    now: datetime
    fires: tuple[datetime, ...] = ()  # in `timezone`; empty: never
    counted_from: str | None = None  # of `@every`: from which moment, and why that one
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    code: str
    severity: Severity
    title: str
    text: str  # Markdown


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesReport:
    """Every rule, or the one that was asked for."""

    rules: tuple[Rule, ...]
    explained: bool  # with their texts


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """One run of the history, or the misses of one outage. Moments are aware; durations are seconds."""

    run_id: str
    name: str
    entity_name: str
    action_name: str
    state: str
    cause: str
    moment: datetime  # that was due; of misses the first one
    user: str | None
    lag: float | None  # from the due moment to the start
    duration: float | None
    error: str | None
    missed_until: datetime | None = None
    missed_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsReport:
    """The history, the newest first."""

    target: Target
    timezone: ZoneInfo  # in which moments are shown
    runs: tuple[RunReport, ...]
    is_whole: bool  # False: there are more
    has_history: bool  # False: no scheduler has run on this database


@dataclass(frozen=True, slots=True, kw_only=True)
class RanReport:
    """What became of a run that was asked for."""

    target: Target
    run: RunReport
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedFire:
    moment: datetime
    name: str
    work: str  # entity/action
    user: str
    delay: int  # seconds by which jitter puts its start off
    overlap: str  # the policy
    is_held: bool  # it would be skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationReport:
    """What would fire, in the order of the starts; or how often each task would."""

    since: datetime
    until: datetime
    timezone: ZoneInfo
    tasks: int  # that were asked about, and fire at all
    inactive: int
    refused: tuple[tuple[str, str], ...]  # name, reason
    fires: tuple[SimulatedFire, ...] = ()
    is_whole: bool = True  # False: there are more
    counts: tuple[tuple[str, int], ...] | None = None  # instead of the fires: how many of each task


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
        pending = self.plan is not None and (self.plan.plan is None or bool(self.plan.plan.changes))
        return pending or self.needs_restart


def exit_code(report: object, *, detailed: bool = False) -> ExitCode:
    """How the program ends after a report; `detailed` tells changes that are pending from none."""
    if isinstance(report, PlanReport):
        return _exit_code_of_plan(report, detailed)
    if isinstance(report, StatusReport):
        return _exit_code_of_status(report, detailed)
    if isinstance(report, RanReport):
        return ExitCode.OK if report.run.state == "ok" else ExitCode.ERRORS
    if isinstance(report, ValidateReport | PreviewReport) and has_errors(report.diagnostics):
        return ExitCode.ERRORS
    return ExitCode.OK


def _exit_code_of_plan(report: PlanReport, detailed: bool) -> ExitCode:
    if report.plan is None:
        return ExitCode.ERRORS
    if report.plan.is_refused:
        return ExitCode.REFUSED
    if report.outcome is None:
        return ExitCode.CHANGES if detailed and report.plan.changes else ExitCode.OK
    return ExitCode.OK if report.outcome.verified else ExitCode.UNCERTAIN


def _exit_code_of_status(report: StatusReport, detailed: bool) -> ExitCode:
    if report.plan is not None and (code := _exit_code_of_plan(report.plan, detailed)):
        return code
    return ExitCode.CHANGES if detailed and report.needs_restart else ExitCode.OK


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
