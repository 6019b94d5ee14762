"""A declaration: a task with its place in a document."""

from dataclasses import dataclass

from reconciler.diagnostics import Pointer
from reconciler.task import Task

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    task: Task  # keys without a usable value stand at their empty value ("" or the default)
    file: str  # as given on the command line, "-" for standard input
    document: int  # index of the document in the file
    index: int  # index in `Tasks`
    line: int  # the line on which the task starts, from 1
    absent: frozenset[str] = NOTHING  # required keys that are not there, and not misspelt either
    unusable: frozenset[str] = NOTHING  # absent, null, of the wrong type or misspelt: checks pass over them

    def at(
        self, *keys: str | int, on_key: bool = False, span: tuple[int, int] | None = None
    ) -> Pointer:
        """The spot of a key of this task: `declaration.at("Attributes", "count")`; without keys the task."""
        return Pointer(
            file=self.file,
            document=self.document,
            path=("Tasks", self.index, *keys),
            on_key=on_key,
            span=span,
        )
