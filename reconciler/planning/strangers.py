"""The rows that no declared task is: whose they are, and whether this plan speaks of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.planning.changes import NOWHERE, Existing, Record, Undeclared
from reconciler.planning.scope import Scope
from reconciler.planning.selection import Selection
from reconciler.task import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Strangers:
    """By name. Those of other owners are nobody's business here."""

    removed: tuple[tuple[Row, Record], ...]  # ours, of files that were given: to be deleted
    elsewhere: tuple[Row, ...]  # ours, of files that were not given
    undeclared: tuple[Undeclared, ...]  # ours, of no file so far
    unmanaged: tuple[Row, ...]  # of no owner


def sort_out(
    rows: Iterable[Row], existing: Existing, owner: str, scope: Scope, selection: Selection
) -> Strangers:
    """Whose each row is."""
    known = [(row, existing.records.get(row.reference_id)) for row in sorted(rows, key=_by_name)]
    ours = [(row, record) for row, record in known if record is not None and record.owner == owner]
    left = [(row, record) for row, record in ours if not scope.covers(record.file)]
    return Strangers(
        removed=tuple((row, record) for row, record in ours if scope.covers(record.file)),
        elsewhere=tuple(row for row, record in left if record.file != NOWHERE),
        undeclared=tuple(
            Undeclared(row=row, record=record)
            for row, record in left
            if record.file == NOWHERE and selection.names(row.name)
        ),
        unmanaged=tuple(row for row, record in known if record is None),
    )


def _by_name(row: Row) -> tuple[str, int]:
    return row.name, row.id
