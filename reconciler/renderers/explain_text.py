"""One page about one task, for people."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from reconciler.renderers.diagnostics_text import render_diagnostics
from reconciler.renderers.held_text import told_hold
from reconciler.renderers.look import Look, in_utc, visible
from reconciler.renderers.plan_text import change_lines, shown_value, told_commit
from reconciler.renderers.tables import table
from reconciler.report.explain import ExplainReport, LoadedState, LoadedTask, Said, Standing, Stored, Twin
from reconciler.report.render import Layer
from reconciler.report.runs import RunReport

STATES: dict[LoadedState, str] = {
    "loaded": "has loaded what the table says",
    "changed": "has loaded something else: restart it",
    "not loaded": "has not loaded it: restart it",
    "removed": "still has it: restart it",
}
LAYERS: dict[Layer, str] = {
    "overlay": " (overlay)",
    "task": "",
    "file": " (defaults of the file)",
    "directory": " (defaults of the directory)",
}
STANDINGS: dict[Standing, str] = {
    "pending": "An apply would make this change",
    "held": "This change waits for the end of the hold",
    "refused": "This change is refused",
}


def explain_parts(report: ExplainReport, look: Look) -> Iterator[str]:
    yield look.paint(visible(report.name), "bold")
    yield _section("Task", _said(report), look)
    yield _section("Origin", [*_in_git(report), *_in_table(report)], look)
    if report.change is not None and report.plan is not None and report.standing is not None:
        lines = list(change_lines(report.change, report.plan, look))
        yield _section(STANDINGS[report.standing], lines, look)
    yield _section("Fires, so far" if _moves(report) else "Fires", _fires(report), look)
    yield _section("Schedulers", [_loaded(one, look) for one in report.loaded], look)
    yield _section("Last runs", _runs(report.runs, report.timezone), look)
    yield _section("The same work", [_twin(one) for one in report.twins], look)
    if report.declaring is not None:
        yield render_diagnostics(report.declaring.diagnostics, look)
    yield "\n".join(visible(note) for note in report.notes)


def _section(title: str, lines: Sequence[str], look: Look) -> str:
    if not lines:
        return ""
    return "\n".join((look.paint(f"{title}:", "dim"), *(f"  {line}" for line in lines)))


def _said(report: ExplainReport) -> list[str]:
    """The fields, each with its place where git says it."""
    rows = [(one.key, shown_value(one.value), _place(one, report)) for one in report.said]
    return table(rows).split("\n")


def _place(one: Said, report: ExplainReport) -> str:
    if report.declaring is None:
        return ""
    if one.place is None or one.layer is None:
        return "default"
    return f"{one.place.file}:{one.place.line}{LAYERS[one.layer]}"


def _in_git(report: ExplainReport) -> Iterator[str]:
    declaring = report.declaring
    if declaring is None:
        yield "git: not declared" if report.plan else "git: no files were given, and none were found here"
        return
    yield f"git: {visible(declaring.place.file)}:{declaring.place.line}"
    if declaring.blame is not None:
        yield f"  {told_commit(declaring.blame)}"


def _in_table(report: ExplainReport) -> Iterator[str]:
    stored = report.stored
    if stored is None:
        yield "table: no such row"
        return
    owner = f"owner {visible(stored.owner)}" if stored.owner is not None else "of no owner"
    protected = ", protected" if stored.protected else ""
    yield f"table: row {stored.id}, {owner}{protected}"
    yield from _applied(stored)
    if report.hold is not None:
        ended = " (it has ended)" if report.hold.has_ended else ""
        inert = ", its row inert" if report.hold.is_inert else ""
        yield f"  on hold {told_hold(report.hold.hold, report.timezone)}{inert}{ended}"


def _applied(stored: Stored) -> Iterator[str]:
    applied = stored.applied
    if applied is not None:
        commit = f" at {applied.commit[:10]}" if applied.commit else ""
        yield f"  applied {in_utc(applied.at)} by {visible(applied.who)}{commit}: {applied.apply_id}"


def _moves(report: ExplainReport) -> bool:
    """Whether git has another schedule for the row than the one that it fires by."""
    return report.change is not None and any(one.path == "Schedule" for one in report.change.fields)


def _fires(report: ExplainReport) -> list[str]:
    schedule, stored = report.schedule, report.stored
    written = f"{schedule.written} -> " if schedule.written else ""
    lines = [visible(f"{written}{schedule.schedule}")]
    if schedule.words:
        lines += schedule.words.split("\n")
    if schedule.counted_from:
        lines.append(f"counted from {schedule.counted_from}")
    if schedule.words and not schedule.fires:
        lines.append("it never fires")
    lines += [_fire(moment) for moment in schedule.fires]
    if stored is not None and not stored.active:
        lines.append("the row is inactive: task-scheduler does not fire it")
    elif stored is not None and stored.refused:
        lines.append(f"no scheduler registers it: {visible(stored.refused)}")
    return lines


def _fire(moment: datetime) -> str:
    """Local time and UTC side by side; UTC once where they are the same."""
    utc = f"{moment.astimezone(UTC):%a %Y-%m-%d %H:%M:%S} UTC"
    return utc if str(moment.tzinfo) == "UTC" else f"{moment:%a %Y-%m-%d %H:%M:%S} {moment.tzinfo}  {utc}"


def _loaded(one: LoadedTask, look: Look) -> str:
    silent = "" if one.is_live else ", which died without a word,"
    line = f"{visible(one.host)}, process {one.pid},{silent} {STATES[one.state]}"
    return look.paint(line, "yellow") if one.needs_restart else line


def _runs(runs: Sequence[RunReport], zone: ZoneInfo) -> list[str]:
    if not runs:
        return []
    return table([_run(run, zone) for run in runs]).split("\n")


def _run(run: RunReport, zone: ZoneInfo) -> tuple[str, ...]:
    due = f"{run.moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    took = "" if run.duration is None else f"{run.duration:.3f} s"
    error = run.error.splitlines()[0] if run.error else ""
    return due, run.state, run.user or "", took, error


def _twin(one: Twin) -> str:
    where = "" if one.in_table else ", in git only"
    if one.is_known:
        both = f"both fire {in_utc(one.together)}" if one.together else "they do not meet in the next month"
    else:
        both = "when they meet depends on a start"
    return f"{visible(one.name)}  {visible(one.schedule)}{where}; {both}"
