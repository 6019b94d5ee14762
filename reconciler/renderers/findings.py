"""What is to be mended, drawn from a report: for the formats in which machines are told of it."""

import hashlib
import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.diagnostics import Diagnostic, Place, Severity
from reconciler.planning.changes import NOWHERE, Blocked, Desired
from reconciler.renderers.drift_text import drifted_lines
from reconciler.renderers.look import PLAIN
from reconciler.report.drift import DriftReport
from reconciler.report.plan import PlanReport, ValidateReport

UNVERIFIED = "unverified"
"""Stands for a code where the check after the commit found a difference."""

DRIFTED = "drift"
"""Stands for a code where a row is not what was last applied to it."""

Report = PlanReport | ValidateReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A diagnostic, a refusal of a guard, or what the check after an apply found."""

    code: str
    severity: Severity
    message: str
    hint: str | None = None
    path: str | None = None  # from the root of the repository; None: no file, or standard input
    place: Place | None = None
    name: str = ""  # of the task, where it is one task that is refused

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    @property
    def text(self) -> str:
        """The message, and the hint on a line of its own."""
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


def findings(report: Report | DriftReport) -> list[Finding]:
    """The worst first: refusals, errors in the order of the files, warnings in that order."""
    seen = report.plan if isinstance(report, DriftReport) else report
    found = [_of_diagnostic(one, seen.recorded) for one in seen.diagnostics]
    if isinstance(report, PlanReport):
        found = [*_refusals(report), *_difference(report), *found]
    if isinstance(report, DriftReport):
        found += _drifted(report)
    return sorted(found, key=lambda one: not one.is_error)


def paths(report: Report) -> list[str]:
    """The files that were read, from the root of the repository."""
    return [path for path in report.recorded.values() if path != "-"]


def path_of(file: str, recorded: Mapping[str, str]) -> str | None:
    """The path of a file from the root of the repository; one that could not be read is as it was given."""
    return None if file == "-" else recorded.get(file, posixpath.normpath(file))


def fingerprints(found: Iterable[Finding]) -> Iterator[str]:
    """For each finding a text that stays the same when lines move: its code, file, and what stands there.

    The message is no part of it, since that may quote the line of another place.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    for one in found:
        key = (one.code, one.path or "", one.name, one.place.text.strip() if one.place else "")
        seen[key] += 1
        yield hashlib.sha256("\0".join((*key, str(seen[key]))).encode(errors="replace")).hexdigest()


def _of_diagnostic(one: Diagnostic, recorded: Mapping[str, str]) -> Finding:
    return Finding(
        code=one.code,
        severity=one.severity,
        message=one.message,
        hint=one.hint,
        path=path_of(one.place.file, recorded) if one.place else None,
        place=one.place,
    )


def _refusals(report: PlanReport) -> Iterator[Finding]:
    for one in report.plan.blocked if report.plan else ():
        place = _place_of(one)
        yield Finding(
            code=one.code,
            severity=Severity.ERROR,
            message=one.message,
            path=_path_at(place),
            place=place,
            name=one.name,
        )


def _place_of(one: Blocked) -> Place | None:
    """Where the task that is refused is declared, if it still is."""
    return _declared(one.change.desired if one.change else None)


def _declared(desired: Desired | None) -> Place | None:
    return Place(file=desired.file, line=desired.line) if desired and desired.file != NOWHERE else None


def _path_at(place: Place | None) -> str | None:
    """Of a place that is from the root already."""
    return place.file if place and place.file != "-" else None


def _drifted(report: DriftReport) -> Iterator[Finding]:
    """Where the task of a row that drifted is declared, if it is."""
    for one in report.drift.drifted if report.drift else ():
        place = _declared(one.desired)
        yield Finding(
            code=DRIFTED,
            severity=Severity.WARNING,
            message="\n".join(drifted_lines(one, PLAIN)),
            path=_path_at(place),
            place=place,
            name=one.name,
        )


def _difference(report: PlanReport) -> Iterator[Finding]:
    if report.outcome is None or report.outcome.verified:
        return
    changes = report.difference.changes if report.difference else ()
    names = ", ".join(f"{change.action} {change.name}" for change in changes) or "see the log"
    message = f"applied as {report.outcome.apply_id}, yet something else wrote to the table: {names}"
    yield Finding(code=UNVERIFIED, severity=Severity.ERROR, message=message)
