"""What the scheduler did, would do and has loaded, for people."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from reconciler.renderers.look import Colour, Look, counted, visible
from reconciler.renderers.plan_text import plan_parts
from reconciler.renderers.tables import table
from reconciler.report import LoadedReport, RunReport, RunsReport, SimulationReport, StatusReport

COLOURS: dict[str, Colour] = {
    "ok": "green",
    "failed": "red",
    "cancelled": "red",
    "lost": "red",
    "missed": "yellow",
    "skipped": "yellow",
}
NAMED = 10
"""Names of tasks that a list shows, unless it is asked for whole."""


def runs_parts(report: RunsReport, look: Look) -> Iterator[str]:
    if not report.runs:
        yield "No runs."
        return
    rows = [_run(run) for run in report.runs]
    heading = ("moment (UTC)", "task", "state", "cause", "user", "lag", "took")
    lines = table((heading, *rows)).split("\n")
    painted = [look.paint(lines[0], "dim")]
    for line, run in zip(lines[1:], report.runs, strict=True):
        painted.append(line)
        if run.error and not look.quiet:
            error = visible(run.error if look.verbose else run.error.partition("\n")[0])
            painted.append(look.paint(f"    {error}", COLOURS.get(run.state, "dim")))
    yield "\n".join(painted)


def _run(run: RunReport) -> tuple[str, ...]:
    moment = f"{run.moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    state = run.state
    if run.missed_count and run.missed_count > 1 and run.missed_until:
        state = f"missed {run.missed_count}, until {run.missed_until.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    return (
        moment,
        run.name,
        state,
        run.cause,
        run.user or "",
        _seconds(run.lag),
        _seconds(run.duration),
    )


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.3f} s"


def simulation_parts(report: SimulationReport, look: Look) -> Iterator[str]:
    total = sum(count for _, count in report.counts)
    if report.fires and not look.quiet:
        zone = report.timezone
        yield table(
            [
                (
                    f"{fire.moment.astimezone(zone):%a %Y-%m-%d %H:%M:%S}",
                    fire.name,
                    fire.work,
                    f"as {fire.user}" + (f", {fire.delay} s later by jitter" if fire.delay else ""),
                )
                for fire in report.fires
            ]
        )
    if total > len(report.fires):
        yield f"The first {len(report.fires):,} of {total:,} fires; -n shows more."
    if report.counts:
        yield table([(name, f"{count:,}") for name, count in report.counts])
    yield from _refused(report.refused)
    yield (
        f"{counted(total, 'fire')} of {counted(len(report.counts), 'task')} after "
        f"{_at(report.since)} and up to {_at(report.until)}."
    )


def status_parts(report: StatusReport, look: Look) -> Iterator[str]:
    if report.plan is not None and report.plan.plan is not None:
        yield from plan_parts(report.plan, report.plan.plan, look)
    table_line = f"Table {visible(report.target.url)}: {counted(report.registered, 'task')} to run"
    yield f"{table_line}, {report.inactive} inactive."
    yield from _refused(report.refused)
    if report.system_tasks:
        yield f"System tasks: {', '.join(report.system_tasks)}."
    for name, until, reason in report.holds:
        yield f"On hold until {_at(until)}: {visible(name)} ({visible(reason)})"
    if not report.schedulers:
        yield look.paint("No scheduler is running.", "yellow")
    for one in report.schedulers:
        yield "\n".join(_scheduler(one, look))
    if report.unwell:
        counts = ", ".join(f"{count} {state}" for state, count in report.unwell)
        yield look.paint(f"Runs of the last day: {counts}. `task-scheduler runs` shows them.", "yellow")


def _scheduler(one: LoadedReport, look: Look) -> Iterator[str]:
    yield (
        f"Scheduler {visible(one.host)}, process {one.pid}: {counted(one.tasks, 'task')} loaded at "
        f"{_at(one.started_at)}, heard of {one.heartbeat_age:.0f} s ago, zone {one.timezone}, "
        f"version {visible(one.version)}"
    )
    if not one.differing:
        yield "  it has loaded what the table says"
        return
    for mark, names in (("~", one.changed), ("+", one.added), ("-", one.removed)):
        shown = names if look.verbose else names[:NAMED]
        yield from (f"  {mark} {visible(name)}" for name in shown)
        if len(names) > len(shown):
            yield f"  {mark} and {len(names) - len(shown)} more"
    yield look.paint(f"  restart needed: {counted(one.differing, 'task')}", "yellow")


def _refused(refused: Sequence[tuple[str, str]]) -> Iterator[str]:
    if refused:
        yield "\n".join(f"Not registered: {visible(name)}: {visible(reason)}" for name, reason in refused)


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
