"""A task against its row: which fields differ, and who moved, git or the table."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.planning.changes import Desired, FieldChange, Reason, Record
from reconciler.planning.texts import attributes_of, row_keys, task_keys
from reconciler.task import KEYS, Row, Task, canonical_json

BLOCKS = ("Lifecycle", "Scheduler")
"""Keys that the table has no column for."""


def is_same(desired: Desired, row: Row) -> bool:
    """Whether the row says what the task says, where that is enforced. Attributes compare as JSON values."""
    ours, theirs = desired.content, row.content
    if ours == theirs:
        return True
    if desired.task.lifecycle.ignore_changes:
        return not row_fields(desired.task, row)
    return ours[:-1] == theirs[:-1] and _same_value(desired.task.attributes, attributes_of(row))


def row_fields(task: Task, row: Row) -> tuple[FieldChange, ...]:
    """The fields in which the row differs from the task, attributes key by key, but for ignored ones."""
    return tuple(_fields(row_keys(row), task_keys(task), enforced(task)))


def ignored_fields(task: Task, row: Row) -> tuple[FieldChange, ...]:
    """The differences that `IgnoreChanges` leaves alone."""
    return tuple(_fields(row_keys(row), task_keys(task), task.lifecycle.ignore_changes))


def enforced(task: Task) -> tuple[str, ...]:
    """The keys that an existing row has to say as the task does."""
    return tuple(key for key in KEYS if key not in task.lifecycle.ignore_changes)


def block_fields(task: Task, record: Record | None) -> tuple[FieldChange, ...]:
    """The settings of `Lifecycle` and `Scheduler` that differ from what was last applied."""
    applied = json.loads(record.applied) if record else {}
    return tuple(_fields(applied, task_keys(task), BLOCKS))


def keys_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """The fields in which two tasks differ, or two rows, given with the keys of the YAML."""
    return tuple(_fields(before, after, (*KEYS, "Lifecycle", "Scheduler")))


def reason_of(task: Task, row: Row, record: Record) -> Reason:
    """Who moved since the last apply: the declaration (`git`), the row (`drift`) or both."""
    applied, wanted, there = json.loads(record.applied), task_keys(task), row_keys(row)
    keys = enforced(task)
    git_moved = not _same_value(_only(applied, (*keys, *BLOCKS)), _only(wanted, (*keys, *BLOCKS)))
    table_moved = not _same_value(_only(applied, keys), _only(there, keys))
    if git_moved and table_moved:
        return "both"
    return "drift" if table_moved else "git"


def _only(values: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: values.get(key) for key in keys}


def _fields(
    before: Mapping[str, Any], after: Mapping[str, Any], keys: tuple[str, ...]
) -> Iterator[FieldChange]:
    for key in keys:
        yield from _differences(key, before.get(key, {}), after.get(key, {}))


def _differences(path: str, before: Any, after: Any) -> Iterator[FieldChange]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from _differences(f"{path}.{key}", before.get(key), after.get(key))
    elif not _same_value(before, after):
        yield FieldChange(path=path, before=before, after=after)


def _same_value(one: Any, other: Any) -> bool:
    return canonical_json(one) == canonical_json(other)
