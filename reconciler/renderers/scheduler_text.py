"""What the scheduler did, would do and has loaded, for people."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from reconciler.renderers.diagnostics_text import counts, render_diagnostics
from reconciler.renderers.look import Colour, Look, counted, visible
from reconciler.renderers.plan_text import plan_parts
from reconciler.renderers.tables import table
from reconciler.report.plan import PlanReport
from reconciler.report.runs import RanReport, RunReport, RunsReport, SimulatedFire, SimulationReport
from reconciler.report.status import Difference, LoadedReport, StatusReport

COLOURS: dict[str, Colour] = {
    "ok": "green",
    "failed": "red",
    "cancelled": "red",
    "lost": "red",
    "missed": "yellow",
    "skipped": "yellow",
}
MARKS = {"changed": "~", "added": "+", "removed": "-"}
NAMED = 10
"""Names of tasks that a list shows, unless it is asked for whole."""

NO_HISTORY = "No scheduler has run on this database yet: it has no history."


def runs_parts(report: RunsReport, look: Look) -> Iterator[str]:
    if not report.runs:
        yield "No runs." if report.has_history else NO_HISTORY
        return
    zone = report.timezone
    heading = (f"due ({zone.key})", "task", "state", "cause", "user", "lag", "took")
    head, *lines = table((heading, *(_run(run, zone) for run in report.runs))).split("\n")
    shown = [look.paint(head, "dim")]
    for line, run in zip(lines, report.runs, strict=True):
        shown.append(f"{line}{_missed(run, zone)}")
        if run.error and not look.quiet:
            shown.append(look.paint(f"    {_error(run.error, look)}", COLOURS.get(run.state, "dim")))
    yield "\n".join(shown)
    if not (report.is_whole or look.quiet):
        yield f"The newest {len(report.runs):,}; -n shows more."


def _run(run: RunReport, zone: ZoneInfo) -> tuple[str, ...]:
    start = (_in(run.moment, zone), run.name, run.state)
    if run.state == "missed":
        return (*start, "", "", "", "")
    return (*start, run.cause, run.user or "", _seconds(run.lag), _seconds(run.duration))


def _missed(run: RunReport, zone: ZoneInfo) -> str:
    """The misses of one outage are one line."""
    if run.missed_until is None or (run.missed_count or 1) == 1:
        return ""
    return f" {run.missed_count:,} from {_in(run.moment, zone)} to {_in(run.missed_until, zone)}"


def _error(error: str, look: Look) -> str:
    """Its first line, or with --verbose all of them."""
    lines = [visible(line) for line in error.splitlines() or [""]]
    return "\n    ".join(lines if look.verbose else lines[:1])


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.3f} s"


def ran_parts(report: RanReport, look: Look) -> Iterator[str]:
    yield "\n".join(visible(note) for note in report.notes)
    run = report.run
    work = visible(f"{run.name}, {run.entity_name}/{run.action_name} as {run.user or 'nobody'}")
    took = "" if run.duration is None else f" after {_seconds(run.duration)}"
    error = f": {_error(run.error, look)}" if run.error else ""
    yield f"{work}: {look.paint(run.state, COLOURS.get(run.state, 'dim'))}{took}{error}"


def simulation_parts(report: SimulationReport, look: Look) -> Iterator[str]:
    if report.counts is not None:
        yield table([(name, f"{count:,}") for name, count in report.counts]) if report.counts else ""
    elif report.fires:
        yield table([_fire(fire, report.timezone) for fire in report.fires])
    yield _refused(report.refused, look)
    yield _span(report)
    if not report.is_whole:
        yield "-n shows more, --summary counts them."


def _span(report: SimulationReport) -> str:
    number = len(report.fires) if report.counts is None else sum(count for _, count in report.counts)
    first = "" if report.is_whole else "the first "
    since, until = _in(report.since, report.timezone), _in(report.until, report.timezone)
    left_out = f"; {counted(report.inactive, 'inactive task')} left out" if report.inactive else ""
    span = f"after {since} and up to {until} ({report.timezone.key})"
    line = f"{first}{counted(number, 'fire')} of {counted(report.tasks, 'task')} {span}{left_out}."
    return line[0].upper() + line[1:]


def _fire(fire: SimulatedFire, zone: ZoneInfo) -> tuple[str, ...]:
    remarks = [f"as {fire.user}"]
    remarks += [f"jitter {fire.delay} s"] if fire.delay else []
    remarks += [f"overlap {fire.overlap}"] if fire.overlap != "allow" else []
    remarks += ["on hold"] if fire.is_held else []
    at = fire.moment.astimezone(zone)
    return f"{at:%a %Y-%m-%d %H:%M:%S %z}", fire.name, fire.work, ", ".join(remarks)


def status_parts(report: StatusReport, look: Look) -> Iterator[str]:
    if report.plan is not None:
        yield from _git(report.plan, look)
    inactive = f", {report.inactive:,} inactive" if report.inactive else ""
    yield f"Table {visible(report.target.url)}: {counted(report.registered, 'task')} to fire{inactive}."
    yield _refused(report.refused, look)
    yield "\n".join(
        f"On hold until {_at(until)}: {visible(name)} ({visible(reason)})"
        for name, until, reason in report.holds
    )
    if not report.schedulers:
        yield look.paint("No scheduler is running.", "yellow")
    for one in report.schedulers:
        yield "\n".join(_scheduler(one, report.target.kind, look))
    if len(zones := {one.timezone for one in report.schedulers if one.is_live}) > 1:
        yield look.paint(f"The schedulers have several time zones: {', '.join(sorted(zones))}.", "yellow")
    yield _last_day(report, look)


def _git(plan: PlanReport, look: Look) -> Iterator[str]:
    yield render_diagnostics(plan.diagnostics, look)
    if plan.plan is None:
        yield f"{counts(plan.diagnostics)}: nothing can be planned."
    else:
        yield from plan_parts(plan, plan.plan, look)


def _scheduler(one: LoadedReport, kind: str, look: Look) -> Iterator[str]:
    heard = "heard of" if one.is_live else "not heard of for"
    ago = f"{one.heartbeat_age:.0f} s{' ago' if one.is_live else ''}"
    yield (
        f"Scheduler {visible(one.host)}, process {one.pid}: {counted(one.tasks, 'task')} loaded, started "
        f"{_at(one.started_at)}, {heard} {ago}, zone {one.timezone}, version {visible(one.version)}"
    )
    if one.system_tasks:
        yield f"  system tasks: {', '.join(one.system_tasks)}"
    if not one.is_live:
        busy = ", or a run that writes keeps it from SQLite's file" if kind == "sqlite" else ""
        yield look.paint(f"  it died without a word{busy}", "yellow")
    elif not one.differences:
        yield "  it has loaded what the table says"
    else:
        shown = one.differences if look.verbose else one.differences[:NAMED]
        yield from (f"  {_difference(difference)}" for difference in shown)
        if more := len(one.differences) - len(shown):
            yield f"  and {more:,} more; -v shows them"
        yield look.paint(f"  restart needed: {counted(len(one.differences), 'task')}", "yellow")


def _difference(one: Difference) -> str:
    schedules = [visible(text) for text in (one.loaded, one.table) if text is not None]
    moved = " -> ".join(f'"{text}"' for text in dict.fromkeys(schedules))
    return f"{MARKS[one.change]} {visible(one.name)}  {moved}, {one.change}"


def _last_day(report: StatusReport, look: Look) -> str:
    if not report.last_day:
        return ""
    parts = ", ".join(f"{count:,} {state}" for state, count in report.last_day)
    is_well = {state for state, _ in report.last_day} <= {"ok", "running", "claimed"}
    line = f"Runs of the last day: {parts}."
    return line if is_well else look.paint(f"{line} `task-scheduler runs` shows them.", "yellow")


def _refused(refused: Sequence[tuple[str, str]], look: Look) -> str:
    shown = refused if look.verbose else refused[:NAMED]
    lines = [f"Not registered: {visible(name)}: {visible(reason)}" for name, reason in shown]
    more = [f"Not registered: {len(refused) - len(shown):,} more; -v shows them"]
    return "\n".join(lines + more if len(refused) > len(shown) else lines)


def _in(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _at(moment: datetime) -> str:
    return f"{_in(moment, ZoneInfo('UTC'))} UTC"
