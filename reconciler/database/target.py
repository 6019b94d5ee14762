"""A connection to a target, what its database does differently, and its failures worded."""

import gc
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from reconciler.database import mysql, postgresql, sqlite
from reconciler.database.failures import Cause, failure
from reconciler.database.urls import Kind, TargetUrl
from reconciler.errors import UsageError

Rows = list[tuple[Any, ...]]

Statement = tuple[str, Sequence[Any]]
"""With its parameters."""

LOCK_TIMEOUT = 30.0
"""Seconds for which who writes waits for another, where nothing else is said."""

# An interrupted wait breaks the connection, and the pool would print a traceback about it on stderr.
logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())


class Dialect(Protocol):
    """What the three databases do differently. Each is a module of functions: sqlite, postgresql, mysql.

    Rows that are updated are (id, reference id, version, values of the columns...).
    """

    ATTRIBUTES_LIMIT: int | None
    DEFINITIONS_COMMIT: bool  # whether a change to the definition of a table ends the transaction
    ROWS: str

    def engine(
        self,
        url: TargetUrl,
        *,
        read_only: bool,
        timeout: float,
        answer_timeout: float | None = None,
        create: bool = False,
    ) -> Engine: ...
    def cursor(self, driver: Any) -> Any: ...
    def settle(self, target: "Target", answer_timeout: float | None) -> None: ...
    def begin_snapshot(self, target: "Target") -> None: ...
    def lock(self, target: "Target", timeout: float) -> None: ...
    def unlock(self, target: "Target") -> None: ...
    def begin(self, target: "Target") -> None: ...
    # See transactions.begin_after and commit_after.
    def begin_after(self, target: "Target", change: Statement, question: Statement) -> Rows | None: ...
    def commit_after(self, target: "Target", change: Statement) -> bool: ...
    def in_transaction(self, target: "Target") -> bool: ...
    def holder(self, target: "Target") -> str: ...
    def writes_of_others(self, target: "Target") -> int | None: ...
    def timestamp(self, moment: datetime) -> object: ...
    def boolean(self, value: bool) -> object: ...
    def fetch(self, target: "Target", statement: str, parameters: Sequence[Any] = ()) -> Rows: ...
    def insert(
        self, target: "Target", table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> None: ...
    def insert_tasks(
        self, target: "Target", columns: Sequence[str], rows: Sequence[Sequence[Any]]
    ) -> list[int]: ...
    def update_tasks(
        self, target: "Target", columns: Sequence[str], rows: Sequence[Sequence[Any]]
    ) -> int: ...
    def delete_tasks(self, target: "Target", keys: Sequence[tuple[int, bytes, int]]) -> int: ...
    def delete_by(self, target: "Target", table: str, column: str, keys: Sequence[Any]) -> None: ...
    def fits(self, target: "Target", value: bytes) -> bool: ...
    def is_empty(self, target: "Target") -> bool: ...  # but for bookkeeping
    def interrupt(self, target: "Target") -> None: ...  # from another thread
    def diagnose(self, error: BaseException) -> tuple[Cause, str] | None: ...


DIALECTS: Mapping[Kind, Dialect] = {"sqlite": sqlite, "postgresql": postgresql, "mysql": mysql}


def attributes_limit(kind: Kind) -> int | None:
    """How many bytes of JSON the column `attributes` of such a database holds; None: as many as you like."""
    return DIALECTS[kind].ATTRIBUTES_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An open database. Its connection commits by itself, but within `transaction`."""

    url: TargetUrl
    connection: Connection
    driver: Any  # the driver's own connection, for bulk statements
    cursor: Any  # the driver's, for statements that are done with before the next one
    read_only: bool

    @property
    def kind(self) -> Kind:
        return self.url.kind

    @property
    def display(self) -> str:
        return self.url.display

    @property
    def dialect(self) -> Dialect:
        return DIALECTS[self.url.kind]

    @property
    def attributes_limit(self) -> int | None:
        """How many bytes of JSON the column `attributes` holds; None: as many as you like."""
        return attributes_limit(self.kind)

    def execute(self, statement: str) -> None:
        """Run one statement without parameters or result."""
        self.cursor.execute(statement)


@contextmanager
def connect(
    url: TargetUrl,
    *,
    read_only: bool,
    lock_timeout: float = LOCK_TIMEOUT,
    answer_timeout: float | None = None,
    create: bool = False,
) -> Iterator[Target]:
    """Open the target; a read-only one is seen as it is now, in one snapshot, and no byte of it changes.

    Timeouts are seconds. A server that is gone is noticed in half a minute; one that is there gets
    `answer_timeout` for a statement, where it is given. `create` makes the file of a SQLite database. Raises
    TargetError; errors of the driver within the block are worded the same way.
    """
    dialect = DIALECTS[url.kind]
    with worded(url):
        with _options_worded(url):
            connection = dialect.engine(
                url,
                read_only=read_only,
                timeout=lock_timeout,
                answer_timeout=answer_timeout,
                create=create,
            ).connect()
        driver = connection.connection.driver_connection
        target = Target(
            url=url, connection=connection, driver=driver, cursor=dialect.cursor(driver), read_only=read_only
        )
        try:
            dialect.settle(target, answer_timeout)
            if read_only:
                dialect.begin_snapshot(target)
            yield target
        finally:
            roll_back(target)
            with lost_connections_passed_over(target):
                connection.close()


@contextmanager
def _options_worded(url: TargetUrl) -> Iterator[None]:
    """Raises UsageError for options of the URL that the driver does not know; it never quotes them."""
    try:
        yield
    except (TypeError, ValueError, OSError) as error:
        if not url.url.query:
            raise
        raise UsageError(
            f"the URL of {url.display} has an option that the driver cannot use ({type(error).__name__})",
            hint="look at what stands behind the ? of the URL",
        ) from None


@contextmanager
def worded(url: TargetUrl) -> Iterator[None]:
    """Word the driver's errors. The statement and its parameters are left out."""
    try:
        yield
    except Exception as error:
        explained = explain(url, error)
        if explained is None:
            raise
        raise failure(explained[0], url.display, explained[1]) from None


def explain(url: TargetUrl, error: Exception) -> tuple[Cause, str] | None:
    """The cause of an error, and what the driver said of it; None where it is none of the driver's."""
    raised = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return DIALECTS[url.kind].diagnose(raised)


def require_task(target: Target) -> None:
    """Raises TargetError that names the table `task` where it is missing, before any lesser one is missed."""
    try:
        target.dialect.fetch(target, "SELECT id FROM task LIMIT 0")
    except Exception as error:
        explained = explain(target.url, error)
        if explained is None or explained[0] != "no_table":
            raise
        raise failure("no_task", target.display) from None


def roll_back(target: Target) -> None:
    """Undo the transaction, if there is one; the block of `transaction` then ends without a commit."""
    with lost_connections_passed_over(target):
        if target.dialect.in_transaction(target):
            target.execute("ROLLBACK")


@contextmanager
def lost_connections_passed_over(target: Target) -> Iterator[None]:
    """A connection that is gone has no transaction and no lock: there is nothing to undo."""
    driver: Any = target.connection.dialect.dbapi
    with suppress(driver.Error, DBAPIError):
        yield


@contextmanager
def without_collection() -> Iterator[None]:
    """Rows and tasks hold no cycles; the search for some doubles the time of a large read or write."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
