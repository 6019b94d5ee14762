"""What is to be done about one task, or one row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciler.diagnostics import Diagnostic, diagnostic
from reconciler.planning.changes import Blocked, Change, Desired, Record, Recording
from reconciler.planning.compare import block_fields, is_same, reason_of, row_fields
from reconciler.planning.guards import Guards, guard_owner, guard_protected
from reconciler.planning.matching import applied_name
from reconciler.task import Row

Deed = Change | Recording | Blocked | Diagnostic
"""Something is to be done, or cannot be."""

Verdict = Deed | None
"""None: nothing, it is as it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """What every verdict of one plan depends on."""

    owner: str
    records: Mapping[bytes, Record]  # by reference id
    orphans: Mapping[str, Record]  # records of ours whose row is gone, by the name that was last applied
    guards: Guards


def on_task(desired: Desired, rows: Sequence[Row], judge: Judge) -> Verdict:
    """Of a task, given the rows that it is."""
    if not rows:
        return _create(desired, _orphan(desired, judge.orphans))
    if len(rows) > 1:
        return _twins(desired, rows)
    (row,) = rows
    record = judge.records.get(row.reference_id)
    if record is not None and record.owner == judge.owner:
        return _update(desired, row, record)
    return guard_owner(_adopt(desired, row, record), row, record, judge.owner, judge.guards)


def _orphan(desired: Desired, orphans: Mapping[str, Record]) -> Record | None:
    if not orphans:
        return None
    names = (desired.task.name, *desired.task.lifecycle.previous_names)
    return next((orphans[name] for name in names if name in orphans), None)


def _create(desired: Desired, orphan: Record | None) -> Change:
    """A row to insert; where we had one of that name, it was deleted behind our back."""
    return Change(
        action="create",
        name=desired.task.name,
        reason="drift" if orphan else "new",
        record=orphan,
        desired=desired,
        protected=_protected(desired, orphan),
    )


def _update(desired: Desired, row: Row, record: Record) -> Verdict:
    same_row = is_same(desired, row)
    protected = _protected(desired, record)
    if same_row and desired.fingerprint == record.fingerprint and protected == record.protected:
        if desired.file == record.file:
            return None
        return Recording(row=row, record=record, desired=desired, protected=protected)
    fields = (*row_fields(desired.task, row, record), *block_fields(desired.task, record))
    if not fields:
        return Recording(row=row, record=record, desired=desired, protected=protected)
    was_renamed = row.name != desired.task.name and applied_name(record) != desired.task.name
    return Change(
        action="rename" if was_renamed else "update",
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
        name=desired.task.name,
        reason="adopt",
        row=row,
        record=record,
        desired=desired,
        fields=(*row_fields(desired.task, row, record), *block_fields(desired.task, record)),
        writes_row=not is_same(desired, row),
        protected=_protected(desired, record),
    )


def on_undeclared(row: Row, record: Record, guards: Guards) -> Change | Blocked:
    """Of a row of ours that nothing declares any more."""
    change = Change(action="delete", name=row.name, reason="removed", row=row, record=record)
    return guard_protected(change, record, guards)


def _twins(desired: Desired, rows: Sequence[Row]) -> Diagnostic:
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
