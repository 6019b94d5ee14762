"""What `reconcile export` made of the rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reconciler.diagnostics import Diagnostic
from reconciler.errors import ExitCode
from reconciler.report.plan import Target
from reconciler.task import Row

Selection = Literal["all", "owned", "unmanaged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedRow:
    """A row as a task; with faults it cannot be declared, and stands in the file as a comment."""

    row: Row
    keys: Mapping[str, Any]  # of the YAML
    file: str | None  # recorded for it; None: it has no owner
    faults: tuple[Diagnostic, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is no task; nothing where it is one."""
        if not self.faults:
            return ()
        faults = (f"{one.severity}[{one.code}]: {one.message}" for one in self.faults)
        return f"row {self.row.id} cannot be declared as it is:", *faults


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """A file that was written; without a path it is what stdout gets."""

    path: str | None
    rows: tuple[ExportedRow, ...]

    @property
    def tasks(self) -> int:
        return sum(not one.faults for one in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    target: Target
    owner: str
    selection: Selection
    files: tuple[ExportedFile, ...]
    of_others: Mapping[str, int]  # rows that were left out since another owner has them, by owner
    is_strict: bool

    @property
    def is_written(self) -> bool:
        """To files, not to stdout."""
        return not any(file.path is None for file in self.files)

    @property
    def left_out(self) -> tuple[ExportedRow, ...]:
        return tuple(one for file in self.files for one in file.rows if one.faults)

    def exit_code(self, *, detailed: bool) -> ExitCode:
        return ExitCode.ERRORS if self.is_strict and self.left_out else ExitCode.OK
