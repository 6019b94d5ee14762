"""The tasks that a command line names: exactly, or by a glob."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from reconciler.diagnostics import did_you_mean
from reconciler.errors import UsageError
from reconciler.task import Row


def rows_named(rows: Sequence[Row], names: Sequence[str], *, what: str = "task") -> list[Row]:
    """The rows of these names and globs, each once, in the order of the table.

    What is the name of a row is no glob, whatever is in it. Raises UsageError for what matches nothing.
    """
    every = {row.name for row in rows}
    missing = [name for name in names if name not in every and not _like(every, name)]
    if missing:
        said = ", nor ".join(f"{'like ' if _is_glob(name) else ''}{name!r}" for name in missing)
        raise UsageError(f"no {what} is named {said}", hint=_hint(missing[0], sorted(every), what))
    chosen = {found for name in names for found in ([name] if name in every else _like(every, name))}
    return [row for row in rows if row.name in chosen]


def _like(every: set[str], name: str) -> list[str]:
    return [one for one in every if fnmatchcase(one, name)]


def _is_glob(name: str) -> bool:
    return any(character in name for character in "*?[")


def _hint(name: str, every: Sequence[str], what: str) -> str:
    near = did_you_mean(name, every)
    if near:
        return f"did you mean {near!r}?"
    return f"there is no {what} at all" if not every else "a name, or a glob such as 'report_*' in quotes"
