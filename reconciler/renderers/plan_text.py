"""A plan, and what became of it, for people."""

from collections.abc import Iterator, Sequence
from typing import Any

from reconciler.diagnostics import some_of
from reconciler.git import Blame
from reconciler.planning.changes import NOWHERE, Action, Blocked, Change, FieldChange, Ignored, Plan
from reconciler.planning.moved import Moved
from reconciler.planning.selection import Selection
from reconciler.renderers.diagnostics_text import counts, render_diagnostics
from reconciler.renderers.fires_text import fires_lines
from reconciler.renderers.held_text import held_line, restored_line
from reconciler.renderers.look import Colour, Look, counted, in_utc, visible
from reconciler.report.plan import Cause, PlanReport, summary
from reconciler.task import json_text

MARKS: dict[Action, tuple[str, Colour]] = {
    "delete": ("-", "red"),
    "update": ("~", "yellow"),
    "rename": (">", "yellow"),
    "adopt": ("=", "cyan"),
    "release": ("!", "cyan"),
    "create": ("+", "green"),
}
WORDS: dict[Action, str] = {
    "delete": "delete",
    "update": "change",
    "rename": "rename",
    "adopt": "adopt",
    "release": "release",
    "create": "add",
}
LISTED = 10
"""So many names of a list are shown unless all are asked for."""


def report_parts(report: PlanReport, look: Look) -> Iterator[str]:
    """The paragraphs of a dry run or an apply."""
    yield render_diagnostics(report.diagnostics, look)
    if report.plan is None:
        yield f"{counts(report.diagnostics)}. Nothing was planned, nothing was written."
    else:
        yield from plan_parts(report, report.plan, look)


def plan_parts(report: PlanReport, plan: Plan, look: Look) -> Iterator[str]:
    """The paragraphs, from the header to the outcome."""
    if not (look.was_shown and report.outcome):
        yield from _plan_itself(report, plan, look)
    if report.outcome is not None:
        yield "\n".join(outcome_lines(report))
    if not look.quiet:
        yield "\n".join(visible(line) for line in report.advice)


def _plan_itself(report: PlanReport, plan: Plan, look: Look) -> Iterator[str]:
    if not look.quiet:
        is_done = report.undoes and not (plan.changes or plan.blocked)
        yield "\n".join(heading(report, "nothing to undo" if is_done else headline(plan)))
    yield "\n".join(restored_line(one, report.timezone, look) for one in plan.restored)
    yield "\n".join(line for change in plan.changes for line in change_lines(change, report, look))
    yield from refused_parts(report, plan, look)
    yield from besides_parts(report, plan, look)
    yield _last_line(plan)


def refused_parts(report: PlanReport, plan: Plan, look: Look) -> Iterator[str]:
    """What guards refuse, and what moved since a plan was saved."""
    if plan.blocked:
        yield "\n".join(_blocked_lines(plan.blocked, report, look))
    if report.moved and not any(one.code == "O006" for one in plan.blocked):
        yield "\n".join(_left_out(report.moved, look))


def besides_parts(report: PlanReport, plan: Plan, look: Look) -> Iterator[str]:
    """Holds, rows that are left alone, and notes."""
    yield "\n".join(_hold_lines(plan, report, look))
    if not look.quiet:
        yield "\n".join(_left_alone(plan, look))
        yield "\n".join(visible(note) for note in report.notes)


def heading(report: PlanReport, told: str) -> Iterator[str]:
    """Whose files, and what they mean for which target."""
    yield f"Owner {visible(report.owner)}: {origin(report)}"
    yield f"Target {visible(report.target.url)}: {told}"


def origin(report: PlanReport) -> str:
    if report.undoes:
        return f"undo of {report.undoes}"
    commit = f" at {report.source.commit[:10]}" if report.source.commit else ""
    dirty = ", with uncommitted changes" if report.source.dirty else ""
    return f"{counted(len(report.source.files), 'file')}{commit}{dirty}"


def headline(plan: Plan) -> str:
    parts = [tally(plan.changes)] if plan.changes else []
    if plan.restored:
        parts.append(f"{len(plan.restored):,} to restore")
    if not (parts or plan.blocked):
        as_declared = f", {counted(plan.unchanged, 'task')} as declared" if plan.unchanged else ""
        parts.append(f"no changes{as_declared}")
    if plan.recordings:
        parts.append(f"{len(plan.recordings):,} to record under another file or spelling")
    if plan.held:
        parts.append(f"{len(plan.held):,} on hold")
    if plan.blocked:
        parts.append("refused")
    return ", ".join(parts)


