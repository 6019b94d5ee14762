"""A declaration: a task with its place in a document."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reconciler.config.layers import Layer, home
from reconciler.diagnostics import Pointer
from reconciler.schedule.hashed import written_span
from reconciler.task import Secret, Task, value_at

NOTHING: frozenset[Any] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    task: Task  # keys without a usable value stand at their empty value ("" or the default)
    file: str  # as given on the command line, "-" for standard input
    document: int  # index of the document in the file
    index: int  # index in `Tasks`
    line: int  # where the task starts, from 1
    column: int = 1
    absent: frozenset[str] = NOTHING  # required keys that are not there, and not misspelt either
    unusable: frozenset[str] = NOTHING  # absent, null, of the wrong type or misspelt: checks pass over them
    written: str | None = None  # the schedule with its `H`, of which the task's was made
    layers: tuple[Layer, ...] = ()  # what says its keys, the strongest first; empty: the task alone

    def at(self, *keys: str | int, on_key: bool = False, span: tuple[int, int] | None = None) -> Pointer:
        """The spot of a key of this task: `declaration.at("Attributes", "count")`; without keys the task.

        It is in the layer that says the key. A span is one of the task's text, even where another one is
        written.
        """
        if span is not None and self.written is not None and keys == ("Schedule",):
            span = written_span(self.written, self.task.schedule, span)
        if self.layers:
            return home(self.layers, keys).at(*keys, on_key=on_key, span=span)
        return Pointer(
            file=self.file,
            document=self.document,
            path=("Tasks", self.index, *keys),
            on_key=on_key,
            span=span,
        )

    def is_secret(self, *keys: str | int) -> bool:
        """Whether a value came from the environment, or is a part of one that did: it is never quoted."""
        return any(keys[: len(secret.path)] == secret.path for secret in self.task.secrets)

    def unset(self) -> Iterator[Secret]:
        """The values of variables that have none: a placeholder stands there."""
        for secret in self.task.secrets:
            if value_at({"Attributes": self.task.attributes}, secret.path) == secret.placeholder:
                yield secret
