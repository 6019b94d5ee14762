"""How the program ends after a report."""

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from reconciler.diagnostics import Diagnostic
from reconciler.errors import ExitCode


@runtime_checkable
class Ending(Protocol):
    """A report that can end otherwise than well."""

    def exit_code(self, *, detailed: bool) -> ExitCode:
        """`detailed` tells changes that are pending from none."""
        ...


def exit_code(report: object, *, detailed: bool = False) -> ExitCode:
    """0 unless the report has a reason of its own."""
    return report.exit_code(detailed=detailed) if isinstance(report, Ending) else ExitCode.OK


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    return any(one.is_error for one in diagnostics)


def ending_of(diagnostics: Iterable[Diagnostic]) -> ExitCode:
    return ExitCode.ERRORS if has_errors(diagnostics) else ExitCode.OK