def tally(changes: Sequence[Change]) -> str:
    """`1 to delete, 2 to add`."""
    actions = [change.action for change in changes]
    kinds = ((actions.count(action), word) for action, word in WORDS.items())
    return ", ".join(f"{count:,} to {word}" for count, word in kinds if count)


def change_lines(change: Change, report: PlanReport, look: Look) -> Iterator[str]:
    """A change with what it means, and who made it."""
    mark, colour = MARKS[change.action]
    name = look.paint(f"{mark} {visible(change.name)}", colour)
    yield f"{name}  {look.paint(f'({why(change)})', 'dim')}"
    if (
        whole := change.task
        if change.action == "create"
        else change.row
        if change.action == "delete"
        else None
    ):
        run = visible(f"{whole.entity_name}/{whole.action_name} as {whole.as_user_email or 'nobody'}")
        yield f"    {told_schedule(change, whole.schedule)}, {run}{'' if whole.active else ', inactive'}"
    for field in change.fields:
        yield f"    {field_line(field, look)}"
        if field.path == "Schedule":
            if change.desired and change.desired.written:
                yield f"      {told_schedule(change, str(field.after))}"
            yield from (f"      {line}" for line in fires_lines(change, report))
    if change.action in ("update", "adopt", "release") and not change.writes_row:
        yield "    only the bookkeeping: the row stays as it is"
    if not look.quiet:
        cause = report.cause(change)
        yield from (
            f"    {look.paint(line, 'dim')}" for line in (told_blame(cause), told_runs(cause)) if line
        )


def told_blame(cause: Cause) -> str:
    """Who made the change, and when; empty where that is not known."""
    return told_commit(cause.blame) if cause.blame else ""


def told_commit(blame: Blame) -> str:
    if blame.commit is None or blame.at is None:
        return "not committed yet"
    author, subject = visible(blame.author or ""), visible(blame.subject or "")
    return f"{blame.commit[:10]} {author}, {blame.at:%Y-%m-%d}: {subject}"


def told_runs(cause: Cause) -> str:
    """What a delete ends; empty where nothing is known of it."""
    if cause.runs is None:
        return ""
    if cause.last_run is None:
        return "no run is remembered"
    return f"last ran {in_utc(cause.last_run)}; {counted(cause.runs, 'run')} in the last 30 days"


def told_schedule(change: Change, schedule: str) -> str:
    """The schedule; where an `H` is written, that too: `H 2 * * * -> 37 2 * * *`."""
    written = change.desired.written if change.desired else None
    return visible(f"{written} -> {schedule}" if written else schedule)


def why(change: Change) -> str:
    """The reason of a change, and where its task is declared, or was."""
    return ", ".join(filter(None, (_reason(change), _place(change))))


def _reason(change: Change) -> str:
    if change.action == "create" and change.reason == "drift":
        return "drift: its row was deleted"
    if change.action == "adopt" and change.record:
        return f"adopt from owner {visible(change.record.owner)}"
    if change.reason == "undo" and change.action == "create":
        return "undo, with new ids"
    if change.action == "release" and change.desired and change.desired.restores:
        return f"undo, back to owner {visible(change.desired.restores.owner)}"
    return change.reason


def _place(change: Change) -> str:
    place = change.desired or change.record
    if place is None or place.file == NOWHERE:
        return ""
    was = "was " if change.action == "delete" else ""
    return f"{was}{visible(place.file)}:{place.line}"


def field_line(field: FieldChange, look: Look) -> str:
    before, after = shown_sides(field)
    return f"{visible(field.path)}: {look.paint(before, 'red')} -> {look.paint(after, 'green')}"


def shown_sides(field: FieldChange) -> tuple[str, str]:
    """Before and after; of a value from the environment that stays one no more than that it is another."""
    before, after = shown_value(field.before), shown_value(field.after)
    return before, f"{after}, another value" if before == after else after


def shown_value(value: Any) -> str:
    return "(none)" if value is None else visible(json_text(value))


def _blocked_lines(blocked: Sequence[Blocked], report: PlanReport, look: Look) -> Iterator[str]:
    yield look.paint("Refused, nothing is applied:", "red", "bold")
    for one in blocked:
        yield f"  {look.paint(one.code, 'red')} {visible(one.message)}"
        if one.code == "O006":
            yield from (f"    {line}" for moved in report.moved for line in _moved_lines(moved, look))
        if one.change:
            yield from (f"    {line}" for line in change_lines(one.change, report, look))


