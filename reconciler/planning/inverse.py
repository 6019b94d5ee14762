"""The inverse of an apply: a plan that gives back what it found, but for the rows that moved since."""

import json
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from reconciler.planning.changes import (
    Blocked,
    Change,
    Desired,
    Existing,
    FieldChange,
    Hold,
    Plan,
    Record,
    in_order,
)
from reconciler.planning.compare import BLOCKS, applied_blocks, enforced, keys_fields
from reconciler.planning.digest import new_secrets
from reconciler.planning.guards import Guards, guard_deletes, guard_updates
from reconciler.planning.kept import Kept
from reconciler.planning.masking import HIDDEN, hidden, replaced, secrets_of
from reconciler.planning.matching import rows_by_name
from reconciler.planning.moved import Moved, on_hold
from reconciler.planning.texts import row_keys
from reconciler.planning.verdicts import on_undeclared
from reconciler.task import Row, Secret, json_text, task_of

Verdict = Change | Blocked | Moved | None
"""None: it is as it was before the apply."""

Values = Callable[[Secret], Any]
"""What a secret is now. Raises LookupError that names the variable where it is not set."""

NOT_KEPT = "a value that it had is not kept, for one is from the environment"
NOT_OURS = "it is no longer this owner's"


@dataclass(frozen=True, slots=True, kw_only=True)
class _There:
    """What the target holds now."""

    rows: Mapping[bytes, Row]  # by reference id
    named: Mapping[str, Sequence[Row]]
    records: Mapping[bytes, Record]
    holds: Mapping[bytes, Hold]  # that last
    users: Container[str]  # e-mail addresses
    values: Values
    owner: str
    guards: Guards

    def record(self, row: Row) -> Record | None:
        """What was last applied to the row, where it is this owner's."""
        record = self.records.get(row.reference_id)
        return record if record and record.owner == self.owner else None


def inverse(
    changes: Sequence[Kept],
    existing: Existing,
    *,
    now: datetime,
    users: Container[str],
    values: Values,
    owner: str,
    guards: Guards,
) -> tuple[Plan, tuple[Moved, ...]]:
    """What undoes the changes of an owner's apply, and the rows that are left out, for they moved since.

    Empty once it is written: what is as it was before needs no change. Left out is also what is on hold at
    the moment `now`, whose user is not among `users`, and what needs a secret that `values` does not have.
    """
    there = _There(
        rows={row.reference_id: row for row in existing.rows},
        named=rows_by_name(existing.rows),
        records=existing.records,
        holds={key: hold for key, hold in existing.holds.items() if hold.until > now},
        users=users,
        values=values,
        owner=owner,
        guards=guards,
    )
    verdicts = [_possible(one, _undone(one, there), there) for one in changes]
    undone = in_order(one for one in verdicts if isinstance(one, Change))
    owned = sum(there.record(row) is not None for row in existing.rows)
    plan = Plan(
        owner=owner,
        changes=undone,
        unchanged=verdicts.count(None),
        blocked=(
            *(one for one in verdicts if isinstance(one, Blocked)),
            *guard_deletes(undone, owned, declared=1, guards=guards),
            *guard_updates(undone, owned, guards),
        ),
    )
    return plan, tuple(one for one in verdicts if isinstance(one, Moved))


def _undone(kept: Kept, there: _There) -> Verdict:
    if kept.action == "create":
        return _uncreated(kept, there)
    if kept.action == "delete":
        return _undeleted(kept, there)
    row = there.rows.get(bytes.fromhex(kept.reference_id or ""))
    if row is None:
        return Moved(kind="row", name=kept.name, how="gone")
    if new_secrets(kept.record, kept.secrets):
        return _moved(kept, note=NOT_KEPT)
    undo = {"adopt": _unadopted, "release": _unreleased}.get(kept.action, _unchanged)
    return undo(kept, row, there)


