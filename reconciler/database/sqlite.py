"""What is particular to SQLite: one file, one writer, the lock is the transaction."""

import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from reconciler.database import stepwise
from reconciler.database.failures import Cause, failure
from reconciler.database.urls import TargetUrl

if TYPE_CHECKING:
    from reconciler.database.target import Target

ATTRIBUTES_LIMIT: int | None = None
DEFINITIONS_COMMIT = False

_REFERENCE = "CAST(coalesce(reference_id, x'') AS BLOB)"
_VERSION = "CAST(coalesce(version, 0) AS INTEGER)"

ROWS = f"""
SELECT id, {_REFERENCE}, {_VERSION}, CAST(as_user_id AS INTEGER),
       CAST(coalesce(name, '') AS TEXT), CAST(coalesce(schedule, '') AS TEXT),
       CAST(coalesce(entity_name, '') AS TEXT), CAST(coalesce(action_name, '') AS TEXT),
       lower(CAST(coalesce(active, 0) AS TEXT)) NOT IN ('0', '0.0', 'false', 'f', 'no', 'n', 'off', ''),
       CAST(coalesce(job_type, '') AS TEXT), CAST(coalesce(attributes, '') AS TEXT)
FROM task ORDER BY id
"""


def engine(
    url: TargetUrl,
    *,
    read_only: bool,
    timeout: float,
    answer_timeout: float | None = None,
    create: bool = False,
) -> Engine:
    """An engine that opens the file by URI, so that only `create` ever makes one.

    Raises TargetError where there is no such file, or no place for it.
    """
    _require_place(url, create)
    mode = "ro" if read_only else "rwc" if create else "rw"
    return create_engine(
        "sqlite://",
        creator=lambda: _open(url, mode, timeout),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
    )


def _require_place(url: TargetUrl, create: bool) -> None:
    """SQLite itself would say of all of these that it cannot open the file."""
    folder = os.path.dirname(url.path)
    if os.path.isdir(url.path):
        raise failure("is_directory", url.display)
    if not create and not os.path.exists(url.path):
        raise failure("no_database", url.display)
    if not os.path.isdir(folder):
        raise failure("no_directory", url.display, folder)


def _open(url: TargetUrl, mode: str, timeout: float) -> sqlite3.Connection:
    uri = f"file:{quote(url.path)}?mode={mode}"
    if mode == "ro" and _is_idle_wal(url.path):
        uri += "&immutable=1"
    return sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None, check_same_thread=False)


def _is_idle_wal(path: str) -> bool:
    """Whether a WAL database lies, unused, in a directory where SQLite could not make its side files."""
    if os.access(os.path.dirname(path), os.W_OK) or os.path.exists(f"{path}-wal"):
        return False
    try:
        with open(path, "rb") as file:
            return file.read(20)[18:20] == b"\x02\x02"
    except OSError:
        return False  # SQLite cannot open it either, and its error is worded


def cursor(driver: Any) -> Any:
    return driver.cursor()


def settle(target: "Target", answer_timeout: float | None) -> None:
    """Settings of the session: with cache_spill a large write would lock readers out before its commit."""
    if not target.read_only:
        target.execute("PRAGMA cache_spill = off")


def begin_snapshot(target: "Target") -> None:
    target.execute("BEGIN")
    fetch(target, "SELECT 1 FROM sqlite_master LIMIT 1")


def lock(target: "Target", timeout: float) -> None:
    """Wait for the only writer there can be. The lock is the transaction itself."""
    target.execute(f"PRAGMA busy_timeout = {int(timeout * 1000)}")
    target.execute("BEGIN IMMEDIATE")


def unlock(target: "Target") -> None:
    """Nothing is left to do: the lock went with the transaction."""


def begin(target: "Target") -> None:
    """Begin, unless the lock did."""
    if not in_transaction(target):
        target.execute("BEGIN IMMEDIATE")


begin_after = stepwise.begin_after
commit_after = stepwise.commit_after


def in_transaction(target: "Target") -> bool:
    return bool(target.driver.in_transaction)


def timestamp(moment: datetime) -> str:
    """As Daptin's driver writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00:00")


def boolean(value: bool) -> int:
    return int(value)


def fetch(target: "Target", statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a query; text that is not UTF-8 comes with replacement characters."""
    connection = target.driver
    try:
        return list(connection.execute(statement, parameters))
    except sqlite3.OperationalError as error:
        if "decode to UTF-8" not in str(error):
            raise
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    try:
        return list(connection.execute(statement, parameters))
    finally:
        connection.text_factory = str


