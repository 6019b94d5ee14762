"""A plan for a pull request: what is deleted first, and no longer than a comment may be.

What comes from files or the table stands in code spans and fences only: there it is no mention, no link
and no border of a table.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from reconciler.planning import Action, Change, Plan, fires_of, plan_hash
from reconciler.renderers.diagnostics_text import counts, render_diagnostics
from reconciler.renderers.findings import Report
from reconciler.renderers.fires_text import fires_remarks, rate, rates, shown_moments
from reconciler.renderers.look import Look, counted, visible
from reconciler.renderers.plan_text import (
    headline,
    outcome_lines,
    shown_value,
    told_schedule,
    why,
)
from reconciler.report import PlanReport, ValidateReport

LIMIT = 65_000
"""UTF-16 units; a comment on GitHub may have 65,536, and its marker is one of them too."""

FOLDED = 10
"""Longer lists are folded."""

WORDS: dict[Action, str] = {
    "delete": "to delete",
    "update": "to change",
    "rename": "to rename",
    "adopt": "to adopt",
    "release": "to release",
    "create": "to add",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """How much is said."""

    rows: int = 100_000  # of each list
    characters: int = 400  # of a value
    has_fields: bool = True  # else only which fields change
    has_fires: bool = True


STEPS = (
    Detail(),
    Detail(has_fires=False, characters=100),
    Detail(has_fires=False, characters=100, has_fields=False),
    Detail(rows=200, has_fires=False, characters=100, has_fields=False),
    Detail(rows=50, has_fires=False, characters=100, has_fields=False),
    Detail(rows=10, has_fires=False, characters=60, has_fields=False),
    Detail(rows=0, has_fires=False, characters=60, has_fields=False),
)
"""From all there is to say to the counts alone: the first that is short enough is shown."""

SHORTENED = "_Shortened to fit a comment; the log of this job has the whole plan._"


def render(report: Report, look: Look) -> str:
    for step in STEPS:
        parts = _parts(report, step)
        text = _joined(parts if step is STEPS[0] else _with(SHORTENED, parts))
        if text is not None:
            return text
    raise AssertionError("the counts alone are too long")


def _with(last: str, parts: Iterable[str]) -> Iterator[str]:
    yield from parts
    yield last


def _joined(parts: Iterable[str]) -> str | None:
    """None as soon as it is too long: what comes after is not even made."""
    shown: list[str] = []
    length = 0
    for part in filter(None, parts):
        shown.append(part)
        length += len(part.encode("utf-16-le", "surrogatepass")) // 2 + 2
        if length > LIMIT:
            return None
    return "\n\n".join(shown) + "\n"


def _parts(report: Report, detail: Detail) -> Iterator[str]:
    if isinstance(report, ValidateReport):
        found = counts(report.diagnostics) or "nothing wrong"
        yield f"### {counted(report.tasks, 'task')} in {counted(report.files, 'file')}: {found}"
        yield from _diagnostics(report, detail)
        yield _fence(report.notes, detail)
        return
    if report.plan is None:
        yield f"### {counts(report.diagnostics)}: nothing was planned"
        yield _source(report)
        yield from _diagnostics(report, detail)
        return
    yield f"### {_title(report, report.plan)}"
    yield _source(report)
    yield from _outcome(report, detail)
    yield from _refusals(report.plan, detail)
    for action in WORDS:
        yield from _section(action, report, report.plan, detail)
    yield from _diagnostics(report, detail)
    yield from _left_alone(report.plan, detail)
    yield _fence(report.notes, detail)
    if report.plan.changes:
        yield f"Plan {code(plan_hash(report.plan))}"


def _title(report: PlanReport, plan: Plan) -> str:
    title = headline(plan)
    if report.outcome and report.outcome.applied:
        return f"Applied: {title}"
    return title[0].upper() + title[1:]


def _source(report: PlanReport) -> str:
    commit = f" at {code(report.source.commit[:10])}" if report.source.commit else ""
    dirty = ", with uncommitted changes" if report.source.dirty else ""
    files = f"{counted(len(report.source.files), 'file')}{commit}{dirty}"
    return f"Owner {code(report.owner)}, target {code(report.target.url)}, {files}"


def _outcome(report: PlanReport, detail: Detail) -> Iterator[str]:
    if report.outcome is not None:
        yield _fence(islice(outcome_lines(report), detail.rows + 1), detail)
        yield "\n".join(f"- {line}" for line in report.advice)


def _refusals(plan: Plan, detail: Detail) -> Iterator[str]:
    if plan.blocked:
        yield "**Refused, nothing is applied:**"
        yield _fence((f"{one.code} {one.message}" for one in plan.blocked[: detail.rows]), detail)
        yield _more(len(plan.blocked), detail)


def _section(action: Action, report: PlanReport, plan: Plan, detail: Detail) -> Iterator[str]:
    changes = [change for change in plan.changes if change.action == action]
    if not changes:
        return
    title = f"{len(changes):,} {WORDS[action]}"
    if detail.rows == 0:
        yield f"#### {title}"
        return
    is_whole = action in ("delete", "create")
    head = ("Task", "Runs", "Why") if is_whole else ("Task", "Field", "Before", "After")
    rows = _whole_rows if is_whole else partial(_field_rows, report=report)
    yield from _list(title, len(changes), _table(head, rows, changes[: detail.rows], detail), detail)


def _list(title: str, number: int, body: Iterable[str], detail: Detail) -> Iterator[str]:
    """A heading and its list, folded where it is long."""
    if number <= FOLDED:
        yield f"#### {title}"
        yield from body
    else:
        yield f"<details><summary><b>{title}</b></summary>"
        yield from body
        yield _more(number, detail)
        yield "</details>"


def _more(number: int, detail: Detail) -> str:
    return f"and {number - detail.rows:,} more" if number > detail.rows else ""


Rows = Callable[[Change, Detail], Iterator[tuple[str, ...]]]


def _table(head: Sequence[str], rows: Rows, changes: Iterable[Change], detail: Detail) -> Iterator[str]:
    lines = [_row(head), _row(["---"] * len(head))]
    lines += [_row(row) for change in changes for row in rows(change, detail)]
    yield "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _whole_rows(change: Change, detail: Detail) -> Iterator[tuple[str, ...]]:
    """Of a task that is new or gone: what it runs."""
    one = change.task or change.row
    if one is None:
        return
    user = code(one.as_user_email, detail) if one.as_user_email else "nobody"
    work = code(f"{one.entity_name}/{one.action_name}", detail)
    inactive = "" if one.active else ", inactive"
    schedule = code(told_schedule(change, one.schedule), detail)
    runs = f"{schedule} {work} as {user}{inactive}"
    yield code(change.name, detail), runs, _why(change, detail)


def _field_rows(change: Change, detail: Detail, report: PlanReport) -> Iterator[tuple[str, ...]]:
    """Of a task that stays: a row for each field, the first one with its name."""
    rows = list(_fields(change, report, detail))
    name = f"{code(change.name, detail)}<br>{_why(change, detail)}"
    for index, row in enumerate(rows or [("only the bookkeeping", "", "")]):
        yield ("" if index else name), *row


def _fields(change: Change, report: PlanReport, detail: Detail) -> Iterator[tuple[str, ...]]:
    if not detail.has_fields:
        yield ", ".join(code(field.path, detail) for field in change.fields[:10]), "", ""
        return
    for field in change.fields:
        before, after = shown_value(field.before), shown_value(field.after)
        if field.path == "Schedule" and change.desired and change.desired.written:
            after = told_schedule(change, str(field.after))
        yield code(field.path, detail), code(before, detail), code(after, detail)
        if field.path == "Schedule" and detail.has_fires:
            yield from _fires(change, report)


def _fires(change: Change, report: PlanReport) -> Iterator[tuple[str, ...]]:
    fires = fires_of(change, report.now, report.timezone)
    if fires.are_same:
        yield "next fires", "the same", "the same"
    elif fires.before and fires.after:
        yield "next fires", shown_moments(fires.before.next), shown_moments(fires.after.next)
        if rates(fires):
            yield "fires", rate(fires.before), rate(fires.after)
    for remark in fires_remarks(change, report):
        yield "", "", remark


def _why(change: Change, detail: Detail) -> str:
    return code(why(change), detail)


def _diagnostics(report: Report, detail: Detail) -> Iterator[str]:
    found = report.diagnostics
    if not found:
        return
    title = counts(found)
    if detail.rows == 0:
        yield f"#### {title}"
        return
    shown = sorted(found, key=lambda one: not one.is_error)[: detail.rows]
    lines = render_diagnostics(shown, Look(width=100)).split("\n")
    yield from _list(title, len(found), [_fence(lines, detail)], detail)


def _left_alone(plan: Plan, detail: Detail) -> Iterator[str]:
    for rows, words in ((plan.unmanaged, "of no owner"), (plan.elsewhere, "of files that were not given")):
        if rows:
            names = ", ".join(code(row.name, detail) for row in rows[: min(detail.rows, FOLDED)])
            more = f" and {len(rows) - FOLDED:,} more" if len(rows) > FOLDED else ""
            yield f"{counted(len(rows), 'row')} {words}, left alone{': ' if names else ''}{names}{more}"


def code(text: str, detail: Detail = STEPS[0]) -> str:
    """A code span that may stand in a table: whatever is in it is shown as it is."""
    shown = _cut(text, detail.characters).replace("|", "\\|")
    ticks = "`" * (_longest_run(shown) + 1)
    pad = " " if not shown or shown[0] in "` " or shown[-1] in "` " else ""
    return f"{ticks}{pad}{shown or ' '}{pad}{ticks}"


def _fence(lines: Iterable[str], detail: Detail) -> str:
    shown = "\n".join(_cut(line, 3 * detail.characters) for line in lines)
    ticks = "`" * max(3, _longest_run(shown) + 1)
    return f"{ticks}text\n{shown}\n{ticks}" if shown else ""


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _cut(text: str, limit: int) -> str:
    text = visible(text)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
