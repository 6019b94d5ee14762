"""The hash of a plan: equal plans, equal hashes, whatever the place, the clock and the target."""

import hashlib
from collections.abc import Iterable
from typing import Any

from reconciler.planning.changes import Change, Plan
from reconciler.planning.texts import canonical_text, quoted, row_keys, task_keys
from reconciler.task import canonical_json


def before_of(change: Change) -> dict[str, Any] | None:
    """The row before the change, with the keys of the YAML; None on a create."""
    return row_keys(change.row) if change.row else None


def after_of(change: Change) -> dict[str, Any] | None:
    """The task after the change, with the keys of the YAML; None on a delete.

    What `IgnoreChanges` leaves alone is what the row says.
    """
    task, row = change.task, change.row
    if task is None:
        return None
    if row is None or not task.lifecycle.ignore_changes:
        return task_keys(task)
    there = row_keys(row)
    return task_keys(task) | {key: there[key] for key in task.lifecycle.ignore_changes}


def plan_hash(plan: Plan) -> str:
    """SHA-256 over names, actions, before and after of the ordered changes, as hexadecimal text."""
    return _hash_of(map(_line, plan.changes))


def remembered(plan: Plan) -> tuple[str, str]:
    """The plan as it is kept, and its hash: a line of JSON for each change, enough to undo it.

    `[[name, action, before, after], reason, reference id, version of the row, file, line]`
    """
    lines = [_line(change) for change in plan.changes]
    kept = (f"[{line},{_circumstances(change)}]" for line, change in zip(lines, plan.changes, strict=True))
    return "\n".join(kept), _hash_of(lines)


def _hash_of(lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode())
        digest.update(b"\n")
    return digest.hexdigest()


def _line(change: Change) -> str:
    before = canonical_json(row_keys(change.row)) if change.row else "null"
    after = _after(change)
    return f'[{quoted(change.name)},"{change.action}",{before},{after}]'


def _after(change: Change) -> str:
    if change.task is None:
        return "null"
    if change.row and change.task.lifecycle.ignore_changes:
        return canonical_json(after_of(change))
    return canonical_text(change.task)


def _circumstances(change: Change) -> str:
    row, desired = change.row, change.desired
    there = f'"{row.reference_id.hex()}",{row.version}' if row else "null,null"
    place = f"{quoted(desired.file)},{desired.line}" if desired else "null,null"
    return f'"{change.reason}",{there},{place}'
