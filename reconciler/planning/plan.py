"""Desired and existing in, a plan out. Pure: no YAML, no SQL, no clock."""

import json
import shlex
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from reconciler.diagnostics import Diagnostic, diagnostic
from reconciler.planning.changes import ORDER, Blocked, Change, Desired, Existing, Plan, Record, Recording
from reconciler.planning.compare import block_fields, is_same, reason_of, row_fields
from reconciler.planning.guards import Guards, guard_deletes, guard_repository, guard_updates
from reconciler.planning.scope import Scope
from reconciler.task import Row

Verdict = Change | Recording | Blocked | Diagnostic | None
"""What is to be done about one task or row; None: nothing, it is as it should be."""

Kind = TypeVar("Kind", Change, Recording, Blocked, Diagnostic)

NO_GUARDS = Guards()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """Who plans, and the repository it plans from and was last applied from (None: not known)."""

    owner: str
    repository: str | None = None
    last_repository: str | None = None

    @property
    def moved(self) -> bool:
        return None not in (self.repository, self.last_repository) and self.repository != self.last_repository


def plan(
    desired: Sequence[Desired],
    existing: Existing,
    *,
    ownership: Ownership,
    scope: Scope,
    guards: Guards = NO_GUARDS,
) -> Plan:
    """The ordered changes that make the table say what is desired, and what the guards refuse of them.

    A row is matched by its name, exactly. Two rows of a declared name are a diagnostic (N004), not a guess.
    """
    owner = ownership.owner
    rows = _by_name(existing.rows)
    names = {one.task.name for one in desired}
    owned = {id_ for id_, record in existing.records.items() if record.owner == owner}
    gone = owned.difference(row.reference_id for row in existing.rows)
    orphans = _orphans(gone, existing)
    strangers = [row for row in existing.rows if row.name not in names]
    displaced = _displaced((row for row in strangers if row.reference_id in owned), existing, names)
    named = {**displaced, **rows}
    matches = [_match(one, named.get(one.task.name, ()), existing, owner, guards, orphans) for one in desired]
    found_again = {row.reference_id for name, (row,) in displaced.items() if name not in rows}
    undeclared = [row for row in strangers if row.reference_id not in found_again]
    ours = [row for row in undeclared if row.reference_id in owned]
    deletes = [
        _delete(row, existing.records[row.reference_id], guards) for row in _covered(ours, existing, scope)
    ]

    verdicts = [*(match for match in matches if match is not None), *deletes]
    changes = tuple(sorted(_only(Change, verdicts), key=_order))
    recordings = tuple(_only(Recording, verdicts))
    return Plan(
        owner=owner,
        changes=changes,
        recordings=recordings,
        orphans=tuple(one for name, one in orphans.items() if name in names or scope.covers(one.file)),
        unchanged=matches.count(None) + len(recordings),
        unmanaged=_sorted(row for row in undeclared if row.reference_id not in existing.records),
        elsewhere=_sorted(row for row in ours if not scope.covers(existing.records[row.reference_id].file)),
        blocked=(
            *sorted(_only(Blocked, verdicts), key=lambda one: (one.code, one.name)),
            *_refusals(changes, len(owned - gone), len(desired), ownership, guards),
        ),
        diagnostics=tuple(_only(Diagnostic, verdicts)),
        moves_owner=guards.take_over and ownership.moved,
    )


def _refusals(
    changes: Sequence[Change], owned: int, declared: int, ownership: Ownership, guards: Guards
) -> Iterator[Blocked]:
    """What is refused of the plan as a whole."""
    yield from guard_deletes(changes, owned, declared, guards)
    yield from guard_updates(changes, owned, guards)
    yield from guard_repository(ownership.owner, ownership.repository, ownership.last_repository, guards)


def _match(
    desired: Desired,
    rows: Sequence[Row],
    existing: Existing,
    owner: str,
    guards: Guards,
    orphans: Mapping[str, Record],
) -> Verdict:
    """What is to be done about a task, given the rows of its name."""
    if not rows:
        return _create(desired, orphans.get(desired.task.name))
    if len(rows) > 1:
        return _two_rows(desired, rows)
    (row,) = rows
    record = existing.records.get(row.reference_id)
    if record is not None and record.owner == owner:
        return _update(desired, row, record)
    if record is None or guards.take_over:
        return _adopt(desired, row, record)
    message = f"{row.name!r} belongs to owner {record.owner!r}, this is {owner!r}; --take-over moves it here"
    return Blocked(code="O005", name=row.name, message=message, change=_adopt(desired, row, record))


