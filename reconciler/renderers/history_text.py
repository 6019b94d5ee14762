"""What was applied, for people."""

from collections.abc import Iterator, Mapping

from reconciler.planning.kept import Kept
from reconciler.renderers.look import Look, visible
from reconciler.renderers.plan_text import MARKS, field_line
from reconciler.renderers.tables import table
from reconciler.report.history import ApplyReport, HistoryReport

SHOWN = len("01a20c31-8111")
"""Characters of an id in a list: the moment in milliseconds, which is enough to name an apply."""

DONE = {
    "create": "added",
    "update": "changed",
    "delete": "deleted",
    "adopt": "adopted",
    "rename": "renamed",
    "release": "released",
}


def history_parts(report: HistoryReport, look: Look) -> Iterator[str]:
    if report.explained:
        for apply in report.applies:
            yield from _explained(apply, report, look)
    elif not report.applies:
        yield "Nothing was applied."
    else:
        heading = ("apply", f"when ({report.timezone.key})", "owner", "who", "commit", "changes")
        head, *lines = table((heading, *(_line(one, report) for one in report.applies))).split("\n")
        yield "\n".join((look.paint(head, "dim"), *lines))
        if not (report.is_whole or look.quiet):
            yield f"The newest {len(report.applies):,}; -n shows more."


def _line(apply: ApplyReport, report: HistoryReport) -> tuple[str, ...]:
    when = apply.finished_at.astimezone(report.timezone)
    commit = f"{apply.commit[:10]}{'+' if apply.dirty else ''}" if apply.commit else "-"
    told = " ".join(filter(None, (_counts(apply.summary), *_remarks(apply))))
    return (
        apply.apply_id[:SHOWN],
        f"{when:%Y-%m-%d %H:%M}",
        apply.owner,
        f"{apply.who}@{apply.host}",
        commit,
        told,
    )


def _counts(summary: Mapping[str, int] | None) -> str:
    """`+3 ~1 -2`, with the marks of a plan."""
    if summary is None:
        return "?"
    marks = (f"{mark}{summary[action]:,}" for action, (mark, _) in MARKS.items() if summary.get(action))
    return " ".join(marks) or "only the bookkeeping"


def _remarks(apply: ApplyReport) -> Iterator[str]:
    if apply.undoes:
        yield f"(undoes {apply.undoes[:SHOWN]})"
    if apply.undone_by:
        yield f"(undone by {apply.undone_by[:SHOWN]})"
    if apply.during_freeze:
        yield "(in a freeze)"


def _explained(apply: ApplyReport, report: HistoryReport, look: Look) -> Iterator[str]:
    yield "\n".join(_header(apply, report, look))
    if apply.changes is None:
        yield "Its plan is not kept: it was dropped, or was too large."
    else:
        yield "\n".join(line for change in apply.changes for line in _change_lines(change, look))
    if apply.left_out:
        yield f"Left out, for they had moved: {', '.join(map(visible, apply.left_out))}"
    if apply.summary is not None:
        counts = ", ".join(
            f"{apply.summary[one]:,} {done}" for one, done in DONE.items() if apply.summary.get(one)
        )
        yield f"Applied: {counts or 'only the bookkeeping'}."


def _header(apply: ApplyReport, report: HistoryReport, look: Look) -> Iterator[str]:
    when = apply.finished_at.astimezone(report.timezone)
    yield f"{look.paint(apply.apply_id, 'bold')}, owner {visible(apply.owner)}"
    by = f"{visible(apply.who)} on {visible(apply.host)}, task-reconciler {visible(apply.tool)}"
    yield f"  {when:%a %Y-%m-%d %H:%M:%S} {report.timezone.key}, by {by}"
    if apply.commit:
        repository = f" of {visible(apply.repository)}" if apply.repository else ""
        dirty = ", with uncommitted changes" if apply.dirty else ""
        yield f"  commit {apply.commit}{repository}{dirty}"
    if apply.undoes:
        yield f"  undoes {apply.undoes}"
    if apply.undone_by:
        yield f"  undone by {apply.undone_by}"
    if apply.during_freeze:
        yield f"  in a freeze, for {visible(apply.during_freeze)}"


def _change_lines(change: Kept, look: Look) -> Iterator[str]:
    mark, colour = MARKS[change.action]
    name = look.paint(f"{mark} {visible(change.name)}", colour)
    place = f", {visible(change.file)}:{change.line}" if change.file else ""
    yield f"{name}  {look.paint(f'({change.reason}{place})', 'dim')}"
    whole = (
        change.after if change.action == "create" else change.before if change.action == "delete" else None
    )
    if whole is not None:
        run = f"{whole['EntityName']}/{whole['ActionName']} as {whole['AsUserEmail'] or 'nobody'}"
        inactive = "" if whole["Active"] else ", inactive"
        yield f"    {visible(whole['Schedule'])}, {visible(run)}{inactive}"
    yield from (f"    {field_line(one, look)}" for one in change.fields)