def insert(target: "Target", table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    marks = ", ".join("?" * len(columns))
    target.driver.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


def insert_tasks(target: "Target", columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    """Insert and return the ids, which are chosen here: nobody else can write now.

    SQLite reuses the ids of deleted rows; join rows that were left behind for one of them would come back to
    life for the new row, and are removed.
    """
    first = int(fetch(target, "SELECT coalesce(max(id), 0) + 1 FROM task")[0][0])
    target.driver.execute("DELETE FROM task_task_id_has_usergroup_usergroup_id WHERE task_id >= ?", (first,))
    ids = list(range(first, first + len(rows)))
    insert(target, "task", ("id", *columns), ((id_, *row) for id_, row in zip(ids, rows, strict=True)))
    return ids


def update_tasks(target: "Target", columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """Rows are (id, reference id, version, values of the columns...). Returns how many were found."""
    sets = ", ".join(f"{column} = ?{number}" for number, column in enumerate(columns, 4))
    statement = (
        f"UPDATE task SET {sets}, version = coalesce(version, 0) + 1"
        f" WHERE id = ?1 AND {_REFERENCE} = ?2 AND {_VERSION} = ?3"
    )
    return int(target.driver.executemany(statement, rows).rowcount)


def delete_tasks(target: "Target", keys: Sequence[tuple[int, bytes, int]]) -> int:
    statement = f"DELETE FROM task WHERE id = ? AND {_REFERENCE} = ? AND {_VERSION} = ?"
    return int(target.driver.executemany(statement, keys).rowcount)


def delete_by(target: "Target", table: str, column: str, keys: Sequence[Any]) -> None:
    target.driver.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(key,) for key in keys])


def fits(target: "Target", value: bytes) -> bool:
    """Whether one value can be as long as this one."""
    return True


def is_empty(target: "Target") -> bool:
    return not fetch(
        target, "SELECT 1 FROM sqlite_master WHERE tbl_name NOT LIKE 'reconciler|_%' ESCAPE '|' LIMIT 1"
    )


def holder(target: "Target") -> str:
    """SQLite does not tell who holds its lock."""
    return ""


def writes_of_others(target: "Target") -> int | None:
    """A counter that moves with each commit of another connection, and with none of ours."""
    found: int = fetch(target, "PRAGMA data_version")[0][0]
    return found


def diagnose(error: BaseException) -> tuple[Cause, str] | None:
    """The cause of a driver's error, and what it said; None where it is not the driver's."""
    if not isinstance(error, sqlite3.Error):
        return None
    said, name = str(error), getattr(error, "sqlite_errorname", "")
    for words, cause in _SAYINGS:
        if words in said:
            return cause, said
    for code, cause in _CODES:
        if name.startswith(code):
            return cause, said
    return "other", said


_SAYINGS: tuple[tuple[str, Cause], ...] = (
    ("no such table", "no_table"),
    ("no such column", "no_column"),
    ("has no column", "no_column"),
)

_CODES: tuple[tuple[str, Cause], ...] = (
    ("SQLITE_BUSY", "locked"),
    ("SQLITE_LOCKED", "locked"),
    ("SQLITE_READONLY_ROLLBACK", "hot_journal"),
    ("SQLITE_READONLY_RECOVERY", "hot_journal"),
    ("SQLITE_READONLY", "read_only"),
    ("SQLITE_FULL", "full"),
    ("SQLITE_CANTOPEN", "denied"),
    ("SQLITE_PERM", "denied"),
    ("SQLITE_NOTADB", "not_a_database"),
    ("SQLITE_CORRUPT", "not_a_database"),
    ("SQLITE_IOERR", "broken"),
    ("SQLITE_CONSTRAINT", "refused"),
    ("SQLITE_INTERRUPT", "stopped"),
    ("SQLITE_ABORT", "stopped"),
    ("SQLITE_AUTH", "stopped"),
)


def interrupt(target: "Target") -> None:
    """Stop what another thread does on this connection, undo it, and let it do nothing more.

    The connection stays open: closed under the other thread's hands, it could take the process down.
    """
    with suppress(sqlite3.Error):
        target.driver.interrupt()
        target.driver.set_authorizer(_only_rollback)  # asked for prepared statements too, when they run again
        target.driver.rollback()


def _only_rollback(action: int, argument: str | None, *_: str | None) -> int:
    is_rollback = action == sqlite3.SQLITE_TRANSACTION and argument == "ROLLBACK"
    return sqlite3.SQLITE_OK if is_rollback else sqlite3.SQLITE_DENY