def _create(desired: Desired, orphan: Record | None) -> Change:
    """A row to insert; where we had one of that name, it was deleted behind our back."""
    return Change(
        action="create",
        name=desired.task.name,
        reason="drift" if orphan else "new",
        desired=desired,
        protected=_protected(desired, orphan),
    )


def _update(desired: Desired, row: Row, record: Record) -> Verdict:
    same_row = is_same(desired, row)
    protected = _protected(desired, record)
    if same_row and desired.fingerprint == record.fingerprint and protected == record.protected:
        if desired.file == record.file:
            return None
        return Recording(row=row, desired=desired, protected=protected)
    fields = (*row_fields(desired.task, row), *block_fields(desired.task, record))
    if not fields:
        return Recording(row=row, desired=desired, protected=protected)
    return Change(
        action="update",
        name=desired.task.name,
        reason=reason_of(desired.task, row, record),
        row=row,
        record=record,
        desired=desired,
        fields=fields,
        writes_row=not same_row,
        protected=protected,
    )


def _adopt(desired: Desired, row: Row, record: Record | None) -> Change:
    return Change(
        action="adopt",
        name=row.name,
        reason="adopt",
        row=row,
        record=record,
        desired=desired,
        fields=(*row_fields(desired.task, row), *block_fields(desired.task, record)),
        writes_row=not is_same(desired, row),
        protected=_protected(desired, record),
    )


def _delete(row: Row, record: Record, guards: Guards) -> Change | Blocked:
    change = Change(action="delete", name=row.name, reason="removed", row=row, record=record)
    if record.protected and row.name not in guards.allow_protected:
        word = f"--allow-protected {shlex.quote(row.name)}"
        message = f"{row.name!r} is protected; {word} if it is to be deleted"
        return Blocked(code="O004", name=row.name, message=message, change=change)
    return change


def _two_rows(desired: Desired, rows: Sequence[Row]) -> Diagnostic:
    ids = " and ".join(str(row.id) for row in rows)
    return diagnostic(
        "N004",
        f"the table holds {len(rows)} rows named {desired.task.name!r}: ids {ids}",
        hint="delete or rename all but one of them, then plan again",
        pointer=desired.pointer("Name") if desired.pointer else None,
    )


def _protected(desired: Desired, record: Record | None) -> bool:
    """Git decides where it speaks; where it is silent the row keeps the protection it has."""
    said = desired.task.lifecycle.protected
    if said is not None:
        return said
    return record.protected if record else False


def _by_name(rows: Iterable[Row]) -> Mapping[str, Sequence[Row]]:
    named: dict[str, tuple[Row, ...]] = {}
    for row in rows:
        named[row.name] = (*named[row.name], row) if row.name in named else (row,)
    return named


def _orphans(gone: Iterable[bytes], existing: Existing) -> Mapping[str, Record]:
    """Our records whose row is gone, by the name that was last applied."""
    records = (existing.records[reference_id] for reference_id in sorted(gone))
    return {_applied_name(record): record for record in records}


def _displaced(ours: Iterable[Row], existing: Existing, names: Container[str]) -> dict[str, Sequence[Row]]:
    """Our rows that somebody gave another name, by the name that was last applied and is still declared."""
    applied = ((_applied_name(existing.records[row.reference_id]), row) for row in ours)
    return {name: (row,) for name, row in applied if name in names}


def _applied_name(record: Record) -> str:
    name: str = json.loads(record.applied)["Name"]
    return name


def _covered(rows: Iterable[Row], existing: Existing, scope: Scope) -> Iterator[Row]:
    return (row for row in rows if scope.covers(existing.records[row.reference_id].file))


def _only(kind: type[Kind], verdicts: Iterable[Verdict]) -> list[Kind]:
    return [verdict for verdict in verdicts if isinstance(verdict, kind)]


def _sorted(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: (row.name, row.id)))


def _order(change: Change) -> tuple[int, str]:
    return (ORDER.index(change.action), change.name)
