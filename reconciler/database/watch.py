"""What the user of a connection does to it besides the work: its transaction ended, its session set."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event

_FIRST = re.compile(r"(?: \s | ; | --[^\n]*\n | /\*.*?\*/ )*", re.VERBOSE | re.DOTALL)
"""What may stand before the first word of a statement."""

_ENDS = re.compile(
    r"""(?: COMMIT | END | ABORT | START\s+TRANSACTION | BEGIN (?! \s+NOT\s )
      | ROLLBACK (?! (?: \s+(?: WORK | TRANSACTION ) )? \s+TO\s ) ) \b""",
    re.IGNORECASE | re.VERBOSE,
)
"""The statements that end a transaction: to begin one does so too, or fails where one is open."""

_SETS = re.compile(
    r"""(?: SET (?! \s+(?: LOCAL | TRANSACTION | CONSTRAINTS )\b ) | RESET | DISCARD | PRAGMA | ATTACH
      | DETACH | USE | LISTEN | PREPARE | DEALLOCATE | DECLARE | LOAD
      | CREATE\s+(?: OR\s+REPLACE\s+ )? TEMP (?: ORARY )? ) \b""",
    re.IGNORECASE | re.VERBOSE,
)
"""Those whose effect outlasts the transaction and is seen by this connection alone."""


@dataclass(slots=True)
class Watch:
    """It sees what goes through SQLAlchemy's connection, and not what goes through the driver's own."""

    has_ended: bool = False  # the transaction, even where another one was begun since
    has_set: bool = False  # something of the session, which who has the connection next should not meet

    def see(self, _: object, __: object, statement: str, *more: Any) -> None:
        first = _FIRST.match(statement)
        at = first.end() if first else 0
        self.has_ended = self.has_ended or _ENDS.match(statement, at) is not None
        self.has_set = self.has_set or _SETS.match(statement, at) is not None

    def end(self, _: object) -> None:
        self.has_ended = True

    def set(self, _: object, __: object) -> None:
        self.has_set = True


def watch(connection: Connection) -> Watch:
    """Watch from now on. It is put up once for a connection, since that takes longer than a statement."""
    found: Watch | None = connection.info.get(Watch)
    if found is None:
        found = connection.info[Watch] = Watch()
        seen: dict[str, Callable[..., None]] = {
            "before_cursor_execute": found.see,
            "commit": found.end,
            "rollback": found.end,
            "set_connection_execution_options": found.set,
        }
        for name, function in seen.items():
            event.listen(connection, name, function)
    found.has_ended = found.has_set = False
    return found
