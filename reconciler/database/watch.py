"""Whether the user of a connection ended its transaction, even where another one was begun since."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event

_ENDS = re.compile(
    r"""(?: \s | ; | --[^\n]*\n | /\*.*?\*/ )*
    (?: COMMIT | END | ABORT | START\s+TRANSACTION | BEGIN (?! \s+NOT\s )
      | ROLLBACK (?! (?: \s+(?: WORK | TRANSACTION ) )? \s+TO\s ) )
    \b""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
"""The statements that end a transaction: to begin one does so too, or fails where one is open."""


@dataclass(slots=True)
class Watch:
    """It sees what goes through SQLAlchemy's connection, and not what goes through the driver's own."""

    has_ended: bool = False

    def see(self, _: object, __: object, statement: str, *more: Any) -> None:
        if _ENDS.match(statement):
            self.has_ended = True

    def end(self, _: object) -> None:
        self.has_ended = True


def watch(connection: Connection) -> Watch:
    """Watch from now on. It is put up once for a connection, since that takes longer than a statement."""
    found: Watch | None = connection.info.get(Watch)
    if found is None:
        found = connection.info[Watch] = Watch()
        seen: dict[str, Callable[..., None]] = {
            "before_cursor_execute": found.see,
            "commit": found.end,
            "rollback": found.end,
        }
        for name, function in seen.items():
            event.listen(connection, name, function)
    found.has_ended = False
    return found
