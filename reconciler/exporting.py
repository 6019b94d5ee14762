"""The way back: rows as declarations, checked as those of files are, so that a plan takes what is written."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reconciler import checks
from reconciler.checks.context import Context
from reconciler.config.declarations import NOTHING, Declaration
from reconciler.diagnostics import Diagnostic, diagnostic
from reconciler.planning.changes import Existing, Record
from reconciler.planning.compare import applied_blocks
from reconciler.planning.masking import hidden, masked, replaced, secrets_of
from reconciler.planning.texts import row_keys
from reconciler.report.export import ExportedRow, Selection
from reconciler.task import NESTING, Row, Secret, Task, Variable, canonical_json

OUTER = 3
"""Levels of a file around the attributes of a task: the document, `Tasks`, the task."""

TOLD_HERE = frozenset({"N001"})
"""What is told of the table rather than of a file: here rows of one name are N004, wherever they stand."""


def export(
    existing: Existing, context: Context, owner: str, selection: Selection
) -> tuple[list[ExportedRow], Mapping[str, int]]:
    """The rows of a selection, by name, with what keeps some from being declared.

    And how many rows each other owner has.
    """
    records = existing.records
    chosen = [row for row in existing.rows if _is_chosen(records.get(row.reference_id), owner, selection)]
    chosen.sort(key=lambda row: (row.name, row.id))
    keys = [row_keys(row) for row in chosen]
    faults = _faults(chosen, keys, existing, context)
    exported = [
        _exported(row, known, records.get(row.reference_id), faults.get(index, []))
        for index, (row, known) in enumerate(zip(chosen, keys, strict=True))
    ]
    return exported, _owners_of_others(existing, owner)


def _is_chosen(record: Record | None, owner: str, selection: Selection) -> bool:
    if record is None:
        return selection != "owned"
    return record.owner == owner and selection != "unmanaged"


def _owners_of_others(existing: Existing, owner: str) -> Mapping[str, int]:
    records = (existing.records.get(row.reference_id) for row in existing.rows)
    owners = (record.owner for record in records if record is not None)
    return dict(sorted(Counter(one for one in owners if one != owner).items()))


def _exported(
    row: Row, keys: dict[str, Any], record: Record | None, faults: Sequence[Diagnostic]
) -> ExportedRow:
    if record is not None and record.secrets is not None:
        keys, faults = _with_variables(keys, faults, record)
    if row.as_user_email is None:
        del keys["AsUserEmail"]
    file = record.file if record else None
    return ExportedRow(row=row, keys=keys | applied_blocks(record), file=file, faults=tuple(faults))


def _with_variables(
    keys: dict[str, Any], faults: Sequence[Diagnostic], record: Record
) -> tuple[dict[str, Any], Sequence[Diagnostic]]:
    """What came from the environment as the variable that it came from; a row where it is lost is no task."""
    secrets = secrets_of(record.secrets)
    faults = [_without_values(one, secrets) for one in faults]
    if not _is_as_applied(keys, secrets, record):
        faults += [_lost(one) for one in secrets if not _is_there(keys, one.path)]
    if faults:
        return hidden(keys, secrets, ()), faults
    return replaced(keys, ((one.path, Variable(name=one.variable, type=one.type)) for one in secrets)), []


def _is_as_applied(keys: Mapping[str, Any], secrets: Sequence[Secret], record: Record) -> bool:
    applied = json.loads(record.applied)
    return canonical_json(masked(keys, secrets)) == canonical_json({key: applied[key] for key in keys})


def _is_there(keys: Any, path: Sequence[str | int]) -> bool:
    """Whether a path leads somewhere, by keys alone: an item of a list may be another one by now."""
    for key in path:
        if not isinstance(keys, Mapping) or key not in keys:
            return False
        keys = keys[key]
    return True


def _lost(secret: Secret) -> Diagnostic:
    where = ".".join(map(str, secret.path))
    return diagnostic(
        "E010", f"the row moved, and what {secret.variable} gave {where} is nowhere to be found"
    )


def _without_values(fault: Diagnostic, secrets: Sequence[Secret]) -> Diagnostic:
    """A fault in a value from the environment does not quote it."""
    path = fault.pointer.path[2:] if fault.pointer else ()
    given = [one for one in secrets if path and one.path[: len(path)] == path[: len(one.path)]]
    if not given:
        return fault
    return diagnostic(fault.code, f"what {given[0].variable} gave {'.'.join(map(str, path))} is wrong here")


def _faults(
    rows: Sequence[Row], keys: Sequence[Mapping[str, Any]], existing: Existing, context: Context
) -> Mapping[int, Sequence[Diagnostic]]:
    """By index, what keeps a row from being declared."""
    found: defaultdict[int, list[Diagnostic]] = defaultdict(list)
    for index, one in _of_the_table(rows, keys, existing):
        found[index].append(one)
    declarations = [
        _declaration(index, row, known["Attributes"])
        for index, (row, known) in enumerate(zip(rows, keys, strict=True))
    ]
    for one in checks.check(declarations, context):
        if one.is_error and one.code not in TOLD_HERE and one.pointer is not None:
            found[int(one.pointer.path[1])].append(one)
    return found


def _declaration(index: int, row: Row, attributes: Any) -> Declaration:
    """The row as a task of an imagined file. What is told of the table is no matter of its keys."""
    is_object = isinstance(attributes, dict)
    unusable = (() if row.as_user_email else ("AsUserEmail",)) + (() if is_object else ("Attributes",))
    task = Task(
        name=row.name,
        schedule=row.schedule,
        entity_name=row.entity_name,
        action_name=row.action_name,
        as_user_email=row.as_user_email or "",
        active=row.active,
        job_type=row.job_type,
        attributes=attributes if is_object else {},
    )
    return Declaration(
        task=task,
        file="",
        document=0,
        index=index,
        line=1,
        unusable=frozenset(unusable) if unusable else NOTHING,
    )


def _of_the_table(
    rows: Sequence[Row], keys: Sequence[Mapping[str, Any]], existing: Existing
) -> Iterator[tuple[int, Diagnostic]]:
    """What only a row can have, and no declaration."""
    ids: defaultdict[str, list[int]] = defaultdict(list)
    for row in existing.rows:
        ids[row.name].append(row.id)
    for index, (row, known) in enumerate(zip(rows, keys, strict=True)):
        if len(ids[row.name]) > 1:
            yield index, _twin(ids[row.name])
        if row.as_user_email is None:
            yield index, _userless(row)
        if fault := _attributes_fault(row, known["Attributes"]):
            yield index, fault


def _twin(ids: Sequence[int]) -> Diagnostic:
    listed = " and ".join(map(str, sorted(ids)))
    return diagnostic("N004", f"the table holds {len(ids)} rows of this name: ids {listed}")


def _userless(row: Row) -> Diagnostic:
    if row.as_user_id is None:
        return diagnostic("U001", "it names no user: a task without a user never runs")
    return diagnostic("U002", f"it names user {row.as_user_id}, who does not exist")


def _attributes_fault(row: Row, attributes: Any) -> Diagnostic | None:
    if not isinstance(attributes, dict):
        return diagnostic("J001", "its attributes are no JSON object")
    room = NESTING - OUTER
    if row.attributes.count("{") + row.attributes.count("[") > room and _height(attributes) > room:
        message = (
            f"its attributes are nested too deep: a file has {NESTING} levels, {OUTER} of them around it"
        )
        return diagnostic("F006", message)
    return None


def _height(value: Any) -> int:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if items is None else 1 + max(map(_height, items), default=0)