def _moved_lines(moved: Moved, look: Look) -> Iterator[str]:
    """Something that moved, from what it was to what it is."""
    if moved.kind == "commit":
        yield from (f"commit {one.before[:10]} -> {one.after[:10]}" for one in moved.fields)
        return
    note = f": {visible(moved.note)}" if moved.note else ""
    yield f"{moved.kind} {visible(moved.name)} {_HOW[moved.how]}{note}"
    yield from (f"  {field_line(field, look)}" for field in moved.fields)


_HOW = {"changed": "changed", "gone": "is gone", "appeared": "appeared"}


def _left_out(moved: Sequence[Moved], look: Look) -> Iterator[str]:
    yield look.paint("Moved since, left out:", "yellow")
    yield from (f"  {line}" for one in moved for line in _moved_lines(one, look))


def _hold_lines(plan: Plan, report: PlanReport, look: Look) -> Iterator[str]:
    """Without a word about holds that nothing waits for, where only changes are asked for."""
    for held in plan.held:
        if held.change or not look.quiet:
            yield held_line(held, report.timezone, look)
        if held.change:
            yield from (f"    {line}" for line in change_lines(held.change, report, look))


def _left_alone(plan: Plan, look: Look) -> Iterator[str]:
    if plan.ignored:
        yield "Left to operators (IgnoreChanges):"
        listed = plan.ignored if look.verbose else plan.ignored[:LISTED]
        yield from (f"  {visible(one.row.name)}: {_ignored(one)}" for one in listed)
        yield from _more(len(plan.ignored) - len(listed))
    if plan.unmanaged:
        yield f"Of no owner, left alone: {names([row.name for row in plan.unmanaged], look)}"
    if plan.elsewhere:
        rows = names([row.name for row in plan.elsewhere], look)
        yield f"Owned, but declared in none of the files that were given, left alone: {rows}"
        yield "  (--prune owned deletes such rows)"
    if plan.undeclared:
        rows = names([one.row.name for one in plan.undeclared], look)
        yield f"Adopted, and declared by no file so far, left alone: {rows}"
    if plan.left_out or plan.selection.only or plan.selection.exclude:
        yield f"{_left_out_by(plan.selection)}: {tally(plan.left_out) or 'no changes'}"


def _ignored(one: Ignored) -> str:
    fields = (
        f"{visible(field.path)} {shown_value(field.before)}, in git {shown_value(field.after)}"
        for field in one.fields
    )
    return "; ".join(fields)


def _more(count: int) -> Iterator[str]:
    if count:
        yield f"  and {count:,} more (-v lists them)"


def _left_out_by(selection: Selection) -> str:
    if selection.drifted:
        return "Left to an apply"
    given = (("--only", selection.only), ("--exclude", selection.exclude))
    return f"Left out by {' and '.join(option for option, globs in given if globs)}"


def names(every: Sequence[str], look: Look) -> str:
    """The first of many, unless all are asked for."""
    most = len(every) if look.verbose else LISTED
    return some_of(every, most, visible) + (" (-v lists them)" if len(every) > most else "")


def _last_line(plan: Plan) -> str:
    kinds = summary(plan)
    rare = "".join(f", {kinds[word]:,} to {word}" for word in ("rename", "release") if kinds[word])
    waiting = sum(held.change is not None for held in plan.held)
    restores = f", {len(plan.restored):,} to restore" if plan.restored else ""
    waits = f"; {counted(waiting, 'change')} waiting for holds" if waiting else ""
    return (
        f"Plan: {kinds['create']:,} to add, {kinds['update']:,} to change, {kinds['delete']:,} to delete, "
        f"{kinds['adopt']:,} to adopt{rare}{restores}{waits}."
    )


def outcome_lines(report: PlanReport) -> Iterator[str]:
    outcome = report.outcome
    assert outcome is not None
    if not outcome.applied:
        yield "Nothing to apply."
    elif outcome.verified:
        yield f"Applied and verified: {outcome.apply_id}."
    else:
        yield f"Applied as {outcome.apply_id}, yet the check after it found that something else wrote:"
        if report.difference:
            yield from (f"  {change.action} {visible(change.name)}" for change in report.difference.changes)
            yield from (f"  {one.code} {visible(one.message)}" for one in report.difference.diagnostics)
