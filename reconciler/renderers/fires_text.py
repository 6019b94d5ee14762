"""What a changed schedule means, for people."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from reconciler.planning.beats import Beats, beats_of
from reconciler.planning.changes import Change
from reconciler.planning.fires import Fires, Side, fires_of, upsets_of
from reconciler.renderers.look import counted
from reconciler.report.plan import PlanReport
from reconciler.schedule import parse
from reconciler.schedule.words import describe_upsets, zone_name
from reconciler.task import Reader

_DAYS_A_YEAR = 365.2425
_PERIODS: tuple[tuple[str, float], ...] = (("a day", 1), ("a week", 7), ("a year", _DAYS_A_YEAR))


def fires_lines(change: Change, report: PlanReport) -> Iterator[str]:
    """The next fires before and after, how many a day, what the clocks and restarts make of the new ones."""
    fires = fires_of(change, report.now, report.timezone)
    if fires.are_same:
        yield "the fires are the same"
    else:
        for name, side in (("before", fires.before), ("after", fires.after)):
            if side is not None:
                yield f"{name:<6} {shown_moments(side.next)}"
        if words := rates(fires):
            yield words
    yield from fires_remarks(change, report)


def fires_remarks(change: Change, report: PlanReport) -> Iterator[str]:
    """What the clocks and restarts make of a new schedule."""
    if change.task and (upsets := upsets_of(change, report.now, report.timezone)):
        yield describe_upsets(upsets, zone_name(parse(change.task.schedule), report.timezone))
    if beats := beats_of(change, report.up, report.now, report.reader):
        yield _beats_words(beats, report.reader)
    elif report.reader == "daptin" and change.task and "@every" in change.task.schedule:
        yield "Daptin counts anew from each of its starts, of which nothing is recorded"


def rates(fires: Fires) -> str:
    """`1 -> 1,440 a day`, `5 a week -> never`; empty where it stays, or where there is one side only."""
    if fires.before is None or fires.after is None:
        return ""
    (before, one), (after, other) = _rate(fires.before), _rate(fires.after)
    if (before, one) == (after, other):
        return ""
    return f"{before} -> {after} {other}" if one == other else f"{rate(fires.before)} -> {rate(fires.after)}"


def rate(side: Side) -> str:
    """`5 a week`, `never`."""
    return " ".join(_rate(side)).strip()


def _rate(side: Side) -> tuple[str, str]:
    """A number of at least one and its period, if there is one; weeks only where they are exact."""
    if not side.per_day:
        return "never", ""
    for period, days in _PERIODS:
        number = side.per_day * days
        is_whole = abs(number - round(number)) < 0.001
        if number >= 0.999 and (is_whole or period != "a week"):
            break
    return (f"{number:,.0f}" if is_whole or number >= 100 else f"{number:.3g}"), period


def _beats_words(beats: Beats, reader: Reader) -> str:
    """`in the last 30 days, with 12 restarts: 700 of 720 times`, and by whose count."""
    days = (beats.until - beats.since).days
    span = f"in the last {days} days" if days > 1 else "in the last day"
    restarts = counted(beats.restarts, "restart")
    if reader == "daptin":
        restarts += " of task-scheduler, counted anew from each as Daptin does"
    return f"{span}, with {restarts}: {beats.ran:,} of {beats.due:,} times"


def shown_moments(moments: Sequence[datetime]) -> str:
    if not moments:
        return "never fires"
    return f"{', '.join(map(_moment, moments))} ({moments[0].tzinfo})"


def _moment(moment: datetime) -> str:
    return f"{moment:%a %Y-%m-%d %H:%M:%S}" if moment.second else f"{moment:%a %Y-%m-%d %H:%M}"
