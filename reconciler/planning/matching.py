"""Which row a task is: the one of its name, else ours that lost this name, else one of a previous name."""

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from reconciler.diagnostics import Diagnostic
from reconciler.planning.changes import Desired, Existing, Record
from reconciler.planning.renames import Known, find_renames
from reconciler.task import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    rows: Mapping[str, Sequence[Row]]  # by the name of the task that they are; two of them are N004
    undeclared: Sequence[Row]  # no task's
    orphans: Mapping[str, Record]  # records of ours whose row is gone, by the name that was last applied
    owned: int  # rows of the owner
    names: Container[str]  # declared
    diagnostics: Sequence[Diagnostic]  # N005


def match(desired: Sequence[Desired], existing: Existing, owner: str) -> Matching:
    """Names are compared exactly."""
    names = {one.task.name for one in desired}
    rows = rows_by_name(existing.rows)
    owned = {id_ for id_, record in existing.records.items() if record.owner == owner}
    gone = owned.difference(row.reference_id for row in existing.rows)
    strangers = [row for row in existing.rows if row.name not in names]
    strayed = _strayed((row for row in strangers if row.reference_id in owned), existing)
    found = {name: row for name, row in strayed.items() if name in names and name not in rows}
    known = Known(rows=rows, strayed=strayed, found=found, names=names, owned=owned, existing=existing)
    renamed, ambiguous = find_renames((one for one in desired if one.task.lifecycle.previous_names), known)
    found.update(renamed)
    taken = {row.reference_id for row in found.values()}
    rows.update((name, (row,)) for name, row in found.items())
    return Matching(
        rows=rows,
        undeclared=[row for row in strangers if row.reference_id not in taken],
        orphans=_orphans(gone, existing),
        owned=len(owned - gone),
        names=names,
        diagnostics=ambiguous,
    )


def applied_name(record: Record) -> str:
    """The name that was last applied."""
    name: str = json.loads(record.applied)["Name"]
    return name


def rows_by_name(rows: Iterable[Row]) -> dict[str, tuple[Row, ...]]:
    """Two of a name are what something else wrote."""
    named: dict[str, tuple[Row, ...]] = {}
    for row in rows:
        named[row.name] = (*named[row.name], row) if row.name in named else (row,)
    return named


def _orphans(gone: Iterable[bytes], existing: Existing) -> Mapping[str, Record]:
    records = (existing.records[reference_id] for reference_id in sorted(gone))
    return {applied_name(record): record for record in records}


def _strayed(ours: Iterable[Row], existing: Existing) -> Mapping[str, Row]:
    """Rows that somebody may have renamed, by the name that was last applied."""
    return {applied_name(existing.records[row.reference_id]): row for row in ours}
