"""`reconcile preview`."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from reconciler.checks.schedules import Finding, judge
from reconciler.database.anchors import read_anchors
from reconciler.database.rows import read_existing
from reconciler.database.target import connect
from reconciler.database.urls import TargetUrl
from reconciler.diagnostics import Diagnostic, Place, diagnostic, did_you_mean
from reconciler.errors import TargetError, UsageError
from reconciler.report.schedules import PreviewReport
from reconciler.schedule import Every, Schedule, ScheduleError, interval_of, parse, schedule_of
from reconciler.schedule.calendar import anchored_after, fires
from reconciler.schedule.hashed import compile_hashed, hash_fault, is_hashed
from reconciler.schedule.words import describe
from reconciler.task import Row


def preview(
    text: str, count: int, now: datetime, zone: ZoneInfo, url: TargetUrl, name: str | None = None
) -> PreviewReport:
    """When a schedule, or the task of a name, fires next; what it says, and what is doubtful about it.

    A text that is a schedule is one, whatever tasks are called. `name` is for what a schedule chooses from it
    by an `H`. Raises UsageError for a name of several rows.
    """
    if name is not None and is_hashed(text):
        return _hashed(text, name, count, now, zone)
    named = None if schedule_of(text) else _named(text, url)
    if named is None:
        return preview_of(text, None, None, count, now, zone)
    return preview_of(named[0], text, named[1], count, now, zone)


def _hashed(text: str, name: str, count: int, now: datetime, zone: ZoneInfo) -> PreviewReport:
    if hash_fault(text):
        return preview_of(text, name, None, count, now, zone)
    return preview_of(compile_hashed(text, name), name, None, count, now, zone, written=text)


def preview_of(
    text: str,
    name: str | None,
    anchor: datetime | None,
    count: int,
    now: datetime,
    zone: ZoneInfo,
    written: str | None = None,
) -> PreviewReport:
    """When a schedule fires next, of an `@every` counted from its anchor, where that is known."""
    found = tuple(_placed(finding, text) for finding in judge(text, now, zone, written))
    try:
        parsed = parse(text)
    except ScheduleError as error:
        return PreviewReport(
            schedule=text, name=name, timezone=zone, now=now, diagnostics=found or (_refusal(error),)
        )
    return PreviewReport(
        schedule=text,
        written=written,
        name=name,
        words=describe(parsed, zone),
        timezone=parsed.zone or zone,
        now=now,
        fires=tuple(_fires(parsed, anchor, count, now, zone)),
        counted_from=_counted_from(anchor) if isinstance(parsed.rule, Every) else None,
        diagnostics=found,
    )


def _fires(
    parsed: Schedule, anchor: datetime | None, count: int, now: datetime, zone: ZoneInfo
) -> list[datetime]:
    if anchor is None:
        return fires(parsed, now, zone, count)
    found: list[datetime] = []
    moment = anchored_after(parsed, anchor, now)
    while moment is not None and len(found) < count:
        found.append(moment.astimezone(parsed.zone or zone))
        moment = anchored_after(parsed, anchor, moment)
    return found


def _counted_from(anchor: datetime | None) -> str:
    if anchor is None:
        return "now: a scheduler counts from its own start"
    return f"{anchor:%Y-%m-%d %H:%M:%S} UTC, when a scheduler first registered it"


def _named(name: str, url: TargetUrl) -> tuple[str, datetime | None] | None:
    """The schedule of the task of that name, and from when its `@every` counts, where a scheduler knows that.

    None where the text was rather meant as a schedule.
    """
    is_one_word = not name.startswith("@") and len(name.split()) == 1
    try:
        with connect(url, read_only=True) as target:
            rows = read_existing(target).rows
            anchors = read_anchors(target)
    except TargetError:
        if is_one_word:
            raise
        return None
    found = [row for row in rows if row.name == name]
    if len(found) > 1:
        raise UsageError(f"{len(found)} rows are named {name!r}", hint="give the schedule itself")
    if not found and is_one_word:
        near = did_you_mean(name, [row.name for row in rows])
        hint = f"did you mean {near!r}?" if near else _NEITHER
        raise UsageError(f"{name!r} is neither a schedule nor the name of a task in the table", hint=hint)
    if not found:
        return None
    return found[0].schedule, anchor_of(found[0], anchors)


_NEITHER = (
    "a schedule has five fields, in quotes: '0 8 * * *'; "
    "`reconcile explain NAME` also knows tasks that are in git alone"
)


def anchor_of(row: Row, anchors: Mapping[bytes, tuple[int, datetime]]) -> datetime | None:
    """From when the row's `@every` counts, where a scheduler has registered it with this interval."""
    seconds, anchor = anchors.get(row.reference_id, (0, None))
    return anchor if seconds == interval_of(row.schedule) else None


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
