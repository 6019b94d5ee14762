"""Delete rows that are older than so many days."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, column, delete, func, inspect, literal_column, select, table

from reconciler.actions import ActionFailed, Run, action

BATCH = 1_000
"""Rows of one statement; between two of them the run looks whether it is cancelled."""

KEPT = frozenset(("action", "task", "user_account", "usergroup", "world"))
"""Tables that hold no old data: without their rows nothing works."""


@action("cleanup_old_data", entity="session")
@action("cleanup_old_data", entity="world")
def cleanup_old_data(run: Run, attributes: Mapping[str, Any]) -> None:
    """Delete what was created more than `days_old` days before the fire, with its shares.

    The table is `table_name`, or else the one of the task's entity. All of it is one transaction, the run's.
    """
    name = attributes.get("table_name") or run.task.entity_name
    _require_table(run.connection, name)
    shares = f"{name}_{name}_id_has_usergroup_usergroup_id"
    cutoff = run.fire_time - timedelta(days=_days(attributes.get("days_old")))
    has_shares = inspect(run.connection).has_table(shares)
    deleted = 0
    while ids := _oldest(run.connection, name, cutoff):
        if run.cancelled.is_set():
            raise ActionFailed("cancelled; nothing was deleted")
        if has_shares:
            _delete(run.connection, shares, f"{name}_id", ids)
        _delete(run.connection, name, "id", ids)
        deleted += len(ids)
    run.logger.info("deleted %d rows of %s from before %s", deleted, name, cutoff.date())


def _require_table(connection: Connection, name: object) -> None:
    if not isinstance(name, str) or not inspect(connection).has_table(name):
        raise ActionFailed(f"there is no table {name!r}: name one in the attribute table_name")
    if name in KEPT or name.startswith(("_", "reconciler_")):
        raise ActionFailed(f"the table {name} is not one to clean up")
    columns = connection.execute(select(literal_column("*")).select_from(table(name)).limit(0)).keys()
    missing = {"id", "created_at"} - set(columns)
    if missing:
        raise ActionFailed(f"the table {name} has no column {' and no '.join(sorted(missing))}")


def _days(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 100_000:
        raise ActionFailed(f"the attribute days_old must be a number of days, and is {value!r}")
    return value


def _oldest(connection: Connection, name: str, cutoff: datetime) -> list[int]:
    rows = table(name, column("id"), column("created_at"))
    old = select(rows.c.id).where(_created(connection, rows.c.created_at) < _literal(connection, cutoff))
    return list(connection.scalars(old.order_by(rows.c.id).limit(BATCH)))


def _created(connection: Connection, created_at: ColumnElement[Any]) -> ColumnElement[Any]:
    """SQLite keeps moments as text, in several notations; one that it cannot read is never old."""
    return func.datetime(created_at) if connection.dialect.name == "sqlite" else created_at


def _literal(connection: Connection, cutoff: datetime) -> object:
    """The table keeps UTC, without a zone."""
    plain = cutoff.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return str(plain) if connection.dialect.name == "sqlite" else plain


def _delete(connection: Connection, name: str, key: str, ids: list[int]) -> None:
    rows = table(name, column(key))
    connection.execute(delete(rows).where(rows.c[key].in_(ids)))
