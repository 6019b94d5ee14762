"""A transaction that begins after a change, and ends with another, in one round trip to PostgreSQL each.

One text of the simple protocol executes statements that were prepared for the connection before; the server
stops at the first that fails, and libpq hands out the last answer. The workers of a scheduler share an
interpreter and wait for it after each round trip, so a run of three of them takes half the time of one of
seven. `stepwise` does the same for the other databases.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reconciler.database.target import Rows, Statement, Target

BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"


def begin_after(target: "Target", change: "Statement", question: "Statement") -> "Rows | None":
    session = _session(target)

    def steps() -> Sequence[bytes]:
        return BEGIN.encode(), session.changing(change), b"COMMIT AND CHAIN", session.asking(question)

    return session.ask(steps, undo="ROLLBACK")


def commit_after(target: "Target", change: "Statement") -> bool:
    session = _session(target)

    def steps() -> Sequence[bytes]:
        return f"SAVEPOINT {_SAVEPOINT}".encode(), session.changing(change), b"COMMIT"

    return session.ask(steps, undo=f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}") is not None


_SAVEPOINT = "before_the_end"


def _session(target: "Target") -> "_Session":
    """Kept as long as the connection."""
    found: _Session | None = target.connection.info.get(_Session)
    if found is None:
        from psycopg.adapt import Transformer

        found = _Session(target=target, libpq=target.driver.pgconn, adapter=Transformer(target.driver))
        target.connection.info[_Session] = found
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    """What is prepared on a connection, and the driver's own ways to quote values and to read rows."""

    target: "Target"
    libpq: Any  # psycopg.pq.PGconn
    adapter: Any  # psycopg.adapt.Transformer
    names: dict[str, bytes] = field(default_factory=dict)

    def asking(self, statement: "Statement") -> bytes:
        """The step that executes a statement, which is prepared by then."""
        text, parameters = statement
        name = self.names.get(text) or self._prepare(text)
        return b"EXECUTE %b (%b)" % (name, b", ".join(map(self.adapter.as_literal, parameters)))

    def changing(self, statement: "Statement") -> bytes:
        """The step that executes an update, and fails where it changes no row."""
        text, parameters = statement
        return self.asking((_must_change(text), parameters))

    def _prepare(self, text: str) -> bytes:
        name, number = f"reconciler_{len(self.names)}", count(1)
        numbered = re.sub("%s", lambda _: f"${next(number)}", text)
        self.target.execute(f"PREPARE {name} AS {numbered}")
        return self.names.setdefault(text, name.encode())

    def ask(self, steps: Callable[[], Sequence[bytes]], *, undo: str) -> "Rows | None":
        """The rows that the last step answers with. None: an update changed no row, and all is undone.

        The driver throws away all that is prepared when it sees a savepoint rolled back or a table dropped,
        and the server a plan whose columns were altered. The steps are then undone, prepared anew and sent
        once more.
        """
        from psycopg import errors, pq

        try:
            return self._send(steps())
        except (errors.InvalidSqlStatementName, errors.FeatureNotSupported):
            if self.libpq.transaction_status != pq.TransactionStatus.INERROR:
                raise
            self.target.execute(undo)
            self.target.execute("DEALLOCATE ALL")
            self.names.clear()
            return self._send(steps())

    def _send(self, steps: Sequence[bytes]) -> "Rows | None":
        from psycopg import errors, pq

        result = self.libpq.exec_(b"; ".join(steps))
        if result.status == pq.ExecStatus.TUPLES_OK:
            self.adapter.set_pgresult(result)
            rows: Rows = self.adapter.load_rows(0, result.ntuples, tuple)
            return rows
        if result.status == pq.ExecStatus.COMMAND_OK:
            return []
        error = errors.error_from_result(result, self.adapter.encoding)
        if _UNCHANGED not in str(error):
            raise error
        self.target.execute("ROLLBACK")
        return None


_UNCHANGED = "no row was changed"


@cache
def _must_change(update: str) -> str:
    """It fails by reading a text as a number, which the server then quotes in its error."""
    return (
        f"WITH changed AS ({update} RETURNING 1)"
        f" SELECT CASE count(*) WHEN 0 THEN ('{_UNCHANGED}' || count(*))::integer END FROM changed"
    )
