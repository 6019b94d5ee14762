"""Writing a plan, column by column as Daptin's API writes a task. Bulk statements only."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import func, select

from reconciler.catalogue import ADMINISTRATORS
from reconciler.database.holds import drop_holds, restore
from reconciler.database.tables import (
    JOIN_COLUMNS,
    RECORD_COLUMNS,
    TASK_COLUMNS,
    TASK_GROUPS,
    user_account,
    user_groups,
    world,
)
from reconciler.database.target import Target, without_collection, worded
from reconciler.database.versions import expect_found
from reconciler.errors import RowMoved
from reconciler.planning.changes import ORDER, Action, Change, Desired, Plan, Recording
from reconciler.planning.masking import secrets_text
from reconciler.planning.texts import applied_text

DEFAULT_PERMISSION = 561441
ALLOW_ALL = 2097151
"""What Daptin writes while there is nobody but the guest."""

UPDATED_COLUMNS = (
    "name",
    "schedule",
    "entity_name",
    "action_name",
    "as_user_id",
    "active",
    "job_type",
    "attributes",
    "updated_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What every row of one apply has in common."""

    apply_id: str
    owner: str
    now: datetime  # aware
    commit: str | None
    new_ids: Callable[[int], Sequence[bytes]]  # so many UUIDv7s, 16 bytes each


@dataclass(frozen=True, slots=True, kw_only=True)
class _Defaults:
    """What the target says about new rows."""

    users: Mapping[str, int]  # id by e-mail
    administrator: int | None
    permission: int  # of a row
    join_permission: int  # of its join row with the administrators


def write(target: Target, plan: Plan, stamp: Stamp) -> None:
    """Write the plan's changes and their bookkeeping, within the caller's transaction.

    Raises RowMoved where a row is no longer the one that the plan saw: roll back.
    """
    with worded(target.url), without_collection():
        defaults = _read_defaults(target)
        changes = _by_action(plan)
        restore(target, plan.restored, stamp.now)
        _delete(target, changes["delete"])
        staying = [changes[action] for action in ("update", "rename", "adopt", "release")]
        for some in staying:
            _update(target, [change for change in some if change.writes_row], defaults, stamp)
        _forget(target, [record.reference_id for record in plan.orphans])
        _rewrite_records(target, [*chain(*staying), *plan.recordings], stamp)
        _create(target, changes["create"], defaults, stamp)
        drop_holds(target, plan.ended)


def _by_action(plan: Plan) -> Mapping[Action, Sequence[Change]]:
    changes: dict[Action, list[Change]] = {action: [] for action in ORDER}
    for change in plan.changes:
        changes[change.action].append(change)
    return changes


def _delete(target: Target, changes: Sequence[Change]) -> None:
    rows = [change.row for change in changes if change.row is not None]
    if not rows:
        return
    target.dialect.delete_by(target, TASK_GROUPS, "task_id", [row.id for row in rows])
    found = target.dialect.delete_tasks(target, [(row.id, row.reference_id, row.version) for row in rows])
    expect_found(found, rows, target)
    _forget(target, [row.reference_id for row in rows])


def _update(target: Target, changes: Sequence[Change], defaults: _Defaults, stamp: Stamp) -> None:
    rows = [change.row for change in changes if change.row is not None]
    if not rows:
        return
    values = [_updated(target, change, defaults, stamp) for change in changes]
    expect_found(target.dialect.update_tasks(target, UPDATED_COLUMNS, values), rows, target)


def _updated(target: Target, change: Change, defaults: _Defaults, stamp: Stamp) -> tuple[Any, ...]:
    """A changed field from the task, any other as the row has it: its JSON keeps the spelling it has."""
    row, desired = change.row, change.desired
    assert row is not None, "an update has a row"
    assert desired is not None, "an update has a task"
    name, schedule, entity_name, action_name, email, active, job_type, attributes = desired.content
    moved = {field.path.partition(".")[0] for field in change.fields}
    return (
        row.id,
        row.reference_id,
        row.version,
        name,
        schedule if "Schedule" in moved else row.schedule,
        entity_name if "EntityName" in moved else row.entity_name,
        action_name if "ActionName" in moved else row.action_name,
        _user(name, email, defaults) if "AsUserEmail" in moved else row.as_user_id,
        target.dialect.boolean(active if "Active" in moved else row.active),
        job_type if "JobType" in moved else row.job_type,
        attributes if "Attributes" in moved else row.attributes,
        target.dialect.timestamp(stamp.now),
    )


