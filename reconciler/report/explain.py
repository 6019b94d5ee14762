"""All that is known of one task."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from reconciler.diagnostics import Diagnostic, Place
from reconciler.git import Blame
from reconciler.planning.changes import Change
from reconciler.report.holds import TaskHold
from reconciler.report.plan import PlanReport, Target
from reconciler.report.render import Layer
from reconciler.report.runs import RunReport
from reconciler.report.schedules import PreviewReport

Standing = Literal["pending", "held", "refused"]
"""Of a change: whether an apply would make it, and if not, why not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a key of the task says, and where; what nobody says has its default."""

    key: str
    value: Any  # a value from the environment is shown by its variable
    place: Place | None  # None: the default
    layer: Layer | None  # None: the default, or the row


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedBy:
    """The apply that wrote the row's record."""

    apply_id: str
    at: datetime
    who: str
    commit: str | None


LoadedState = Literal["loaded", "changed", "not loaded", "removed"]
"""As the table says it, or what has become of it since it was loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedTask:
    """Whether a scheduler goes by what the table says of the task."""

    host: str
    pid: int
    is_live: bool
    state: LoadedState

    @property
    def needs_restart(self) -> bool:
        return self.is_live and self.state != "loaded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """Another task that does the same work with the same attributes."""

    name: str
    schedule: str
    in_table: bool
    together: datetime | None  # when both fire next; None: not in the next month, or that cannot be known
    is_known: bool  # False: an interval, which counts from a start


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaring:
    """The task in git."""

    place: Place
    blame: Blame | None
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The row of the table."""

    id: int
    reference_id: str
    owner: str | None
    protected: bool
    applied: AppliedBy | None  # None: no apply has written it, or that one is forgotten
    refused: str | None  # why no scheduler registers it, if it is active
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainReport:
    """One page about one task. What is in git only has no row, what is in the table only no place."""

    name: str
    target: Target
    timezone: ZoneInfo
    said: tuple[Said, ...]  # by git; of a task that is only in the table by the row
    declaring: Declaring | None
    stored: Stored | None
    plan: PlanReport | None  # None: no files were found
    change: Change | None
    standing: Standing | None
    hold: TaskHold | None
    schedule: PreviewReport
    loaded: tuple[LoadedTask, ...]
    runs: tuple[RunReport, ...]  # the last ones
    twins: tuple[Twin, ...]
    notes: tuple[str, ...]
