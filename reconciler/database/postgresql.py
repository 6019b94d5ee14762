"""What is particular to PostgreSQL: advisory locks, COPY, unnest."""

import os
import socket
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from reconciler.database import one_trip
from reconciler.database.failures import Cause
from reconciler.database.urls import TargetUrl

if TYPE_CHECKING:
    from reconciler.database.target import Target

ATTRIBUTES_LIMIT: int | None = None

LOCK = 0x7461_736B_2D72_6563
"""The advisory lock of an apply; the server keeps one such space of keys for each database."""
DEFINITIONS_COMMIT = False

ROWS = """
SELECT id, coalesce(reference_id, ''), coalesce(version, 0), as_user_id, coalesce(name::text, ''),
       coalesce(schedule::text, ''), coalesce(entity_name::text, ''), coalesce(action_name::text, ''),
       coalesce(active::boolean, false), coalesce(job_type::text, ''), coalesce(attributes::text, '')
FROM task ORDER BY id
"""

_HOLDER = """
SELECT a.application_name, a.pid, a.usename, coalesce(a.client_addr::text, 'this host'), a.backend_start
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (l.classid::bigint << 32 | l.objid::bigint) = %s
"""

_ARRAYS = {
    "id": "bigint",
    "reference_id": "bytea",
    "version": "bigint",
    "as_user_id": "bigint",
    "active": "boolean",
    "updated_at": "timestamp",
}
"""The types of the arrays that values are sent in; any other column is text."""


_DEFAULTS = {
    "application_name": "task-reconciler",
    "client_encoding": "utf8",  # as Daptin's driver; a database without an encoding would hand out bytes
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}
"""A server that vanished without a word is noticed in half a minute, not in two hours."""


def engine(
    url: TargetUrl,
    *,
    read_only: bool,
    timeout: float,
    answer_timeout: float | None = None,
    create: bool = False,
) -> Engine:
    options = {key: value for key, value in _DEFAULTS.items() if key not in url.url.query}
    return create_engine(
        url.url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        connect_args=options,
    )


def cursor(driver: Any) -> Any:
    """Results come in binary: half the time of text."""
    return driver.cursor(binary=True)


def settle(target: "Target", answer_timeout: float | None) -> None:
    target.execute("SET TIME ZONE 'UTC'")
    if answer_timeout is not None:
        target.execute(f"SET statement_timeout = {max(int(answer_timeout * 1000), 1)}")


def begin_snapshot(target: "Target") -> None:
    target.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")


def lock(target: "Target", timeout: float) -> None:
    """The lock of the session. Later waits for rows that somebody else writes are as long at most."""
    target.execute(f"SET lock_timeout = {max(int(timeout * 1000), 1)}")
    target.execute(f"SELECT pg_advisory_lock({LOCK})")


def unlock(target: "Target") -> None:
    target.execute(f"SELECT pg_advisory_unlock({LOCK})")


def begin(target: "Target") -> None:
    """READ COMMITTED, so that the check before the commit sees what others committed meanwhile."""
    target.execute(one_trip.BEGIN)


begin_after = one_trip.begin_after
commit_after = one_trip.commit_after


def in_transaction(target: "Target") -> bool:
    return bool(target.driver.pgconn.transaction_status)


def holder(target: "Target") -> str:
    for name, pid, user, client, since in fetch(target, _HOLDER, (LOCK,)):
        since_when = f"connected {since:%H:%M:%S} UTC"
        return f"{name or 'some program'} (pid {pid}, user {user}, from {client}, {since_when})"
    return ""


