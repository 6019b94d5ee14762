"""A plan for a pull request: what is deleted first, and no longer than a comment may be.

What comes from files or the table stands in code spans and fences only: there it is no mention, no link
and no border of a table.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from reconciler.planning.changes import Action, Change, Plan
from reconciler.planning.digest import plan_hash
from reconciler.planning.fires import fires_of
from reconciler.renderers import drift_text
from reconciler.renderers.diagnostics_text import counts, render_diagnostics
from reconciler.renderers.findings import Report
from reconciler.renderers.fires_text import fires_remarks, rate, rates, shown_moments
from reconciler.renderers.held_text import restored_line
from reconciler.renderers.look import PLAIN, Look, counted, visible
from reconciler.renderers.plan_text import (
    WORDS,
    besides_parts,
    headline,
    origin,
    outcome_lines,
    refused_parts,
    shown_sides,
    told_blame,
    told_runs,
    told_schedule,
    why,
)
from reconciler.renderers.refs_text import checked_against
from reconciler.report.drift import DriftReport
from reconciler.report.plan import PlanReport, ValidateReport

LIMIT = 65_000
"""UTF-16 units; a comment on GitHub may have 65,536, and its mark is some of them."""

MORE_THAN_FIT = 2_000
"""Rows of a table, each of which has thirty-three characters at least: the rest need not be made."""

FOLDED = 10
"""Longer lists are folded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """How much is said."""

    rows: int  # of each table; none: only how many there are
    lines: int  # of each fence
    characters: int  # of a value
    has_fields: bool  # else only which fields change
    has_fires: bool


STEPS = (
    Detail(rows=MORE_THAN_FIT, lines=LIMIT, characters=400, has_fields=True, has_fires=True),
    Detail(rows=MORE_THAN_FIT, lines=1_000, characters=100, has_fields=True, has_fires=False),
    Detail(rows=MORE_THAN_FIT, lines=400, characters=100, has_fields=False, has_fires=False),
    Detail(rows=500, lines=400, characters=100, has_fields=False, has_fires=False),
    Detail(rows=200, lines=200, characters=100, has_fields=False, has_fires=False),
    Detail(rows=50, lines=100, characters=80, has_fields=False, has_fires=False),
    Detail(rows=10, lines=30, characters=60, has_fields=False, has_fires=False),
    Detail(rows=0, lines=5, characters=60, has_fields=False, has_fires=False),
)
"""From all that there is to say to the counts: the first that is short enough is shown."""

SHORTENED = "_Shortened to fit a comment: the log of the job, or `--format text -v`, tells the whole._"


def render(report: Report | DriftReport, look: Look) -> str:
    for detail in STEPS:
        parts = _parts(report, detail)
        text = _joined(parts if detail is STEPS[0] else _with(SHORTENED, parts))
        if text is not None:
            return text
    raise AssertionError("the counts alone are too long")


def _parts(report: Report | DriftReport, detail: Detail) -> Iterator[str]:
    if isinstance(report, ValidateReport):
        return _validated(report, detail)
    if isinstance(report, DriftReport):
        return _compared(report, detail)
    return _planned(report, detail)


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


def _validated(report: ValidateReport, detail: Detail) -> Iterator[str]:
    found = counts(report.diagnostics) or "nothing wrong"
    yield f"### {counted(report.tasks, 'task')} in {counted(report.files, 'file')}: {found}"
    yield from _diagnostics(report, detail)
    yield _fence(filter(None, (checked_against(report), *report.notes)), detail)


def _planned(report: PlanReport, detail: Detail) -> Iterator[str]:
    plan = report.plan
    yield f"### {_title(report, plan)}"
    yield _source(report)
    if report.outcome is not None:
        yield _fence(outcome_lines(report), detail)
        yield "\n".join(f"- {line}" for line in report.advice)
    if plan is not None:
        yield from _fences(refused_parts(report, plan, PLAIN), detail)
        yield _fence((restored_line(one, report.timezone, PLAIN) for one in plan.restored), detail)
        for action in WORDS:
            yield from _section(action, report, plan, detail)
    yield from _diagnostics(report, detail)
    if plan is not None:
        yield from _fences(besides_parts(report, plan, PLAIN), detail)
        yield f"Plan {code(plan_hash(plan))}" if plan.changes else ""


def _compared(report: DriftReport, detail: Detail) -> Iterator[str]:
    if report.drift is None:
        yield from _planned(report.plan, detail)
        return
    title = drift_text.headline(report.drift)
    yield f"### {title[0].upper()}{title[1:]}"
    yield _source(report.plan)
    yield from _diagnostics(report.plan, detail)
    _, *told = drift_text.drift_parts(report, report.drift, PLAIN)
    yield _fence("\n\n".join(filter(None, told)).split("\n"), detail)


