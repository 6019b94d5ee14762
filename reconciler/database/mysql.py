"""What is particular to MySQL and MariaDB: named locks, multi-row statements, packets of limited size."""

import hashlib
import math
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from reconciler.database import stepwise
from reconciler.database.failures import Cause
from reconciler.database.urls import TargetUrl

if TYPE_CHECKING:
    from reconciler.database.target import Target

ATTRIBUTES_LIMIT: int | None = 65_535
DEFINITIONS_COMMIT = True

ROWS = """
SELECT id, coalesce(reference_id, x''), coalesce(version, 0), as_user_id, coalesce(name, ''),
       coalesce(schedule, ''), coalesce(entity_name, ''), coalesce(action_name, ''), coalesce(active, 0) <> 0,
       coalesce(job_type, ''), coalesce(attributes, '')
FROM task ORDER BY id
"""

BATCH = 500
"""Rows of a joined update; more make the server's parser slower, not faster."""


def engine(
    url: TargetUrl,
    *,
    read_only: bool,
    timeout: float,
    answer_timeout: float | None = None,
    create: bool = False,
) -> Engine:
    options: dict[str, Any] = {
        "charset": "utf8mb4",
        "connect_timeout": 10,
        "read_timeout": answer_timeout,
        "write_timeout": answer_timeout,
        "program_name": "task-reconciler",
        "local_infile": False,
    }
    for own in ("connect_timeout", "read_timeout", "write_timeout"):
        if own in url.url.query:
            del options[own]
    if url.url.password is not None:
        options["password"] = str(url.url.password).encode()  # the driver would take a text for Latin-1
    return create_engine(
        url.url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        connect_args=options,
    )


def cursor(driver: Any) -> Any:
    return driver.cursor()


def settle(target: "Target", answer_timeout: float | None) -> None:
    """The driver asks for signs of life, but after two hours; and who waits for a lock gives up before us."""
    with suppress(OSError):  # a socket of this host has no such options
        for option, value in _KEEP_ALIVE.items():
            target.driver._sock.setsockopt(socket.IPPROTO_TCP, option, value)
    if answer_timeout is not None:
        target.execute(f"SET SESSION innodb_lock_wait_timeout = {max(int(answer_timeout / 2), 1)}")


_KEEP_ALIVE = {
    getattr(socket, name): value
    for name, value in {
        "TCP_KEEPIDLE": 10,
        "TCP_KEEPINTVL": 5,
        "TCP_KEEPCNT": 4,
        "TCP_USER_TIMEOUT": 30_000,
    }.items()
    if hasattr(socket, name)  # not every system has every one
}


def begin_snapshot(target: "Target") -> None:
    target.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    target.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")


def lock(target: "Target", timeout: float) -> None:
    """The lock of the session. Later waits for rows that somebody else writes are as long at most."""
    seconds = max(math.ceil(timeout), 0)
    target.execute(f"SET SESSION innodb_lock_wait_timeout = {max(seconds, 1)}")
    if fetch(target, "SELECT GET_LOCK(%s, %s)", (_lock_name(target), seconds)) != [(1,)]:
        raise LockTimeout


class LockTimeout(Exception):
    """GET_LOCK gave up: it answers 0, and raises nothing itself."""


def unlock(target: "Target") -> None:
    fetch(target, "SELECT RELEASE_LOCK(%s)", (_lock_name(target),))


def _lock_name(target: "Target") -> str:
    """Names of locks are the server's, not the database's, and 64 characters at most."""
    name = f"task-reconciler:{target.url.url.database}"
    return name if len(name) <= 64 else f"task-reconciler:{hashlib.sha256(name.encode()).hexdigest()[:40]}"


def begin(target: "Target") -> None:
    """READ COMMITTED, so that the check before the commit sees what others committed meanwhile."""
    target.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
    target.execute("START TRANSACTION")


begin_after = stepwise.begin_after
commit_after = stepwise.commit_after


def in_transaction(target: "Target") -> bool:
    from pymysql.constants.SERVER_STATUS import SERVER_STATUS_IN_TRANS

    return bool(target.driver.server_status & SERVER_STATUS_IN_TRANS)


_HOLDER = """
SELECT id, user, host, time FROM information_schema.processlist WHERE id = IS_USED_LOCK(%s)
"""


def holder(target: "Target") -> str:
    """Who holds the lock; only its number where the account may not see other users' connections."""
    name = (_lock_name(target),)
    for connection, user, client, seconds in fetch(target, _HOLDER, name):
        return f"connection {connection} of user {user}, from {client}, {seconds} s in its last statement"
    for (connection,) in fetch(target, "SELECT IS_USED_LOCK(%s)", name):
        return f"connection {connection}" if connection else ""
    return ""