def timestamp(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def boolean(value: bool) -> bool:
    return value


def fetch(target: "Target", statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = target.cursor.execute(statement, parameters or None).fetchall()
    return rows


def insert(target: "Target", table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    cursor = target.driver.cursor()
    with cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def insert_tasks(target: "Target", columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    """Insert under ids drawn from the table's own sequence, and return them."""
    sequence = "SELECT nextval(pg_get_serial_sequence('task', 'id')) FROM generate_series(1, %s)"
    ids = [id_ for (id_,) in fetch(target, sequence, (len(rows),))]
    insert(target, "task", ("id", *columns), ((id_, *row) for id_, row in zip(ids, rows, strict=True)))
    return ids


def update_tasks(target: "Target", columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """Rows are (id, reference id, version, values of the columns...). Returns how many were found."""
    keys = ("id", "reference_id", "version")
    sets = ", ".join(f"{column} = n.{column}" for column in columns)
    return _rowcount(
        target,
        f"UPDATE task t SET {sets}, version = coalesce(t.version, 0) + 1 FROM {_unnest((*keys, *columns))}"
        f" WHERE {_SAME_ROW}",
        rows,
    )


def delete_tasks(target: "Target", keys: Sequence[tuple[int, bytes, int]]) -> int:
    source = _unnest(("id", "reference_id", "version"))
    return _rowcount(target, f"DELETE FROM task t USING {source} WHERE {_SAME_ROW}", keys)


_SAME_ROW = (
    "t.id = n.id AND coalesce(t.reference_id, '') = n.reference_id AND coalesce(t.version, 0) = n.version"
)


def _unnest(columns: Sequence[str]) -> str:
    arrays = ", ".join(f"%s::{_ARRAYS.get(column, 'text')}[]" for column in columns)
    return f"unnest({arrays}) AS n({', '.join(columns)})"


def _rowcount(target: "Target", statement: str, rows: Sequence[Sequence[Any]]) -> int:
    target.cursor.execute(statement, [list(values) for values in zip(*rows, strict=True)])
    return int(target.cursor.rowcount)


def delete_by(target: "Target", table: str, column: str, keys: Sequence[Any]) -> None:
    target.cursor.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s)", [list(keys)])


def fits(target: "Target", value: bytes) -> bool:
    return True


def is_empty(target: "Target") -> bool:
    others = "schemaname = current_schema() AND tablename NOT LIKE 'reconciler|_%' ESCAPE '|'"
    return not fetch(target, f"SELECT 1 FROM pg_tables WHERE {others} LIMIT 1")


def writes_of_others(target: "Target") -> int | None:
    """No server counts them for us."""
    return None


def diagnose(error: BaseException) -> tuple[Cause, str] | None:
    """The cause of a driver's error, and what the server said, in one line."""
    import psycopg

    if not isinstance(error, psycopg.Error):
        return None
    detail = " ".join((error.diag.message_primary or _last_line(error)).split()) or type(error).__name__
    if error.sqlstate is None:
        return _without_code(detail)
    for code, cause in _CODES:
        if error.sqlstate.startswith(code):
            return cause, detail
    return "other", detail


_CODES: tuple[tuple[str, Cause], ...] = (
    ("42P01", "no_table"),
    ("42703", "no_column"),
    ("42501", "denied"),
    ("25006", "read_only"),
    ("25P03", "lost"),
    ("28", "password"),
    ("3D000", "no_database"),
    ("55P03", "locked"),
    ("40", "moved"),
    ("53100", "full"),
    ("53300", "crowded"),
    ("53", "unreachable"),
    ("57014", "stopped"),
    ("57P", "lost"),
    ("08", "lost"),
    ("23", "refused"),
)


def _last_line(error: BaseException) -> str:
    """libpq tells of each address that it tried, and gives advice behind a tab."""
    lines = [line for line in str(error).splitlines() if line.strip() and not line.startswith("\t")]
    return lines[-1] if lines else ""


def _without_code(detail: str) -> tuple[Cause, str]:
    """libpq says why a connection failed in words only."""
    if "authentication failed" in detail or "no password supplied" in detail or "pg_hba.conf" in detail:
        return "password", detail
    if "database" in detail and "does not exist" in detail:
        return "no_database", detail
    if "permission denied" in detail:
        return "denied", detail
    if "closed" in detail or "lost" in detail or "consuming input" in detail:
        return "lost", detail
    return "unreachable", detail


def interrupt(target: "Target") -> None:
    """Stop what another thread does on this connection, and the connection with it."""
    import psycopg

    with suppress(psycopg.Error, OSError):
        target.driver.cancel_safe(timeout=5)
    with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(target.driver.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)
