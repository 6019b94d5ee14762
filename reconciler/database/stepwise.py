"""A transaction that begins after a change, and ends with another, sent statement by statement.

`one_trip` does the same for PostgreSQL, with fewer round trips.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.database.target import Rows, Statement, Target


def begin_after(target: "Target", change: "Statement", question: "Statement") -> "Rows | None":
    target.cursor.execute(*change)
    if target.cursor.rowcount != 1:
        return None
    target.dialect.begin(target)
    return target.dialect.fetch(target, *question)


def commit_after(target: "Target", change: "Statement") -> bool:
    target.cursor.execute(*change)
    has_changed = bool(target.cursor.rowcount == 1)
    target.execute("COMMIT" if has_changed else "ROLLBACK")
    return has_changed
