"""How a failure of the database is worded: one line, the target without its password, what to do."""

from typing import Literal

from reconciler.errors import ReconcilerError, RowMoved, TargetError

Cause = Literal[
    "unreachable",
    "crowded",
    "password",
    "no_tls",
    "no_database",
    "no_directory",
    "is_directory",
    "no_task",
    "no_table",
    "no_column",
    "read_only",
    "denied",
    "locked",
    "full",
    "stopped",
    "lost",
    "moved",
    "refused",
    "hot_journal",
    "not_a_database",
    "broken",
    "other",
]

_LASTING: frozenset[Cause] = frozenset({"denied", "no_table", "no_column"})
"""Those that stay until somebody gives a right or mends a table."""

_INIT = "make it with `reconcile init`, or name another with --database-url"
_TABLES = "`reconcile init` makes the tables on an empty database"

_WORDS: dict[Cause, tuple[str, str | None]] = {
    "unreachable": ("cannot reach {target}", "is the server running, and are host and port right?"),
    "password": ("{target} refuses the user or the password", "check both in the URL"),
    "crowded": ("{target} takes no more connections", "try again when fewer are open"),
    "no_tls": (
        "{target} takes this password over TLS only",
        "add ?ssl_ca=FILE to the URL, or install the Python package cryptography",
    ),
    "no_database": ("there is no database {target}", _INIT),
    "no_directory": ("there is no directory for {target}", "make the directory, or name another file"),
    "is_directory": ("{target} is a directory", "name a file in it"),
    "no_task": ("{target} has no table `task`", _TABLES),
    "no_table": ("{target} has no table that we need", _TABLES),
    "no_column": (
        "a table of {target} lacks a column",
        "is this a database that Daptin or `reconcile init` made?",
    ),
    "read_only": ("{target} is read-only", "write with an account, and on a server, that may"),
    "denied": ("permission denied on {target}", "docs/databases.md lists the rights that are needed"),
    "locked": ("{target} is locked by another program", "try again, or wait longer with --lock-timeout"),
    "full": ("no room left for {target}", "free some space and try again"),
    "stopped": ("{target} stopped a statement", "nothing was written; try again"),
    "lost": ("the connection to {target} was lost", "nothing was written; try again"),
    "broken": ("{target} cannot be read or written", "nothing was written; look at the disk"),
    "not_a_database": ("{target} is not a database that we can read", "is it another file, or damaged?"),
    "hot_journal": (
        "{target} was left by a crash in mid-write, and cannot be recovered while it is read-only",
        "open it once for writing, by an apply or `sqlite3 FILE 'SELECT 1 FROM task'`: that undoes the half",
    ),
}


def failure(cause: Cause, target: str, detail: str = "") -> ReconcilerError:
    """The exception for a cause. The detail is what the server said, without any parameter."""
    said = f": {detail}" if detail else ""
    if cause == "moved":
        return RowMoved(
            f"a row of {target} was changed while we wrote{said}", hint="nothing was written; plan again"
        )
    if cause not in _WORDS:
        return ReconcilerError(f"{target} refused a statement{said}", hint="nothing was written")
    words, hint = _WORDS[cause]
    if cause == "no_database" and not target.startswith("sqlite:"):
        name = target.rpartition("/")[2]
        hint = f"create it on the server: CREATE DATABASE {name}, then `reconcile init`"
    return TargetError(words.format(target=target) + said, hint=hint, is_lasting=cause in _LASTING)
