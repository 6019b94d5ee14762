"""The tasks that a command line names: exactly, or by a glob."""

from collections.abc import Iterable, Sequence

from reconciler.diagnostics import did_you_mean
from reconciler.errors import UsageError
from reconciler.planning.selection import fits, require_names
from reconciler.task import Row


def no_task(name: str, known: Iterable[str]) -> UsageError:
    """What is raised for a name that no task has: with the one that was meant, most likely."""
    near = did_you_mean(name, known)
    return UsageError(f"no task is named {name!r}", hint=f"did you mean {near!r}?" if near else None)


def rows_named(rows: Sequence[Row], names: Sequence[str], *, what: str = "task") -> list[Row]:
    """The rows of these names and globs, each once, in the order of the table.

    What is the name of a row is no glob, whatever is in it. Raises UsageError for what matches nothing.
    """
    every = {row.name for row in rows}
    require_names(names, every, what=what)
    exact, globs = every.intersection(names), [name for name in names if name not in every]
    return [row for row in rows if row.name in exact or any(fits(glob, row.name) for glob in globs)]
