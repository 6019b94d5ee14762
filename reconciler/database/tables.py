"""The tables: Daptin's, as far as we read or write them, and our own bookkeeping beside them.

Only what statements need; the definitions of our own tables are in migrations/, Daptin's in shape.py.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, DateTime, TypeDecorator, column, table

TASK_COLUMNS = (
    "version",
    "created_at",
    "updated_at",
    "reference_id",
    "permission",
    "name",
    "action_name",
    "entity_name",
    "schedule",
    "active",
    "attributes",
    "job_type",
    "user_account_id",
    "as_user_id",
)
"""Every column of `task` but its id, in Daptin's order."""

TASK_GROUPS = "task_task_id_has_usergroup_usergroup_id"
JOIN_COLUMNS = ("reference_id", "permission", "task_id", "usergroup_id")
"""What is written of a join row; the database's defaults fill the rest, as they do for Daptin."""

RECORD_COLUMNS = (
    "reference_id",
    "owner",
    "applied",
    "fingerprint",
    "file",
    "line",
    "commit_id",
    "secrets",
    "protected",
    "apply_id",
)

user_account = table("user_account", *map(column, ("id", "email", "name")))
usergroup = table("usergroup", *map(column, ("id", "name")))
user_groups = table(
    "user_account_user_account_id_has_usergroup_usergroup_id",
    column("user_account_id"),
    column("usergroup_id"),
)
world = table(
    "world", *map(column, ("id", "table_name", "user_account_id", "permission", "world_schema_json"))
)
world_groups = table(
    "world_world_id_has_usergroup_usergroup_id", *map(column, ("world_id", "usergroup_id", "permission"))
)
action = table(
    "action",
    *map(
        column,
        (
            "id",
            "action_name",
            "world_id",
            "user_account_id",
            "permission",
            "instance_optional",
            "action_schema",
        ),
    ),
)
action_groups = table(
    "action_action_id_has_usergroup_usergroup_id", *map(column, ("action_id", "usergroup_id", "permission"))
)


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC without a zone: no zone of a session can shift it."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


reconciler_task = table("reconciler_task", *map(column, ("reference_id", "apply_id")))
reconciler_apply = table(
    "reconciler_apply",
    *map(column, ("apply_id", "owner", "repository", "commit_id", "who", "host", "tool")),
    column("dirty", Boolean),
    column("started_at", Moment),
    column("finished_at", Moment),
    *map(column, ("plan", "plan_hash", "outcome")),
)
reconciler_process = table(
    "reconciler_process",
    *map(column, ("process_id", "kind", "host", "pid", "tool", "timezone")),
    *(column(name, Moment) for name in ("started_at", "heartbeat_at", "settled_until", "ended_at")),
    column("loaded"),
)
reconciler_run = table(
    "reconciler_run",
    *map(column, ("run_id", "reference_id", "name", "entity_name", "action_name", "as_user")),
    *map(column, ("cause", "state", "process_id", "error", "missed_count")),
    *(column(name, Moment) for name in ("moment", "claimed_at", "started_at", "finished_at", "missed_until")),
)
reconciler_anchor = table(
    "reconciler_anchor", column("reference_id"), column("seconds"), column("anchor", Moment)
)
reconciler_hold = table(
    "reconciler_hold",
    *map(column, ("reference_id", "reason", "who", "restores")),
    column("until", Moment),
    column("created_at", Moment),
)
reconciler_setting = table("reconciler_setting", column("name"), column("value"))
reconciler_version = table("reconciler_version", column("version_num"))
