"""A task against its row: which fields differ, and who moved, git or the table."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.planning.changes import Desired, FieldChange, Reason, Record
from reconciler.planning.texts import attributes_of, row_keys, task_keys
from reconciler.task import KEYS, Row, Task, canonical_json


def is_same(desired: Desired, row: Row) -> bool:
    """Whether the row says what the task says. Attributes compare as JSON values, not as text."""
    ours, theirs = desired.content, row.content
    if ours == theirs:
        return True
    return ours[:-1] == theirs[:-1] and _same_value(desired.task.attributes, attributes_of(row))


def row_fields(task: Task, row: Row) -> tuple[FieldChange, ...]:
    """The fields in which the row differs from the task, attributes key by key."""
    return tuple(_fields(row_keys(row), task_keys(task), tuple(KEYS)))


def block_fields(task: Task, record: Record | None) -> tuple[FieldChange, ...]:
    """The settings of `Lifecycle` and `Scheduler` that differ from what was last applied."""
    applied = json.loads(record.applied) if record else {}
    return tuple(_fields(applied, task_keys(task), ("Lifecycle", "Scheduler")))


def reason_of(task: Task, row: Row, record: Record) -> Reason:
    """Who moved since the last apply: the declaration (`git`), the row (`drift`) or both."""
    applied = json.loads(record.applied)
    git_moved = not _same_value(applied, task_keys(task))
    table_moved = not _same_value({key: applied.get(key) for key in KEYS}, row_keys(row))
    if git_moved and table_moved:
        return "both"
    return "drift" if table_moved else "git"


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
