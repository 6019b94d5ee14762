"""What ran, and what would."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from reconciler.errors import ExitCode
from reconciler.report.plan import Target


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

    def exit_code(self, *, detailed: bool) -> ExitCode:
        return ExitCode.OK if self.run.state == "ok" else ExitCode.ERRORS


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
