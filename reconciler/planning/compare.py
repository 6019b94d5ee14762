"""A task against its row: which fields differ, and who moved, git or the table."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from reconciler.planning.changes import Desired, FieldChange, Reason, Record
from reconciler.planning.masking import filled, masked, secrets_of
from reconciler.planning.texts import (
    attributes_of,
    fingerprint,
    row_keys,
    shown_row,
    shown_task,
    task_keys,
)
from reconciler.task import KEYS, Row, Task, canonical_json, task_of

BLOCKS = ("Lifecycle", "Scheduler")
"""Keys that the table has no column for."""


def is_same(desired: Desired, row: Row) -> bool:
    """Whether the row says what the task says, where that is enforced. Attributes compare as JSON values."""
    ours, theirs = desired.content, row.content
    if ours == theirs:
        return True
    if desired.task.lifecycle.ignore_changes:
        return not row_fields(desired.task, row)
    return ours[:-1] == theirs[:-1] and same_value(desired.task.attributes, attributes_of(row))


def row_fields(task: Task, row: Row, record: Record | None = None) -> tuple[FieldChange, ...]:
    """The fields in which the row differs from the task, attributes key by key, but for ignored ones.

    They may be shown: what came from the environment, or is to come from it, stands there as a placeholder.
    """
    return tuple(_fields(*_sides(task, row, record), enforced(task)))


def ignored_fields(task: Task, row: Row, record: Record | None) -> tuple[FieldChange, ...]:
    """The differences that `IgnoreChanges` leaves alone, as row_fields."""
    return tuple(_fields(*_sides(task, row, record), task.lifecycle.ignore_changes))


def enforced(task: Task) -> tuple[str, ...]:
    """The keys that an existing row has to say as the task does."""
    return tuple(key for key in KEYS if key not in task.lifecycle.ignore_changes)


def block_fields(task: Task, record: Record | None) -> tuple[FieldChange, ...]:
    """The settings of `Lifecycle` and `Scheduler` that differ from what was last applied."""
    before, after = json.loads(record.applied) if record else {}, task_keys(task)
    return tuple(_fields(Veiled(before, before), Veiled(after, after), BLOCKS))


def applied_blocks(record: Record | None) -> dict[str, Any]:
    """What the table has no column for, as it was last applied; most tasks say nothing of the kind."""
    if record is None or not any(f'"{key}"' in record.applied for key in BLOCKS):
        return {}
    applied = json.loads(record.applied)
    return {key: applied[key] for key in BLOCKS if key in applied}


def keys_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """The fields in which two tasks differ, or two rows, given with the keys of the YAML."""
    return tuple(_fields(Veiled(before, before), Veiled(after, after), (*KEYS, *BLOCKS)))


def reason_of(task: Task, row: Row, record: Record) -> Reason:
    """Who moved since the last apply: the declaration (`git`), the row (`drift`) or both."""
    keys = enforced(task)
    git_moved = not _is_as_applied(shown_task(task), task_keys(task), record, (*keys, *BLOCKS))
    there = row_keys(row)
    table_moved = not _is_as_applied(masked(there, secrets_of(record.secrets)), there, record, keys)
    if git_moved and table_moved:
        return "both"
    return "drift" if table_moved else "git"


def _is_as_applied(
    shown: Mapping[str, Any], real: Mapping[str, Any], record: Record, keys: tuple[str, ...]
) -> bool:
    """Whether these keys say what was applied. Its secrets are not kept: that they are the same the
    fingerprint tells.
    """
    applied = json.loads(record.applied)
    if not same_value(_only(applied, keys), _only(shown, keys)):
        return False
    secrets = secrets_of(record.secrets)
    if not secrets or "Attributes" not in keys:
        return True
    whole = task_of(filled(applied, secrets, real))._replace(secrets=secrets)
    return fingerprint(whole) == record.fingerprint


def _only(values: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: values.get(key) for key in keys}


class Veiled(NamedTuple):
    """A value as it is, which is compared, and as it may be shown."""

    real: Any
    shown: Any

    def at(self, key: str, otherwise: Any = None) -> "Veiled":
        return Veiled(self.real.get(key, otherwise), self.shown.get(key, otherwise))


def _sides(task: Task, row: Row, record: Record | None) -> tuple[Veiled, Veiled]:
    applied = secrets_of(record.secrets) if record else ()
    before, after = row_keys(row), task_keys(task)
    if not (applied or task.secrets):
        return Veiled(before, before), Veiled(after, after)
    return Veiled(before, shown_row(row, applied, task.secrets)), Veiled(after, shown_task(task))


def _fields(before: Veiled, after: Veiled, keys: tuple[str, ...]) -> Iterator[FieldChange]:
    for key in keys:
        yield from _differences(key, before.at(key, {}), after.at(key, {}))


def _differences(path: str, before: Veiled, after: Veiled) -> Iterator[FieldChange]:
    if all(isinstance(value, dict) for value in (*before, *after)):
        for key in dict.fromkeys([*before.real, *after.real]):
            yield from _differences(f"{path}.{key}", before.at(key), after.at(key))
    elif not same_value(before.real, after.real):
        yield FieldChange(path=path, before=before.shown, after=after.shown)


def same_value(one: Any, other: Any) -> bool:
    """Of JSON: 1.0 is 1, true is not."""
    return canonical_json(one) == canonical_json(other)
