"""The scope of an apply: whose undeclared rows it may delete."""

from dataclasses import dataclass
from typing import Literal

from reconciler.planning.changes import NOWHERE

Prune = Literal["paths", "owned", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """An apply speaks only for the paths it was given, unless it is told otherwise.

    `paths` are written as files are recorded: relative to the repository's root, "." for all of it.
    """

    paths: tuple[str, ...]
    prune: Prune = "paths"

    def covers(self, file: str) -> bool:
        """Whether a row that was declared in this file, and no longer is, may be deleted."""
        if self.prune != "paths":
            return self.prune == "owned"
        return any(_lies_under(file, path) for path in self.paths)


def _lies_under(file: str, path: str) -> bool:
    if path == ".":
        return file not in ("-", NOWHERE) and not file.startswith("../")
    return file == path or file.startswith(path.rstrip("/") + "/")