def _create(target: Target, changes: Sequence[Change], defaults: _Defaults, stamp: Stamp) -> None:
    if not changes:
        return
    row = _row_maker(target, defaults, stamp)
    rows, records = [], []
    for change, reference in zip(changes, stamp.new_ids(len(changes)), strict=True):
        desired = change.desired
        assert desired is not None, "a create has a task"
        rows.append(row(desired, reference))
        records.append(_record(stamp, desired, reference, change.protected))
    ids = target.dialect.insert_tasks(target, TASK_COLUMNS, rows)
    joins = [
        (reference, defaults.join_permission, id_, ADMINISTRATORS)
        for reference, id_ in zip(stamp.new_ids(len(ids)), ids, strict=True)
    ]
    target.dialect.insert(target, TASK_GROUPS, JOIN_COLUMNS, joins)
    _insert_records(target, records)


def _row_maker(
    target: Target, defaults: _Defaults, stamp: Stamp
) -> Callable[[Desired, bytes], tuple[Any, ...]]:
    """A function that gives the values of a new row, in the order of TASK_COLUMNS."""
    now = target.dialect.timestamp(stamp.now)
    boolean = target.dialect.boolean

    def row(desired: Desired, reference: bytes) -> tuple[Any, ...]:
        name, schedule, entity_name, action_name, email, active, job_type, attributes = desired.content
        user = _user(name, email, defaults)
        return (
            1,
            now,
            now,
            reference,
            defaults.permission,
            name,
            action_name,
            entity_name,
            schedule,
            boolean(active),
            attributes,
            job_type,
            defaults.administrator or user,
            user,
        )

    return row


def _user(name: str, email: str | None, defaults: _Defaults) -> int | None:
    """None only where an undo gives back a row that had no user."""
    if email is None:
        return None
    try:
        return defaults.users[email]
    except KeyError:
        raise RowMoved(
            f"the user {email!r} of {name!r} is gone",
            hint="nothing was written; plan again",
        ) from None


def _rewrite_records(target: Target, staying: Sequence[Change | Recording], stamp: Stamp) -> None:
    """The bookkeeping of rows that stay: replaced as a whole; of a row that is given up nothing is left."""
    _forget(target, [one.row.reference_id for one in staying if one.row is not None])
    kept = (
        (one.desired, one.row.reference_id, one.protected)
        for one in staying
        if one.row is not None and one.desired is not None and not _is_released(one)
    )
    _insert_records(target, [_record(stamp, *each) for each in kept])


def _is_released(one: Change | Recording) -> bool:
    """Unless it goes back to an owner that it was taken from."""
    return (
        isinstance(one, Change)
        and one.action == "release"
        and not (one.desired is not None and one.desired.restores)
    )


def _record(stamp: Stamp, desired: Desired, reference: bytes, protected: bool) -> tuple[Any, ...]:
    if desired.restores is not None:
        owner_to_secrets = desired.restores[1:-1]  # fields of a record are columns, in the same order
        return (reference, *owner_to_secrets, protected, stamp.apply_id)
    return (
        reference,
        stamp.owner,
        applied_text(desired.task, desired.attributes),
        desired.fingerprint,
        desired.file,
        desired.line,
        stamp.commit,
        secrets_text(desired.task.secrets),
        protected,
        stamp.apply_id,
    )


def _insert_records(target: Target, records: Sequence[tuple[Any, ...]]) -> None:
    if records:
        target.dialect.insert(target, "reconciler_task", RECORD_COLUMNS, records)


def _forget(target: Target, references: Sequence[bytes]) -> None:
    if references:
        target.dialect.delete_by(target, "reconciler_task", "reference_id", references)


def _read_defaults(target: Target) -> _Defaults:
    newest_first = select(user_account.c.email, user_account.c.id).order_by(user_account.c.id.desc())
    accounts = [(email, id_) for email, id_ in target.connection.execute(newest_first)]
    users = dict(accounts)  # of two that are spelt alike the older one
    return _Defaults(
        users=users,
        administrator=_first_administrator(target),
        permission=_default_permission(target),
        join_permission=DEFAULT_PERMISSION if len(accounts) > 1 else ALLOW_ALL,
    )


def _first_administrator(target: Target) -> int | None:
    members = user_groups.c
    statement = select(func.min(members.user_account_id)).where(members.usergroup_id == ADMINISTRATORS)
    found: int | None = target.connection.execute(statement).scalar()
    return found


def _default_permission(target: Target) -> int:
    """Of a new row of `task`, as the entity's schema says."""
    statement = select(world.c.world_schema_json).where(world.c.table_name == "task")
    schema = target.connection.execute(statement).scalar()
    try:
        permission = json.loads(schema or "{}")["DefaultPermission"]
    except (ValueError, TypeError, KeyError):
        return DEFAULT_PERMISSION
    return permission if type(permission) is int else DEFAULT_PERMISSION
