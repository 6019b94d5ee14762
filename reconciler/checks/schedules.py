"""S001-S007: schedules that are none, never fire, or do not fire as they seem to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from reconciler.checks.context import Context
from reconciler.checks.names import schedule_fault
from reconciler.checks.quoting import quoted
from reconciler.config.declarations import Declaration
from reconciler.diagnostics import Diagnostic, diagnostic
from reconciler.schedule import Cron, Every, Schedule, ScheduleError, parse
from reconciler.schedule.calendar import upsets_of_the_year
from reconciler.schedule.grammar import field_spans, written_fields
from reconciler.schedule.hashed import hash_fault
from reconciler.schedule.steps import wide_steps
from reconciler.schedule.words import describe, describe_upsets, why_never, zone_name

RARE = timedelta(days=366)
HOUR, DAY_OF_MONTH, DAY_OF_WEEK = 1, 2, 4  # the fields' places
_HOURS_TRIED = 4  # in search of a safer one; each costs a look at every change of the clocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A diagnostic of a schedule's text, before it has a place."""

    code: str
    message: str
    hint: str | None
    span: tuple[int, int] | None = None  # None: the whole schedule


def check(declarations: Sequence[Declaration], context: Context) -> list[Diagnostic]:
    """What is wrong with the schedules. Each distinct text is looked at once."""
    findings: dict[tuple[str, str | None], tuple[Finding, ...]] = {}
    diagnostics: list[Diagnostic] = []
    for declaration in declarations:
        text = declaration.task.schedule
        if not text or "Schedule" in declaration.unusable or text.isspace():
            continue
        key = text, declaration.written
        found = findings.get(key)
        if found is None:
            found = findings[key] = tuple(judge(text, context.now, context.timezone, declaration.written))
        for finding in found:
            diagnostics.append(_placed(finding, declaration))
    return diagnostics


def judge(text: str, now: datetime, timezone: ZoneInfo, written: str | None = None) -> Iterator[Finding]:
    """What is wrong with one schedule's text, seen from now in a scheduler's zone.

    `written` is the text with an `H`, of which the other one was made.
    """
    try:
        schedule = parse(text)
    except ScheduleError as refusal:
        error = hash_fault(text) or refusal
        if schedule_fault(text) is None:  # else N003 tells it
            message = f"not a schedule: {error.message}"
            yield Finding(code="S001", message=message, hint=error.hint, span=(error.column, error.end))
        return
    rule = schedule.rule
    if isinstance(rule, Every):
        yield from _too_often(schedule, rule)
        return
    yield from _wide_steps(schedule)
    following = schedule.next_after(now, timezone)
    reason = why_never(schedule) if following is None else None
    if reason is not None:
        yield _never(schedule, rule, reason)
        return
    yield from _rare(schedule, following, now, timezone)
    yield from _either_day(schedule, rule, timezone)
    yield from _clock_changes(schedule, now, timezone, written or text)


def _placed(finding: Finding, declaration: Declaration) -> Diagnostic:
    pointer = declaration.at("Schedule", span=finding.span)
    message = finding.message
    if declaration.written is not None:
        message += f" ({quoted(declaration.written)} is {quoted(declaration.task.schedule)} for this name)"
    return diagnostic(finding.code, message, hint=finding.hint, pointer=pointer)


def _never(schedule: Schedule, cron: Cron, reason: str) -> Finding:
    hint = "a list needs a value: write one, or `*` for every value"
    if "empty" not in reason:
        last = "the last day of a month cannot be written here: choose the first"
        hint = f"choose a day that the month has; {last}" if cron.month.bits.bit_count() == 1 else last
    return Finding(code="S002", message=f"{quoted(schedule.text)} never fires: {reason}", hint=hint)


def _too_often(schedule: Schedule, every: Every) -> Iterator[Finding]:
    if every.below_minimum:
        written = schedule.text.partition("@every ")[2].strip()
        what = "is below one second" if every.written > 0 else "is not above zero"
        yield Finding(
            code="S003",
            message=f"{quoted(written)} {what}: the engine would fire every second",
            hint="write the interval that is meant, at least `@every 1s`",
        )


def _rare(
    schedule: Schedule, following: datetime | None, now: datetime, timezone: ZoneInfo
) -> Iterator[Finding]:
    if following is None:
        yield Finding(
            code="S004",
            message=f"{quoted(schedule.text)} does not fire within the five years that the engine looks at",
            hint="the engine drops such a task until it starts again: choose a day that comes every year",
        )
    elif following - now > RARE:
        day, distance = following.astimezone(schedule.zone or timezone).date(), (following - now).days
        yield Finding(
            code="S004",
            message=f"{quoted(schedule.text)} fires rarely: next on {day}, {distance} days from now",
            hint="if that is meant, silence this with a comment: # reconcile: ignore[S004] reason",
        )


def _either_day(schedule: Schedule, cron: Cron, timezone: ZoneInfo) -> Iterator[Finding]:
    if not cron.either_day:
        return
    spans = field_spans(schedule.text)
    if not spans:
        return
    (start, day_end), (weekday_start, end) = spans[DAY_OF_MONTH], spans[DAY_OF_WEEK]
    day, weekday = schedule.text[start:day_end], schedule.text[weekday_start:end]
    yield Finding(
        code="S005",
        message=(
            f"day of month `{day}` and day of week `{weekday}` are both restricted, so it fires when either "
            f"matches: {describe(schedule, timezone)}"
        ),
        hint="write `*` for one of the two, and let the action check the other where both must hold",
        span=(start, end),
    )


def _wide_steps(schedule: Schedule) -> Iterator[Finding]:
    for wide in wide_steps(schedule):
        values = "1 value" if wide.values == 1 else f"{wide.values} values"
        yield Finding(
            code="S006",
            message=(
                f"the step of `{wide.text}` is larger than its range, which has {values}: "
                f"it means {wide.field} {wide.first} alone"
            ),
            hint=f"write `{wide.first}`, or a smaller step; a step never reaches over into the next round",
            span=wide.span,
        )


def _clock_changes(schedule: Schedule, now: datetime, timezone: ZoneInfo, written: str) -> Iterator[Finding]:
    upsets = upsets_of_the_year(schedule, now, timezone)
    if not upsets:
        return
    told = describe_upsets(upsets, zone_name(schedule, timezone))
    yield Finding(
        code="S007",
        message=f"{quoted(schedule.text)} {told}",
        hint=_safer(schedule, now, timezone, written),
    )


def _safer(schedule: Schedule, now: datetime, timezone: ZoneInfo, written: str) -> str:
    """A spelling without such days: the nearest other hour, else a clock that never changes."""
    lead, fields = written_fields(schedule.text)
    _, meant = written_fields(written)
    hour = fields[HOUR]
    if hour.isdecimal():
        nearest = sorted(set(range(24)) - {int(hour)}, key=lambda one: (abs(one - int(hour)), -one))
        for other in nearest[:_HOURS_TRIED]:
            candidate = lead + " ".join([fields[0], str(other), *fields[2:]])
            if not upsets_of_the_year(parse(candidate), now, timezone):
                better = lead + " ".join([meant[0], str(other), *meant[2:]])
                return f"choose another hour, such as `{better}`, or UTC, whose clocks never change"
    return "put `CRON_TZ=UTC ` in front and write the hours in UTC, whose clocks never change"
