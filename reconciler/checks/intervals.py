"""Tasks that fire more often than the team has agreed on (P002)."""

from collections.abc import Sequence
from datetime import timedelta

from reconciler.checks.context import Context
from reconciler.checks.quoting import quoted, spelt
from reconciler.config.declarations import Declaration
from reconciler.diagnostics import Diagnostic, diagnostic
from reconciler.schedule import schedule_of
from reconciler.schedule.spacing import closest


def check(declarations: Sequence[Declaration], context: Context) -> list[Diagnostic]:
    """P002 for each task with two fires closer than `shortest_interval`, by the clock on the wall."""
    shortest = context.policies.shortest_interval
    if shortest is None:
        return []
    found = []
    intervals: dict[str, timedelta | None] = {}
    for declaration in declarations:
        text = declaration.task.schedule
        if text not in intervals:
            intervals[text] = _closest(text, shortest)
        interval = intervals[text]
        if interval is not None:
            found.append(_too_often(declaration, interval, shortest))
    return found


def _closest(text: str, shortest: timedelta) -> timedelta | None:
    schedule = schedule_of(text)
    return closest(schedule, shortest) if schedule else None  # S001 tells of one that is none


def _too_often(declaration: Declaration, interval: timedelta, shortest: timedelta) -> Diagnostic:
    fires = f"{quoted(declaration.task.schedule)} fires again after {spelt(interval)}"
    return diagnostic(
        "P002",
        f"{fires}; agreed on is {spelt(shortest)} or more",
        hint="let it fire less often, or do more in each run",
        pointer=declaration.at("Schedule"),
    )
