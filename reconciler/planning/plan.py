"""Desired and existing in, a plan out. Pure: no YAML, no SQL, no clock."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from reconciler.diagnostics import Diagnostic
from reconciler.planning.changes import (
    NOWHERE,
    Blocked,
    Change,
    Desired,
    Existing,
    Ignored,
    Plan,
    Record,
    Recording,
    in_order,
)
from reconciler.planning.compare import ignored_fields
from reconciler.planning.guards import Guards, guard_deletes, guard_repository, guard_updates
from reconciler.planning.holds import NO_HOLDS, Holds, due, hold_back
from reconciler.planning.matching import Matching, match
from reconciler.planning.narrowing import parted
from reconciler.planning.scope import Scope
from reconciler.planning.selection import EVERYTHING, Selection
from reconciler.planning.strangers import sort_out
from reconciler.planning.verdicts import Deed, Judge, Verdict, on_task, on_undeclared

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
    owner = ownership.owner
    found = match(desired, existing, owner)
    judge = Judge(owner=owner, records=existing.records, orphans=found.orphans, guards=guards)
    on_tasks = [on_task(one, found.rows.get(one.task.name, ()), judge) for one in desired]
    strangers = sort_out(found.undeclared, existing, owner, scope, selection)
    deletes = [on_undeclared(row, record, guards) for row, record in strangers.removed]
    deeds, held = hold_back([*(one for one in on_tasks if one is not None), *deletes], existing, holds, owner)
    deeds, left_out = parted(deeds, selection)
    restored, ended = due(holds, selection)
    changes, recordings = in_order(_only(Change, deeds)), tuple(_only(Recording, deeds))
    return Plan(
        owner=owner,
        changes=changes,
        recordings=recordings,
        orphans=tuple(_orphans(found, changes, scope, selection)),
        unchanged=_unchanged(desired, on_tasks, selection) + len(recordings),
        unmanaged=strangers.unmanaged,
        elsewhere=strangers.elsewhere,
        undeclared=strangers.undeclared,
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


def _only(kind: type[Kind], deeds: Iterable[Deed]) -> list[Kind]:
    return [one for one in deeds if isinstance(one, kind)]