def _uncreated(kept: Kept, there: _There) -> Verdict:
    """By name, for its new reference id came after the plan."""
    rows = there.named.get(kept.name, ())
    ours = [(row, record) for row in rows if (record := there.record(row))]
    if not ours:
        return _moved(kept, note=NOT_OURS) if rows else None
    row, record = ours[0]
    if fields := keys_fields(_after(kept, record), _now(kept, row, record)):
        return _moved(kept, fields=fields)
    verdict = on_undeclared(row, record, there.guards)
    if isinstance(verdict, Blocked):
        return replace(verdict, change=verdict.change and replace(verdict.change, reason="undo"))
    return replace(verdict, reason="undo")


def _undeleted(kept: Kept, there: _There) -> Verdict:
    """A new row, for the ids of the old one are gone with it."""
    rows = there.named.get(kept.name, ())
    if any(there.record(row) and not keys_fields(_before(kept), _row(kept, row)) for row in rows):
        return None
    if rows:
        return Moved(kind="row", name=kept.name, how="appeared")
    return Change(
        action="create",
        name=kept.name,
        reason="undo",
        desired=_restored(kept),
        protected=bool(kept.record and kept.record.protected),
    )


def _unchanged(kept: Kept, row: Row, there: _There) -> Verdict:
    """Of an update or a rename."""
    record = there.record(row)
    if record is None:
        return _moved(kept, note=NOT_OURS)
    now, before = _now(kept, row, record), _before(kept, record) | applied_blocks(kept.record)
    fields = keys_fields(now, before)
    if not fields:
        return None
    if since := keys_fields(_after(kept, record), now):
        return _moved(kept, fields=since)
    return _put_back(kept, row, there, replace(_change(kept, row, record), fields=fields))


def _unadopted(kept: Kept, row: Row, there: _There) -> Verdict:
    """The row is given up, to the owner that it was taken from if there was one."""
    record, former = there.records.get(row.reference_id), kept.record.owner if kept.record else None
    fields = keys_fields(_row(kept, row, record), _before(kept, record))
    if (record.owner if record else None) == former:
        return _moved(kept, note=NOT_OURS) if fields else None
    if record is None or record.owner != there.owner:
        return _moved(kept, note=NOT_OURS)
    if since := keys_fields(_after(kept, record), _now(kept, row, record)):
        return _moved(kept, fields=since)
    change = replace(_change(kept, row, record), action="release", fields=fields)
    return _put_back(kept, row, there, change)


def _unreleased(kept: Kept, row: Row, there: _There) -> Verdict:
    """The row is taken again, if nobody else has it."""
    fields = keys_fields(_row(kept, row), _before(kept))
    if row.reference_id in there.records:
        return None if there.record(row) and not fields else _moved(kept, note="it has an owner again")
    if since := keys_fields(_only(kept, kept.after or {}, _secrets(kept)), _row(kept, row)):
        return _moved(kept, fields=since)
    return _put_back(kept, row, there, replace(_change(kept, row, None), action="adopt", fields=fields))


def _change(kept: Kept, row: Row, record: Record | None) -> Change:
    return Change(
        action="update",
        name=kept.name,
        reason="undo",
        row=row,
        record=record,
        desired=_restored(kept),
        protected=bool(kept.record and kept.record.protected),
    )


def _put_back(kept: Kept, row: Row, there: _There, change: Change) -> Verdict:
    """The change with the name that the row had; another may have that name by now."""
    name = (kept.before or {})["Name"]
    writes_row = any(field.path.partition(".")[0] not in BLOCKS for field in change.fields)
    if name == row.name:
        return replace(change, name=name, writes_row=writes_row)
    if there.named.get(name):
        return _moved(kept, note=f"another row is called {name!r} now")
    action = "rename" if change.action == "update" else change.action
    return replace(change, action=action, name=name, writes_row=True)


def _possible(kept: Kept, verdict: Verdict, there: _There) -> Verdict:
    """Unless the row is on hold, or would get a user who is gone or a value that nobody knows."""
    if not isinstance(verdict, Change):
        return verdict
    hold = there.holds.get(verdict.row.reference_id) if verdict.row else None
    if hold is not None:
        return _moved(kept, note=on_hold(hold))
    user = _new_user(verdict)
    if user is not None and user not in there.users:
        return _moved(kept, note=f"its user {user!r} is gone")
    try:
        return _with_values(kept, verdict, there)
    except LookupError as error:
        return _moved(kept, note=str(error.args[0]))