def timestamp(moment: datetime) -> str:
    """UTC, in a session of the server's own zone, as Daptin writes and reads it; whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def boolean(value: bool) -> int:
    return int(value)


def fetch(target: "Target", statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    target.cursor.execute(statement, parameters or None)
    return list(target.cursor.fetchall())


def insert(target: "Target", table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """The driver joins rows to statements of its `max_stmt_length`."""
    marks = ", ".join(["%s"] * len(columns))
    with target.driver.cursor() as cursor:
        cursor.max_stmt_length = min(cursor.max_stmt_length, _packet(target) // 2)
        cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", list(rows))


def insert_tasks(target: "Target", columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    """Insert, then ask for the ids: with several writers they need not be consecutive."""
    newest = int(fetch(target, "SELECT coalesce(max(id), 0) FROM task")[0][0])
    insert(target, "task", columns, rows)
    ids = {reference: id_ for id_, reference in fetch(target, _NEW_IDS, (newest,))}
    at = columns.index("reference_id")
    return [ids[row[at]] for row in rows]


_NEW_IDS = "SELECT id, reference_id FROM task WHERE id > %s"


def update_tasks(target: "Target", columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """Rows are (id, reference id, version, values of the columns...). Returns how many were found."""
    names = ("id", "reference_id", "version", *columns)
    sets = ", ".join(f"t.{column} = n.{column}" for column in columns)
    return sum(
        _rowcount(
            target,
            f"UPDATE task t JOIN ({_values(names, len(batch))}) n ON {_SAME_ROW}"
            f" SET {sets}, t.version = coalesce(t.version, 0) + 1",
            batch,
        )
        for batch in _batches(rows, target)
    )


def delete_tasks(target: "Target", keys: Sequence[tuple[int, bytes, int]]) -> int:
    names = ("id", "reference_id", "version")
    return sum(
        _rowcount(target, f"DELETE t FROM task t JOIN ({_values(names, len(batch))}) n ON {_SAME_ROW}", batch)
        for batch in _batches(keys, target)
    )


_SAME_ROW = (
    "t.id = n.id AND coalesce(t.reference_id, x'') = n.reference_id AND coalesce(t.version, 0) = n.version"
)


def _values(names: Sequence[str], rows: int) -> str:
    """Rows as a table. MySQL and MariaDB agree on no shorter way to write one."""
    first = "SELECT " + ", ".join(f"%s AS {name}" for name in names)
    other = " UNION ALL SELECT " + ", ".join(["%s"] * len(names))
    return first + other * (rows - 1)


def _rowcount(target: "Target", statement: str, rows: Sequence[Sequence[Any]]) -> int:
    with target.driver.cursor() as cursor:
        return int(cursor.execute(statement, [value for row in rows for value in row]))


def _batches(rows: Sequence[Sequence[Any]], target: "Target") -> Iterator[Sequence[Sequence[Any]]]:
    """Up to BATCH rows, and no more bytes than half a packet, for quoting can double them."""
    limit, size = _packet(target) // 4, 0
    batch: list[Sequence[Any]] = []
    for row in rows:
        length = sum(len(value.encode()) if isinstance(value, str) else 24 for value in row)
        if batch and (size + length > limit or len(batch) == BATCH):
            yield batch
            size, batch = 0, []
        batch.append(row)
        size += length
    if batch:
        yield batch


def delete_by(target: "Target", table: str, column: str, keys: Sequence[Any]) -> None:
    remaining = iter(keys)
    with target.driver.cursor() as cursor:
        while batch := list(islice(remaining, 1000)):
            cursor.execute(
                f"DELETE FROM {table} WHERE {column} IN ({', '.join(['%s'] * len(batch))})",
                batch,
            )


def _packet(target: "Target") -> int:
    return int(fetch(target, "SELECT @@max_allowed_packet")[0][0])


def fits(target: "Target", value: bytes) -> bool:
    """Whether a value, quoted, goes into one packet."""
    return 2 * len(value) + 10_000 < _packet(target)


def is_empty(target: "Target") -> bool:
    others = "table_schema = database() AND table_name NOT LIKE 'reconciler|_%' ESCAPE '|'"
    return not fetch(target, f"SELECT 1 FROM information_schema.tables WHERE {others} LIMIT 1")


def writes_of_others(target: "Target") -> int | None:
    """No server counts them for us."""
    return None


def diagnose(error: BaseException) -> tuple[Cause, str] | None:
    """The cause of a driver's error, and what the server said."""
    if isinstance(error, LockTimeout):
        return "locked", ""
    import pymysql

    if isinstance(error, RuntimeError) and "cryptography" in str(error):
        return "no_tls", ""
    if not isinstance(error, pymysql.MySQLError):
        return None
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    detail = str(error.args[1]) if len(error.args) > 1 else type(error).__name__
    return _CODES.get(code, "other"), f"{detail} ({code})" if code else detail


_CODES: dict[int, Cause] = {
    1045: "password",
    1698: "password",
    1049: "no_database",
    1146: "no_table",
    1054: "no_column",
    1044: "denied",
    1142: "denied",
    1143: "denied",
    1227: "denied",
    1370: "denied",
    1792: "read_only",
    1290: "read_only",
    1836: "read_only",
    1205: "locked",
    1213: "moved",
    1020: "moved",
    1021: "full",
    1114: "full",
    1317: "stopped",
    1969: "stopped",
    3024: "stopped",
    1053: "lost",
    1927: "lost",
    4031: "lost",
    2006: "lost",
    2013: "lost",
    0: "lost",
    2003: "unreachable",
    2002: "unreachable",
    2005: "unreachable",
    1130: "password",
    1040: "crowded",
    1203: "crowded",
    1226: "crowded",
    1062: "refused",
    1451: "refused",
    1452: "refused",
    1364: "refused",
    1406: "refused",
}


def interrupt(target: "Target") -> None:
    """Stop what another thread does on this connection, and the connection with it."""
    own = engine(target.url, read_only=False, timeout=0.0)
    with suppress(DBAPIError), own.connect() as other:
        other.exec_driver_sql(f"KILL {target.driver.thread_id()}")  # refused where it has ended meanwhile
    with suppress(OSError, AttributeError):  # the driver has let it go already
        target.driver._sock.shutdown(socket.SHUT_RDWR)
