"""What the layers of tasks say together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reconciler.diagnostics import Diagnostic, Place
from reconciler.errors import ExitCode
from reconciler.report.endings import ending_of

Layer = Literal["overlay", "task", "file", "directory"]
"""Of an environment, the task itself, the defaults of its file or of a directory above it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOrigin:
    """Which layer says a value."""

    path: tuple[str | int, ...]  # ("Schedule",), ("Attributes", "format")
    layer: Layer
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedTask:
    """A task with what is said of it; what is built in is not there."""

    name: str
    file: str
    line: int
    keys: Mapping[str, Any]  # as written: variables of the environment are not read
    origins: tuple[FieldOrigin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderReport:
    """The tasks as an environment has them; with errors in the files none."""

    env: str | None
    tasks: tuple[RenderedTask, ...]
    diagnostics: tuple[Diagnostic, ...]

    def exit_code(self, *, detailed: bool) -> ExitCode:
        return ending_of(self.diagnostics)
