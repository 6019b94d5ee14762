"""Desired and existing in, a plan out. Pure: no YAML, no SQL, no clock."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from reconciler.diagnostics import Diagnostic
from reconciler.planning.changes import (
    NOWHERE,
    ORDER,
    Blocked,
    Change,
    Desired,
    Existing,
    Ignored,
    Plan,
    Record,
    Recording,
    Undeclared,
)
from reconciler.planning.compare import ignored_fields
from reconciler.planning.guards import Guards, guard_deletes, guard_repository, guard_updates
from reconciler.planning.holds import NO_HOLDS, Holds, due, hold_back
from reconciler.planning.matching import Matching, match
from reconciler.planning.narrowing import takes
from reconciler.planning.scope import Scope
from reconciler.planning.selection import EVERYTHING, Selection
from reconciler.planning.verdicts import Deed, Judge, Verdict, on_task, on_undeclared
from reconciler.task import Row

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
    selection: Selection = EVERYTHING,
    holds: Holds = NO_HOLDS,
) -> Plan:
    """The ordered changes that make the table say what is desired, and what the guards refuse of them.

    What is not selected is planned like the rest, and then left out.
    """
    owner, records = ownership.owner, existing.records
    found = match(desired, existing, owner)
    judge = Judge(owner=owner, records=records, orphans=found.orphans, guards=guards)
    on_tasks = [on_task(one, found.rows.get(one.task.name, ()), judge) for one in desired]
    ours = [(row, records[row.reference_id]) for row in found.undeclared if _owner(row, existing) == owner]
    deletes = [on_undeclared(row, record, guards) for row, record in ours if scope.covers(record.file)]
    left = [(row, record) for row, record in ours if not scope.covers(record.file)]
    deeds, held = hold_back([*(one for one in on_tasks if one is not None), *deletes], existing, holds, owner)
    deeds, left_out = _parted(deeds, selection)
    restored, ended = due(holds, selection)
    changes, recordings = tuple(sorted(_only(Change, deeds), key=_order)), tuple(_only(Recording, deeds))
    return Plan(
        owner=owner,
        changes=changes,
        recordings=recordings,
        orphans=tuple(_orphans(found, changes, scope, selection)),
        unchanged=_unchanged(desired, on_tasks, selection) + len(recordings),
        unmanaged=_sorted(row for row in found.undeclared if _owner(row, existing) is None),
        elsewhere=_sorted(row for row, record in left if record.file != NOWHERE),
        undeclared=tuple(
            Undeclared(row=row, record=record)
            for row, record in sorted(left, key=lambda pair: (pair[0].name, pair[0].id))
            if record.file == NOWHERE and selection.names(row.name)
        ),
        blocked=(
            *sorted(_only(Blocked, deeds), key=lambda one: (one.code, one.name)),
            *_refusals(changes, found.owned, len(desired), ownership, guards),
        ),
        ignored=tuple(_ignored(desired, found, existing, selection)),
        diagnostics=(*_only(Diagnostic, deeds), *found.diagnostics),
        selection=selection,
        left_out=left_out,
        held=held,
        restored=restored,
        ended=ended,
        moves_owner=guards.take_over and ownership.moved,
    )


def _parted(deeds: Sequence[Deed], selection: Selection) -> tuple[Sequence[Deed], tuple[Change, ...]]:
    """What is selected, with every diagnostic, and the changes that are not."""
    if selection.is_whole:
        return deeds, ()
    taken: list[Deed] = []
    rest: list[Deed] = []
    for one in deeds:
        is_taken = isinstance(one, Diagnostic) or takes(selection, one)
        (taken if is_taken else rest).append(one)
    changes = (*_only(Change, rest), *(one.change for one in _only(Blocked, rest) if one.change))
    return taken, tuple(sorted(changes, key=_order))


def _unchanged(desired: Sequence[Desired], verdicts: Sequence[Verdict], selection: Selection) -> int:
    if selection.is_whole:
        return verdicts.count(None)
    pairs = zip(desired, verdicts, strict=True)
    return sum(verdict is None and selection.names(one.task.name) for one, verdict in pairs)


def _orphans(
    found: Matching, changes: Sequence[Change], scope: Scope, selection: Selection
) -> Iterator[Record]:
    """Records to be dropped: of rows that are made again, or that nobody declares any more."""
    again = {change.record.reference_id for change in changes if change.record} if found.orphans else ()
    for name, record in found.orphans.items():
        is_over = name in found.names or record.file == NOWHERE or scope.covers(record.file)
        is_meant = is_over and selection.names(name) and not selection.drifted
        if is_meant or record.reference_id in again:
            yield record


def _refusals(
    changes: Sequence[Change], owned: int, declared: int, ownership: Ownership, guards: Guards
) -> Iterator[Blocked]:
    """What is refused of the plan as a whole."""
    yield from guard_deletes(changes, owned, declared, guards)
    yield from guard_updates(changes, owned, guards)
    yield from guard_repository(ownership.owner, ownership.repository, ownership.last_repository, guards)


def _ignored(
    desired: Sequence[Desired], found: Matching, existing: Existing, selection: Selection
) -> Iterator[Ignored]:
    for one in desired:
        if one.task.lifecycle.ignore_changes and selection.names(one.task.name):
            for row in found.rows.get(one.task.name, ()):
                record = existing.records.get(row.reference_id)
                if fields := ignored_fields(one.task, row, record):
                    yield Ignored(row=row, desired=one, fields=fields)


def _owner(row: Row, existing: Existing) -> str | None:
    record = existing.records.get(row.reference_id)
    return record.owner if record else None


def _only(kind: type[Kind], deeds: Iterable[Deed]) -> list[Kind]:
    return [one for one in deeds if isinstance(one, kind)]


def _sorted(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: (row.name, row.id)))


def _order(change: Change) -> tuple[int, str]:
    return (ORDER.index(change.action), change.name)
