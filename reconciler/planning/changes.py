"""The values of a plan: desired and existing go in, changes come out."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple, Self

from reconciler.diagnostics import Diagnostic, Pointer
from reconciler.planning.selection import EVERYTHING, Selection
from reconciler.planning.texts import fingerprint
from reconciler.task import Row, Task, json_text

Action = Literal["delete", "update", "rename", "adopt", "release", "create"]
Reason = Literal["new", "git", "drift", "both", "removed", "adopt", "release", "undo"]

ORDER: tuple[Action, ...] = ("delete", "update", "rename", "adopt", "release", "create")
"""The order in which changes are shown and written."""

NOWHERE = ""
"""The file that is recorded for a row that was adopted without a declaration."""


class Desired(NamedTuple):
    """A task with the place that is recorded for it, and with its texts, which every comparison needs.

    A tuple, as Task is one. Made by `of`.
    """

    task: Task
    file: str  # relative to the repository's root, else to the working directory; "-" for standard input
    line: int
    column: int
    pointer: Callable[..., Pointer] | None  # to a key of the task, or one within it, for a diagnostic
    content: tuple[Any, ...]  # what the row is to say
    fingerprint: bytes
    written: str | None = None  # the schedule with its `H`, of which the task's was made
    restores: "Record | None" = None  # what the bookkeeping is to say, of an undo or of a row taken as it is

    @classmethod
    def of(
        cls,
        task: Task,
        file: str,
        line: int,
        column: int = 1,
        pointer: Callable[..., Pointer] | None = None,
        written: str | None = None,
    ) -> Self:
        """The task at its place, with the texts that follow from it."""
        attributes = json_text(task.attributes)
        content = task.content(attributes)
        return cls(task, file, line, column, pointer, content, fingerprint(task, attributes), written)

    @property
    def attributes(self) -> str:
        """The task's, as JSON text."""
        text: str = self.content[-1]
        return text


class Record(NamedTuple):
    """What the bookkeeping holds for an owned row. A tuple, as Row is one."""

    reference_id: bytes
    owner: str
    applied: str  # the task as it was last applied: JSON text with the keys of the YAML
    fingerprint: bytes  # of the same task: equal fingerprints, equal tasks
    file: str  # or NOWHERE
    line: int
    commit: str | None
    secrets: str | None  # which values came from the environment: JSON text, see `planning.secrets_of`
    protected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Levers:
    """What a hold takes from a row where Daptin reads the table, which fires all that has one of the two."""

    active: bool
    as_user_id: int | None
    as_user_email: str | None = None  # of that user, if there is one still


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """An operator's pause of a task, with an end."""

    until: datetime  # aware
    reason: str
    who: str
    since: datetime | None = None  # None: not asked
    restores: Levers | None = None  # what the row said before it was made inert; None: it was not


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """What the target holds: every row, a record for each row that has an owner, and what is on hold."""

    rows: tuple[Row, ...]
    records: Mapping[bytes, Record] = field(default_factory=dict)  # by reference id
    holds: Mapping[bytes, Hold] = field(default_factory=dict)  # by reference id, those that ended included


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    path: str  # "Schedule", "Attributes", "Lifecycle.Protected"
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    action: Action
    name: str
    reason: Reason
    row: Row | None = None  # None on a create
    record: Record | None = None  # what the bookkeeping says of the row, or of one that is gone
    desired: Desired | None = None  # None on a delete
    fields: tuple[FieldChange, ...] = ()
    writes_row: bool = True  # False: only the bookkeeping changes
    protected: bool = False  # what the bookkeeping says of the row afterwards

    @property
    def task(self) -> Task | None:
        return self.desired.task if self.desired else None


def in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """As they are shown and written: each kind by name."""
    return tuple(sorted(changes, key=lambda one: (ORDER.index(one.action), one.name)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """An unchanged row whose record is to be written again: the file or the spelling of the task moved."""

    row: Row
    record: Record
    desired: Desired
    protected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Undeclared:
    """A row of ours that was adopted, and that no file has declared so far."""

    row: Row
    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A row that differs where its task says `IgnoreChanges`: `before` there, `after` in git."""

    row: Row
    desired: Desired
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """A change that a guard refused: it stands here only, never among the changes."""

    code: str
    name: str  # "" where the guard refuses the plan as a whole
    message: str
    change: Change | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A row on hold, and what waits for its end."""

    name: str
    hold: Hold
    row: Row  # as it would be without the hold
    is_inert: bool  # whether it is inactive and without a user now, by the hold
    change: Change | None = None  # that git would make


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A row that its hold made inert, and that gets back what it said, the hold having ended."""

    row: Row  # inert
    levers: Levers
    hold: Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    owner: str
    changes: tuple[Change, ...] = ()  # in ORDER, then by name
    recordings: tuple[Recording, ...] = ()
    orphans: tuple[Record, ...] = ()  # records of ours whose row is gone: dropped
    unchanged: int = 0
    unmanaged: tuple[Row, ...] = ()  # of no owner, declared by nobody: never touched
    elsewhere: tuple[Row, ...] = ()  # owned, recorded for files that were not given
    undeclared: tuple[Undeclared, ...] = ()  # recorded nowhere: left alone as well
    blocked: tuple[Blocked, ...] = ()
    ignored: tuple[Ignored, ...] = ()  # differences that are left to the operators
    diagnostics: tuple[Diagnostic, ...] = ()  # N004, N005
    selection: Selection = EVERYTHING
    left_out: tuple[Change, ...] = ()  # what would change besides, were it not for the selection
    held: tuple[Held, ...] = ()
    restored: tuple[Restored, ...] = ()  # written before the changes
    ended: tuple[bytes, ...] = ()  # reference ids of holds to forget, when something is written
    moves_owner: bool = False  # the owner is taken over from another repository, which is to be remembered

    @property
    def every_change(self) -> tuple[Change, ...]:
        """The changes, and those that are refused or wait."""
        refused = (one.change for one in self.blocked if one.change is not None)
        return (*self.changes, *refused, *(one.change for one in self.held if one.change is not None))

    @property
    def is_empty(self) -> bool:
        """Nothing to write, the bookkeeping included."""
        return not (self.has_changes or self.recordings or self.orphans or self.moves_owner)

    @property
    def has_changes(self) -> bool:
        """Whether it would change what the rows or their settings say."""
        return bool(self.changes or self.restored)

    @property
    def is_refused(self) -> bool:
        return bool(self.blocked)
