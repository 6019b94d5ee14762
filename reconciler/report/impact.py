"""What depends on a user or an action."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from reconciler.errors import ExitCode
from reconciler.report.plan import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A user or an action that was asked about."""

    kind: Literal["user", "action"]
    name: str  # an e-mail address, or entity/action
    exists: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependent:
    """A task that would stop working without what was asked about."""

    name: str
    why: tuple[str, ...]  # the names of what it needs, of what was asked about
    in_table: bool  # False: it is declared, and not applied yet
    active: bool
    owner: str | None
    file: str | None  # where it is declared, or was when it was applied
    line: int | None
    next: datetime | None  # its next fire; None: never, or it is not active
    broken: tuple[str, ...]  # why it does not work already


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactReport:
    target: Target
    timezone: ZoneInfo
    asked: tuple[Asked, ...]
    tasks: tuple[Dependent, ...]  # the first to fire first
    has_files: bool  # False: git was not looked at

    @property
    def would_stop(self) -> tuple[Dependent, ...]:
        """What works now, as far as can be known, and is not paused by its own switch."""
        return tuple(one for one in self.tasks if one.active and not one.broken)

    def exit_code(self, *, detailed: bool) -> ExitCode:
        return ExitCode.CHANGES if detailed and self.would_stop else ExitCode.OK
