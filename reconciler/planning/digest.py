"""The hash of a plan: equal plans, equal hashes, whatever the place, the clock and the target."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from reconciler.planning.changes import Change, Plan, Record, Restored
from reconciler.planning.masking import hidden, secrets_keys, secrets_of
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

    What `IgnoreChanges` leaves alone is what the row says, and so is a row that is given up as it is.
    """
    task, before = change.task, before_of(change)
    if task is None:
        return before if change.action == "release" else None
    if before is None or not task.lifecycle.ignore_changes or change.reason == "undo":
        return shown_task(task)
    return shown_task(task) | {key: before[key] for key in task.lifecycle.ignore_changes}


def secrets(change: Change) -> tuple[Secret, ...]:
    """Which values of the task after the change come from the environment."""
    return change.task.secrets if change.task else ()


def applied_secrets(change: Change) -> tuple[Secret, ...]:
    """Which values of the row before the change came from the environment when it was last applied."""
    return secrets_of(change.record.secrets) if change.record else ()


def new_secrets(record: Record | None, desired: Iterable[Secret]) -> tuple[Secret, ...]:
    """Those that take the place of what was no secret when it was last applied."""
    known = {one.path for one in secrets_of(record.secrets)} if record else set()
    return tuple(one for one in desired if one.path not in known)


def plan_hash(plan: Plan) -> str:
    """SHA-256 over names, actions, before and after of the ordered changes, as hexadecimal text."""
    return _hash_of([*map(_restored_line, plan.restored), *map(_line, plan.changes)])


def remembered(plan: Plan) -> tuple[str, str]:
    """The plan as it is kept, and its hash: a line of JSON for each change, enough to undo it.

    `[[name, action, before, after], reason, reference id, version of the row, file, line, secrets, record]`:
    `secrets` says which of the values before and after are placeholders, for variables of the environment.
    The record of the row before is `[owner, applied, fingerprint, file, line, commit, secrets, protected]`.
    """
    lines = [_line(change) for change in plan.changes]
    kept = (f"[{line},{_circumstances(change)}]" for line, change in zip(lines, plan.changes, strict=True))
    return "\n".join(kept), _hash_of([*map(_restored_line, plan.restored), *lines])


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
    task = change.task
    is_odd = change.reason == "undo" or not change.writes_row  # as a row may be, and a task may not
    if task is None or is_odd or (change.row and task.lifecycle.ignore_changes):
        return canonical_json(after_of(change))
    return canonical_text(task)


def _restored_line(one: Restored) -> str:
    return canonical_json([one.row.name, "restore", one.levers.active, one.levers.as_user_email])


def _circumstances(change: Change) -> str:
    row, desired = change.row, change.desired
    there = f'"{row.reference_id.hex()}",{row.version}' if row else "null,null"
    place = f"{quoted(desired.file)},{desired.line}" if desired else "null,null"
    record = _record(change.record, secrets(change)) if change.row and change.record else "null"
    return f'"{change.reason}",{there},{place},{_secrets(change)},{record}'


def _secrets(change: Change) -> str:
    before, after = applied_secrets(change), secrets(change)
    if not (before or after):
        return "null"
    return json_text({"before": secrets_keys(before), "after": secrets_keys(after)})


def _record(record: Record, desired: tuple[Secret, ...]) -> str:
    """What a secret takes the place of is hidden here too."""
    applied = record.applied
    if new := new_secrets(record, desired):
        applied = json_text(hidden(json.loads(applied), (), new))
    place = f"{quoted(record.file)},{record.line},{quoted(record.commit) if record.commit else 'null'}"
    rest = f"{record.secrets or 'null'},{'true' if record.protected else 'false'}"
    return f'[{quoted(record.owner)},{applied},"{record.fingerprint.hex()}",{place},{rest}]'