def _with_values(kept: Kept, change: Change, there: _There) -> Change:
    """The change with its secrets, where it writes attributes. Raises LookupError where one is not known."""
    is_written = change.row is None or any(one.path.startswith("Attributes") for one in change.fields)
    if not _secrets(kept) or change.desired is None or not is_written:
        return change
    attributes = _attributes(kept, there)
    task = change.desired.task._replace(attributes=attributes)
    desired = change.desired._replace(task=task, content=task.content(json_text(attributes)))
    return replace(change, desired=desired)


def _attributes(kept: Kept, there: _There) -> Any:
    secrets = secrets_of(kept.record.secrets) if kept.record else ()
    keys = {"Attributes": (kept.before or {})["Attributes"]}
    if kept.record:
        applied = {"Attributes": json.loads(kept.record.applied)["Attributes"]}
        if hidden(applied, secrets, ()) == keys:
            keys = applied  # which is hidden less: value by value
    attributes = replaced(keys, [(one.path, there.values(one)) for one in secrets])["Attributes"]
    text = json_text(attributes)
    if any(placeholder in text for placeholder in (HIDDEN, *(one.placeholder for one in secrets))):
        raise LookupError(NOT_KEPT)
    return attributes


def _new_user(change: Change) -> str | None:
    is_written = change.row is None or any(field.path == "AsUserEmail" for field in change.fields)
    return change.task.as_user_email if change.task and is_written else None


def _moved(kept: Kept, *, fields: tuple[FieldChange, ...] = (), note: str | None = None) -> Moved:
    return Moved(kind="row", name=kept.name, how="changed", fields=fields, note=note)


def _secrets(kept: Kept, record: Record | None = None) -> tuple[Secret, ...]:
    """Everything of the task that came or comes from the environment."""
    records = (one for one in (kept.record, record) if one is not None)
    return (*(secret for one in records for secret in secrets_of(one.secrets)), *kept.secrets)


def _only(kept: Kept, keys: Mapping[str, Any], secrets: Sequence[Secret]) -> dict[str, Any]:
    """What the apply enforced of a row or a task: `IgnoreChanges` left the rest to the operators.

    Secrets are hidden alike on every side: they are neither compared nor shown.
    """
    wanted = enforced(task_of(kept.after)) if kept.after else tuple(keys)
    shown = hidden(keys, secrets, ()) if secrets else keys
    return {key: shown[key] for key in wanted if key in shown}


def _row(kept: Kept, row: Row, record: Record | None = None) -> dict[str, Any]:
    return _only(kept, row_keys(row), _secrets(kept, record))


def _now(kept: Kept, row: Row, record: Record) -> dict[str, Any]:
    return _row(kept, row, record) | applied_blocks(record)


def _before(kept: Kept, record: Record | None = None) -> dict[str, Any]:
    return _only(kept, kept.before or {}, _secrets(kept, record))


def _after(kept: Kept, record: Record | None = None) -> dict[str, Any]:
    after = kept.after or {}
    blocks = {key: after[key] for key in BLOCKS if key in after}
    return _only(kept, after, _secrets(kept, record)) | blocks


def _restored(kept: Kept) -> Desired:
    """What the row said, sense or nonsense, and what the bookkeeping said of it."""
    record, before = kept.record, kept.before or {}
    task = task_of({**before, **applied_blocks(record)})
    if record and record.secrets:
        task = task._replace(secrets=secrets_of(record.secrets))
    text = before["Attributes"] if isinstance(before["Attributes"], str) else json_text(before["Attributes"])
    return Desired(
        task=task,
        file=record.file if record else kept.file or "-",
        line=record.line if record else kept.line or 1,
        column=1,
        pointer=None,
        content=task.content(text),
        fingerprint=record.fingerprint if record else b"",
        restores=record,
    )
