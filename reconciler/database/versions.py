"""The versions of rows: a row is written only if it is still the one that was seen."""

from collections.abc import Sequence

from reconciler.database.target import Target
from reconciler.errors import RowMoved
from reconciler.task import Row


def expect_found(found: int, rows: Sequence[Row], target: Target) -> None:
    """Raises RowMoved where fewer rows were found, by id, reference id and version, than were to be."""
    if found != len(rows):
        names = ", ".join(repr(row.name) for row in rows[:3]) + (", ..." if len(rows) > 3 else "")
        moved = len(rows) - found
        be = "was" if moved == 1 else "were"
        raise RowMoved(
            f"{moved} of these {len(rows)} rows of {target.display} {be} changed by somebody else meanwhile:"
            f" {names}"
            if len(rows) > 1
            else f"{names} of {target.display} was changed by somebody else meanwhile",
            hint="nothing was written; plan again",
        )
