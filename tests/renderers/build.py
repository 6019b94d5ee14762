"""Reports for renderers: plans of any size, with names of any kind."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from reconciler.diagnostics import Diagnostic, Place, Severity
from reconciler.planning.changes import Blocked, Change, Plan
from reconciler.planning.compare import row_fields
from reconciler.report.plan import Outcome, PlanReport, Source, Target, ValidateReport
from tests.planning.build import desired, record, row, task

NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)


def created(name: str, **fields: Any) -> Change:
    return Change(action="create", name=name, reason="new", desired=desired(task(name, **fields)))


def deleted(name: str, **fields: Any) -> Change:
    one = task(name, **fields)
    return Change(action="delete", name=name, reason="removed", row=row(one), record=record(one))


def updated(name: str, before: dict[str, Any], after: dict[str, Any]) -> Change:
    old, new = row(task(name, **before)), task(name, **after)
    return Change(
        action="update",
        name=name,
        reason="git",
        row=old,
        record=record(task(name, **before)),
        desired=desired(new),
        fields=tuple(row_fields(new, old)),
    )


def report(
    changes: Sequence[Change] = (),
    *,
    blocked: Sequence[Blocked] = (),
    diagnostics: Sequence[Diagnostic] = (),
    outcome: Outcome | None = None,
    **fields: Any,
) -> PlanReport:
    """A plan, unless one of the diagnostics is an error."""
    order = {"delete": 0, "update": 1, "adopt": 2, "create": 3}
    plan = Plan(
        owner="default",
        changes=tuple(sorted(changes, key=lambda one: order[one.action])),
        blocked=tuple(blocked),
    )
    files = fields.pop("files", ("tasks/a.yaml",))
    return PlanReport(
        owner=fields.pop("owner", "default"),
        source=Source(commit=None, dirty=False, files=files),
        target=Target(kind="sqlite", url="sqlite:///daptin.db"),
        now=NOW,
        timezone=ZoneInfo("UTC"),
        recorded={file: file for file in files},
        diagnostics=tuple(diagnostics),
        plan=None if any(one.is_error for one in diagnostics) else plan,
        outcome=outcome,
        **fields,
    )


def validated(diagnostics: Sequence[Diagnostic], **fields: Any) -> ValidateReport:
    return ValidateReport(diagnostics=tuple(diagnostics), files=1, tasks=1, unchecked=(), **fields)


def found(
    code: str = "S001",
    message: str = "not a schedule",
    *,
    severity: Severity = Severity.ERROR,
    file: str = "tasks/a.yaml",
    line: int | None = 3,
    text: str = '    Schedule: "61 * * * *"',
    hint: str | None = None,
    column: int | None = 16,
    end: tuple[int | None, int | None] = (3, 18),
) -> Diagnostic:
    place = Place(file=file, line=line, column=column, end_line=end[0], end_column=end[1], text=text)
    return Diagnostic(code=code, message=message, severity=severity, hint=hint, place=place)
