"""The hash of a plan: equal plans, equal hashes, whatever the place, the clock and the target."""

import hashlib
from collections.abc import Iterable
from typing import Any

from reconciler.planning.changes import Change, Plan
from reconciler.planning.masking import secrets_keys, secrets_of
from reconciler.planning.texts import canonical_text, quoted, shown_row, shown_task
from reconciler.task import Secret, canonical_json, json_text


def before_of(change: Change) -> dict[str, Any] | None:
    """The row before the change, with the keys of the YAML; None on a create.

    It may be shown: what came from the environment, or is to come from it, stands there as a placeholder.
    """
    if change.row is None:
        return None
    return shown_row(change.row, applied_secrets(change), secrets(change))


def after_of(change: Change) -> dict[str, Any] | None:
    """The task after the change, with the keys of the YAML; None on a delete. It may be shown too.

    What `IgnoreChanges` leaves alone is what the row says.
    """
    task, before = change.task, before_of(change)
    if task is None:
        return None
    if before is None or not task.lifecycle.ignore_changes:
        return shown_task(task)
    return shown_task(task) | {key: before[key] for key in task.lifecycle.ignore_changes}


def secrets(change: Change) -> tuple[Secret, ...]:
    """Which values of the task after the change come from the environment."""
    return change.task.secrets if change.task else ()


def applied_secrets(change: Change) -> tuple[Secret, ...]:
    """Which values of the row before the change came from the environment when it was last applied."""
    return secrets_of(change.record.secrets) if change.record else ()


def plan_hash(plan: Plan) -> str:
    """SHA-256 over names, actions, before and after of the ordered changes, as hexadecimal text."""
    return _hash_of(map(_line, plan.changes))


def remembered(plan: Plan) -> tuple[str, str]:
    """The plan as it is kept, and its hash: a line of JSON for each change, enough to undo it.

    `[[name, action, before, after], reason, reference id, version of the row, file, line, secrets]`, where
    `secrets` says which of the values before and after are placeholders, for variables of the environment.
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
    before = canonical_json(before_of(change)) if change.row else "null"
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
    return f'"{change.reason}",{there},{place},{_secrets(change)}'


def _secrets(change: Change) -> str:
    before, after = applied_secrets(change), secrets(change)
    if not (before or after):
        return "null"
    return json_text({"before": secrets_keys(before), "after": secrets_keys(after)})
