"""`reconcile calendar`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from reconciler import pipeline
from reconciler.commands.preview import anchor_of
from reconciler.database.anchors import read_anchors
from reconciler.database.holds import read_holds
from reconciler.database.rows import read_existing, read_options
from reconciler.database.runs import has_history
from reconciler.database.target import Target, connect
from reconciler.database.urls import TargetUrl
from reconciler.diagnostics import some_of
from reconciler.planning.changes import Change, Plan
from reconciler.planning.fires import schedules_of
from reconciler.planning.selection import fits, require_names
from reconciler.report.calendar import CalendarReport, Drawing, Of
from reconciler.report.endings import has_errors
from reconciler.report.plan import PlanReport, target_of
from reconciler.request import Request
from reconciler.schedule import interval_of, parse
from reconciler.schedule.hours import Entry, Span, hours_of
from reconciler.scheduler.registration import register

LEAST = 5
"""Fewer tasks in one minute are no herd, unless it is asked for."""

ONE_IN = 50
"""Of many tasks, one in so many may start in one minute before that is a herd."""

_NAMED = 5  # tasks on hold


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is to be drawn."""

    days: int  # from the day of `now` on
    pattern: str  # of names
    many: int | None  # so many in one minute are a herd; None: as many as the number of tasks suggests


@dataclass(frozen=True, slots=True, kw_only=True)
class _Timed:
    """What a task or a row says of its times."""

    name: str
    schedule: str
    anchor: datetime | None = None  # None: nobody counts yet
    held_until: datetime | None = None


Table = Mapping[bytes | str, _Timed]
"""By the reference id of the row, or by the name where there is none yet."""


def calendar(request: Request, url: TargetUrl | None, view: View) -> CalendarReport:
    """When tasks run: in the table, and after the plan where there are files; with no database in the files.

    The target is opened read-only. Raises UsageError.
    """
    if url is None:
        return _files(request, view)
    configuration = pipeline.read(request) if request.paths else None
    with connect(url, read_only=True, lock_timeout=request.lock_timeout) as target:
        plan = pipeline.plan(configuration, request, target, needs_values=False) if configuration else None
        report = _report(request, view, url)
        if plan is not None and plan.plan is None:
            return replace(report, diagnostics=plan.diagnostics)
        table = _table(target, request)
    drawn: list[tuple[Of, Table]] = [("table", table)]
    if plan is not None and plan.plan and plan.plan.has_changes:
        drawn.append(("plan", _after(table, plan.plan, request)))
    return _drawn(report, drawn, view, request, _notes(plan, table))


def _files(request: Request, view: View) -> CalendarReport:
    configuration = pipeline.read(request)
    found = pipeline.check(configuration, request, None)
    report = _report(request, view, None)
    if has_errors(found):
        return replace(report, diagnostics=found)
    tasks = [one.task for one in configuration.declarations if _fires(one.task.active, request)]
    table: Table = {task.name: _Timed(name=task.name, schedule=task.schedule) for task in tasks}
    return _drawn(report, [("files", table)], view, request, ())


def _report(request: Request, view: View, url: TargetUrl | None) -> CalendarReport:
    first = request.now.astimezone(request.timezone).date()
    return CalendarReport(
        now=request.now,
        timezone=request.timezone,
        days=tuple(first + timedelta(days=number) for number in range(view.days)),
        many=0,
        target=target_of(url) if url else None,
        drawings=(),
    )


def _fires(active: bool, request: Request) -> bool:
    """Source: GetAllTasks of Daptin 0.12.36, which asks for inactive rows too (D002)."""
    return active or request.reader == "daptin"


def _table(target: Target, request: Request) -> Table:
    """The rows that the reader of the table would register."""
    rows = [row._replace(active=_fires(row.active, request)) for row in read_existing(target).rows]
    registration = register(rows, read_options(target))
    anchors = read_anchors(target)
    holds = read_holds(target, request.now) if has_history(target) else {}
    table: dict[bytes | str, _Timed] = {}
    for row in (task.row for task in registration.tasks):
        hold = holds.get(row.reference_id)
        table[row.reference_id] = _Timed(
            name=row.name,
            schedule=row.schedule,
            anchor=anchor_of(row, anchors),
            held_until=hold.until if hold else None,
        )
    return table


def _after(table: Table, plan: Plan, request: Request) -> Table:
    """The table as it is once the plan is applied."""
    after = dict(table)
    for one in plan.restored:
        if _fires(one.levers.active, request) and one.levers.as_user_email is not None:
            after[one.row.reference_id] = _Timed(name=one.row.name, schedule=one.row.schedule)
    for change in plan.changes:
        if change.action == "release":
            continue
        key = change.row.reference_id if change.row else change.name
        before = after.pop(key, None)
        if timed := _changed(change, before, request):
            after[key] = timed
    return after


def _changed(change: Change, before: _Timed | None, request: Request) -> _Timed | None:
    """None where it does not fire afterwards."""
    task, row = change.task, change.row
    if task is None:
        return None
    is_left = row is not None and "Active" in task.lifecycle.ignore_changes
    if not _fires(row.active if row is not None and is_left else task.active, request):
        return None
    schedule = schedules_of(change)[1] or task.schedule
    keeps = before is not None and interval_of(before.schedule) == interval_of(schedule)
    return _Timed(
        name=task.name,
        schedule=schedule,
        anchor=before.anchor if before and keeps else None,
        held_until=before.held_until if before else None,
    )


def _drawn(
    report: CalendarReport,
    tables: Sequence[tuple[Of, Table]],
    view: View,
    request: Request,
    notes: Iterable[str],
) -> CalendarReport:
    if names := {one.name for _, table in tables for one in table.values()}:
        require_names([view.pattern], names, what="task that fires")
    named = [(of, [one for one in table.values() if fits(view.pattern, one.name)]) for of, table in tables]
    most = max(len(table) for _, table in named)
    many = view.many or (request.policies.most_in_a_minute or max(LEAST - 1, most // ONE_IN)) + 1
    span = Span.of(report.days, request.timezone)
    drawings = (
        Drawing(of=of, tasks=len(table), hours=hours_of(_entries(table, request.now), span, many))
        for of, table in named
    )
    return replace(report, many=many, drawings=tuple(drawings), notes=(*request.notes, *notes))


def _entries(table: Iterable[_Timed], now: datetime) -> Iterable[Entry]:
    """An `@every` that nobody counts yet counts from now."""
    for one in table:
        schedule = parse(one.schedule)
        yield Entry(name=one.name, schedule=schedule, anchor=one.anchor or now, since=one.held_until)


def _notes(plan: PlanReport | None, table: Table) -> Iterable[str]:
    if held := sorted(one.name for one in table.values() if one.held_until):
        yield f"On hold, and drawn from its end on: {some_of(held, _NAMED)}."
    if plan is not None and plan.plan is not None and plan.plan.is_refused:
        codes = ", ".join(dict.fromkeys(one.code for one in plan.plan.blocked))
        yield f"An apply would be refused ({codes}); what comes after the plan is drawn all the same."