def _source(report: PlanReport) -> str:
    return f"Owner {code(report.owner)}, target {code(report.target.url)}, {origin(report)}"


def _title(report: PlanReport, plan: Plan | None) -> str:
    if plan is None:
        return f"{counts(report.diagnostics)}: nothing was planned"
    title = headline(plan)
    if report.outcome and report.outcome.applied:
        return f"Applied: {title}"
    return title[0].upper() + title[1:]


def _section(action: Action, report: PlanReport, plan: Plan, detail: Detail) -> Iterator[str]:
    changes = [change for change in plan.changes if change.action == action]
    if not changes:
        return
    shown = changes[: detail.rows]
    if action in ("delete", "create"):
        rows = [row for change in shown for row in _whole_row(change, report, detail)]
        table = _table(("Task", "Runs", "Why"), rows)
    else:
        rows = [row for change in shown for row in _field_rows(change, report, detail)]
        table = _table(("Task", "Field", "Before", "After"), rows)
    yield from _list(f"{len(changes):,} to {WORDS[action]}", len(changes), table, detail)


def _list(title: str, number: int, body: str, detail: Detail) -> Iterator[str]:
    """A heading and its list, folded where it is long."""
    if detail.rows == 0 or number <= FOLDED:
        yield f"#### {title}"
        yield body if detail.rows else ""
    else:
        yield f"<details><summary><b>{title}</b></summary>"
        yield body
        yield f"and {number - detail.rows:,} more" if number > detail.rows else ""
        yield "</details>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _whole_row(change: Change, report: PlanReport, detail: Detail) -> Iterator[tuple[str, ...]]:
    """Of a task that is new or gone: what it runs."""
    one = change.task or change.row
    if one is None:
        return
    user = code(one.as_user_email, detail) if one.as_user_email else "nobody"
    work = code(f"{one.entity_name}/{one.action_name}", detail)
    schedule = code(told_schedule(change, one.schedule), detail)
    inactive = "" if one.active else ", inactive"
    runs = f"{schedule} {work} as {user}{inactive}"
    yield code(change.name, detail), runs, _why(change, report, detail)


def _field_rows(change: Change, report: PlanReport, detail: Detail) -> Iterator[tuple[str, ...]]:
    """Of a task that stays: a row for each field, the first one with its name."""
    rows = list(_fields(change, report, detail)) or [("only the bookkeeping", "", "")]
    name = f"{code(change.name, detail)}<br>{_why(change, report, detail)}"
    for index, row in enumerate(rows):
        yield ("" if index else name), *row


def _why(change: Change, report: PlanReport, detail: Detail) -> str:
    """The reason and the place; where there is room, who did it in git, and what a delete ends."""
    told = [why(change)]
    if detail.has_fields:
        cause = report.cause(change)
        told += filter(None, (told_blame(cause), told_runs(cause)))
    return "<br>".join(code(one, detail) for one in told)


def _fields(change: Change, report: PlanReport, detail: Detail) -> Iterator[tuple[str, ...]]:
    if not detail.has_fields:
        yield ", ".join(code(field.path, detail) for field in change.fields[:FOLDED]), "", ""
        return
    for field in change.fields:
        before, after = shown_sides(field)
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


def _diagnostics(report: Report, detail: Detail) -> Iterator[str]:
    """The errors first."""
    found = sorted(report.diagnostics, key=lambda one: not one.is_error)
    if found:
        lines = render_diagnostics(found[: detail.rows], PLAIN).split("\n")
        yield from _list(counts(found), len(found), _fence(lines, detail), detail)


def code(text: str, detail: Detail = STEPS[0]) -> str:
    """A code span that may stand in a table: whatever is in it is shown as it is."""
    shown = _cut(text, detail.characters).replace("|", "\\|")
    ticks = "`" * (_longest_run(shown) + 1)
    pad = " " if not shown or shown[0] in "` " or shown[-1] in "` " else ""
    return f"{ticks}{pad}{shown or ' '}{pad}{ticks}"


def _fences(parts: Iterable[str], detail: Detail) -> Iterator[str]:
    yield from (_fence(part.split("\n"), detail) for part in parts if part)


def _fence(lines: Iterable[str], detail: Detail) -> str:
    """Lines as they are, up to so many of them."""
    first = [_cut(line, 3 * detail.characters) for line in islice(lines, detail.lines + 1)]
    shown = first if len(first) <= detail.lines else [*first[: detail.lines], "..."]
    text = "\n".join(shown)
    ticks = "`" * max(3, _longest_run(text) + 1)
    return f"{ticks}text\n{text}\n{ticks}" if text else ""


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _cut(text: str, limit: int) -> str:
    text = visible(text)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
