"""The hash of a plan: equal plans, equal hashes, whatever the place, the clock and the target."""

import hashlib
from typing import Any

from reconciler.planning.changes import Change, Plan
from reconciler.planning.texts import applied_text, canonical_text, row_keys, task_keys
from reconciler.task import canonical_json, json_text


def before_of(change: Change) -> dict[str, Any] | None:
    """The row before the change, with the keys of the YAML; None on a create."""
    return row_keys(change.row) if change.row else None


def after_of(change: Change) -> dict[str, Any] | None:
    """The task after the change, with the keys of the YAML; None on a delete."""
    return task_keys(change.task) if change.task else None


def plan_text(plan: Plan) -> str:
    """The plan as it is remembered: a line of JSON for each change, enough to undo it."""
    return "\n".join(map(_remembered, plan.changes))


def plan_hash(plan: Plan) -> str:
    """SHA-256 over names, actions, before and after of the ordered changes, as hexadecimal text."""
    digest = hashlib.sha256()
    for change in plan.changes:
        what = canonical_json([change.name, change.action, before_of(change)])
        after = canonical_text(change.task) if change.task else "null"
        digest.update(f"{what[:-1]},{after}]\n".encode())
    return digest.hexdigest()


def _remembered(change: Change) -> str:
    row, desired = change.row, change.desired
    fields = {
        "action": change.action,
        "name": change.name,
        "reason": change.reason,
        "reference_id": row.reference_id.hex() if row else None,
        "version": row.version if row else None,
        "file": desired.file if desired else None,
        "line": desired.line if desired else None,
        "before": before_of(change),
    }
    after = applied_text(desired.task, desired.attributes) if desired else "null"
    return f'{json_text(fields)[:-1]},"after":{after}}}'
