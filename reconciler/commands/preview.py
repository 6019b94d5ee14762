"""`reconcile preview`."""

from datetime import datetime
from zoneinfo import ZoneInfo

from reconciler import database, schedule
from reconciler.checks.schedules import Finding, judge
from reconciler.database import TargetUrl
from reconciler.diagnostics import Diagnostic, Place, diagnostic, did_you_mean
from reconciler.errors import TargetError, UsageError
from reconciler.report import PreviewReport
from reconciler.schedule import Every, ScheduleError


def preview(text: str, count: int, now: datetime, zone: ZoneInfo, url: TargetUrl) -> PreviewReport:
    """When a schedule, or the task of a name, fires next; what it says, and what is doubtful about it.

    A text that is a schedule is one, whatever tasks are called. Raises UsageError for a name of several rows.
    """
    named = None if _is_schedule(text) else _named(text, url)
    if named is None:
        return _preview(text, None, count, now, zone)
    return _preview(named, text, count, now, zone)


def _preview(text: str, name: str | None, count: int, now: datetime, zone: ZoneInfo) -> PreviewReport:
    found = tuple(_placed(finding, text) for finding in judge(text, now, zone))
    try:
        parsed = schedule.parse(text)
    except ScheduleError as error:
        return PreviewReport(
            schedule=text, name=name, timezone=zone, now=now, diagnostics=found or (_refusal(error),)
        )
    return PreviewReport(
        schedule=text,
        name=name,
        words=schedule.describe(parsed, zone),
        timezone=parsed.zone or zone,
        now=now,
        fires=tuple(schedule.fires(parsed, now, zone, count)),
        counted_from="now: a scheduler counts from its own start" if isinstance(parsed.rule, Every) else None,
        diagnostics=found,
    )


def _is_schedule(text: str) -> bool:
    try:
        schedule.parse(text)
    except ScheduleError:
        return False
    return True


def _named(name: str, url: TargetUrl) -> str | None:
    """The schedule of the task of that name; None where the text was rather meant as a schedule."""
    is_one_word = not name.startswith("@") and len(name.split()) == 1
    try:
        with database.connect(url, read_only=True) as target:
            rows = database.read_existing(target).rows
    except TargetError:
        if is_one_word:
            raise
        return None
    found = [row.schedule for row in rows if row.name == name]
    if len(found) > 1:
        raise UsageError(f"{len(found)} rows are named {name!r}", hint="give the schedule itself")
    if not found and is_one_word:
        near = did_you_mean(name, [row.name for row in rows])
        hint = f"did you mean {near!r}?" if near else "a schedule has five fields, in quotes: '0 8 * * *'"
        raise UsageError(f"{name!r} is neither a schedule nor the name of a task", hint=hint)
    return found[0] if found else None


def _refusal(error: ScheduleError) -> Diagnostic:
    """What a check of a task leaves to the rule about padded texts (N003)."""
    span = (error.column, error.end)
    return _placed(
        Finding(code="S001", message=f"not a schedule: {error.message}", hint=error.hint, span=span),
        error.text,
    )


def _placed(finding: Finding, text: str) -> Diagnostic:
    start, end = finding.span or (0, len(text))
    place = Place(file="schedule", line=1, column=start + 1, end_line=1, end_column=end + 1, text=text)
    return diagnostic(finding.code, finding.message, hint=finding.hint, place=place)
