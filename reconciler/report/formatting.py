"""What `reconcile fmt` found and did."""

from dataclasses import dataclass
from typing import Literal

from reconciler.diagnostics import Diagnostic
from reconciler.errors import ExitCode
from reconciler.report.endings import has_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class FormattedFile:
    path: str  # as given, "-" for standard input
    state: Literal["formatted", "canonical", "left alone"]
    reason: str | None = None  # why it was left alone, where no diagnostic says it
    before: str
    after: str

    @property
    def has_failed(self) -> bool:
        """It is no YAML."""
        return self.state == "left alone" and self.reason is None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatReport:
    """Files in canonical form, or those that are not: with `is_check` nothing was written."""

    files: tuple[FormattedFile, ...]
    diagnostics: tuple[Diagnostic, ...]  # of files that cannot be read, or are no YAML
    is_check: bool

    @property
    def changed(self) -> tuple[FormattedFile, ...]:
        return tuple(file for file in self.files if file.state == "formatted")

    def exit_code(self, *, detailed: bool) -> ExitCode:
        is_wrong = has_errors(self.diagnostics) or (self.is_check and self.changed)
        return ExitCode.ERRORS if is_wrong else ExitCode.OK
