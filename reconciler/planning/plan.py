"""Desired and existing in, a plan out. Pure: no YAML, no SQL, no clock."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from reconciler.diagnostics import Diagnostic
from reconciler.planning.changes import ORDER, Blocked, Change, Desired, Existing, Ignored, Plan, Recording
from reconciler.planning.compare import ignored_fields
from reconciler.planning.guards import Guards, guard_deletes, guard_repository, guard_updates
from reconciler.planning.matching import Matching, match
from reconciler.planning.scope import Scope
from reconciler.planning.verdicts import Judge, Verdict, on_task, on_undeclared
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
) -> Plan:
    """The ordered changes that make the table say what is desired, and what the guards refuse of them."""
    owner, records = ownership.owner, existing.records
    found = match(desired, existing, owner)
    judge = Judge(owner=owner, records=records, orphans=found.orphans, guards=guards)
    on_tasks = [on_task(one, found.rows.get(one.task.name, ()), judge) for one in desired]
    ours = [(row, records[row.reference_id]) for row in found.undeclared if _owner(row, existing) == owner]
    deletes = [on_undeclared(row, record, guards) for row, record in ours if scope.covers(record.file)]

    verdicts = [*(verdict for verdict in on_tasks if verdict is not None), *deletes]
    changes = tuple(sorted(_only(Change, verdicts), key=_order))
    recordings = tuple(_only(Recording, verdicts))
    return Plan(
        owner=owner,
        changes=changes,
        recordings=recordings,
        orphans=tuple(
            one for name, one in found.orphans.items() if name in found.names or scope.covers(one.file)
        ),
        unchanged=on_tasks.count(None) + len(recordings),
        unmanaged=_sorted(row for row in found.undeclared if _owner(row, existing) is None),
        elsewhere=_sorted(row for row, record in ours if not scope.covers(record.file)),
        blocked=(
            *sorted(_only(Blocked, verdicts), key=lambda one: (one.code, one.name)),
            *_refusals(changes, found.owned, len(desired), ownership, guards),
        ),
        ignored=tuple(_ignored(desired, found, existing)),
        diagnostics=(*_only(Diagnostic, verdicts), *found.diagnostics),
        moves_owner=guards.take_over and ownership.moved,
    )


def _refusals(
    changes: Sequence[Change], owned: int, declared: int, ownership: Ownership, guards: Guards
) -> Iterator[Blocked]:
    """What is refused of the plan as a whole."""
    yield from guard_deletes(changes, owned, declared, guards)
    yield from guard_updates(changes, owned, guards)
    yield from guard_repository(ownership.owner, ownership.repository, ownership.last_repository, guards)


def _ignored(desired: Sequence[Desired], found: Matching, existing: Existing) -> Iterator[Ignored]:
    for one in desired:
        if one.task.lifecycle.ignore_changes:
            for row in found.rows.get(one.task.name, ()):
                record = existing.records.get(row.reference_id)
                if fields := ignored_fields(one.task, row, record):
                    yield Ignored(row=row, desired=one, fields=fields)


def _owner(row: Row, existing: Existing) -> str | None:
    record = existing.records.get(row.reference_id)
    return record.owner if record else None


def _only(kind: type[Kind], verdicts: Iterable[Verdict]) -> list[Kind]:
    return [verdict for verdict in verdicts if isinstance(verdict, kind)]


def _sorted(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: (row.name, row.id)))


def _order(change: Change) -> tuple[int, str]:
    return (ORDER.index(change.action), change.name)
