"""Drift: what was last applied, what the table says now and what git says now, field by field."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from reconciler.planning.changes import NOWHERE, Change, Desired, Plan, Record, Recording
from reconciler.planning.compare import Veiled, same_value
from reconciler.planning.masking import filled, hidden, secrets_of
from reconciler.planning.matching import applied_name
from reconciler.planning.texts import fingerprint, row_keys, shown_row, shown_task, task_keys
from reconciler.task import KEYS, Row, Secret, task_of

Side = Literal["table", "git", "both", "same"]
"""Who moved a field since the last apply; `same`: both did, and alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDrift:
    """Its values may be shown: what comes from the environment is a placeholder."""

    path: str  # "Schedule", "Attributes.format"
    side: Side
    applied: Any
    table: Any
    git: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A row of ours that is not what was last applied, or no longer meant to be."""

    name: str  # that was last applied
    record: Record
    row: Row | None  # None: deleted in the table
    desired: Desired | None  # None: removed from git, or never declared
    fields: tuple[FieldDrift, ...]  # none where the row is deleted
    is_held: bool = False  # whatever it says, no plan writes it before its hold ends

    @property
    def is_drift(self) -> bool:
        """Whether the table moved, other than git did."""
        if self.row is None:
            return self.git != "removed"
        return any(field.side in ("table", "both") for field in self.fields)

    @property
    def is_same(self) -> bool:
        """Whether both sides moved, and nowhere differently."""
        if self.row is None:
            return self.git == "removed"
        return bool(self.fields) and all(field.side == "same" for field in self.fields)

    @property
    def table(self) -> Literal["as applied", "changed", "deleted"]:
        if self.row is None:
            return "deleted"
        return "as applied" if all(field.side == "git" for field in self.fields) else "changed"

    @property
    def git(self) -> Literal["as applied", "changed", "removed", "undeclared"]:
        if self.desired is None:
            return "undeclared" if self.record.file == NOWHERE else "removed"
        return "as applied" if self.desired.fingerprint == self.record.fingerprint else "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    drifted: tuple[Movement, ...]
    same: tuple[Movement, ...]  # changed alike on both sides: only to be recorded
    pending: tuple[Change, ...]  # what an apply does besides


def drift_of(plan: Plan) -> Drift:
    """What a plan says of the rows that somebody moved. Neither guards nor holds have a say in it."""
    of_changes = [(change, movement_of(change)) for change in plan.every_change]
    moved = [one for _, one in of_changes if one]
    told = {one.record.reference_id for one in moved}
    moved += filter(None, map(movement_of, plan.recordings))
    moved += (_movement(one.record, one.row, None) for one in plan.undeclared)
    moved += [_movement(record, None, None) for record in plan.orphans if record.reference_id not in told]
    if plan.held:
        held = {one.row.reference_id for one in plan.held}
        moved = [replace(one, is_held=one.record.reference_id in held) for one in moved]
    moved.sort(key=lambda one: (one.name, one.record.reference_id))
    return Drift(
        drifted=tuple(one for one in moved if one.is_drift),
        same=tuple(one for one in moved if one.is_same),
        pending=tuple(change for change, one in of_changes if not (one and one.is_drift)),
    )


def movement_of(change: Change | Recording) -> Movement | None:
    """None where the row is not ours as yet."""
    record, row, desired = change.record, change.row, change.desired
    if record is None or (isinstance(change, Change) and change.action == "adopt"):
        return None
    return _movement(record, row, desired)


def _movement(record: Record, row: Row | None, desired: Desired | None) -> Movement:
    fields = tuple(_fields(record, row, desired)) if row else ()
    return Movement(name=applied_name(record), record=record, row=row, desired=desired, fields=fields)


def _fields(record: Record, row: Row, desired: Desired | None) -> Iterator[FieldDrift]:
    """But for those that are left to operators. What git removed has not moved in its fields."""
    applied, there = json.loads(record.applied), row_keys(row)
    secrets = secrets_of(record.secrets)
    wanted = task_keys(desired.task) if desired else None
    to_be_secret = desired.task.secrets if desired else ()
    last = Veiled(
        _as_applied(applied, secrets, record, [there, *filter(None, (wanted,))]),
        hidden(applied, secrets, to_be_secret),
    )
    table = Veiled(there, shown_row(row, secrets, to_be_secret))
    git = Veiled(wanted, shown_task(desired.task)) if desired else last
    ignored = git.shown.get("Lifecycle", {}).get("IgnoreChanges", ())
    for key in KEYS:
        if key not in ignored:
            yield from _three_way(key, last.at(key), table.at(key), git.at(key))


def _as_applied(
    applied: Mapping[str, Any],
    secrets: Sequence[Secret],
    record: Record,
    candidates: Iterable[Mapping[str, Any]],
) -> Mapping[str, Any]:
    """What was applied, with its secrets if one of the sides still has them: the fingerprint tells."""
    for real in candidates if secrets else ():
        with contextlib.suppress(LookupError, TypeError):  # its attributes have another shape
            whole = filled(applied, secrets, real)
            if fingerprint(task_of(whole)._replace(secrets=tuple(secrets))) == record.fingerprint:
                return whole
    return applied


def _three_way(path: str, applied: Veiled, table: Veiled, git: Veiled) -> Iterator[FieldDrift]:
    sides = (applied, table, git)
    if all(isinstance(value, dict) for side in sides for value in side):
        for key in dict.fromkeys(key for side in sides for key in side.real):
            yield from _three_way(f"{path}.{key}", *(side.at(key) for side in sides))
    elif side := _side(applied.real, table.real, git.real):
        yield FieldDrift(path=path, side=side, applied=applied.shown, table=table.shown, git=git.shown)


def _side(applied: Any, table: Any, git: Any) -> Side | None:
    if same_value(table, applied):
        return None if same_value(git, applied) else "git"
    if same_value(git, applied):
        return "table"
    return "same" if same_value(table, git) else "both"
