"""Drift, for people."""

from collections.abc import Iterator

from reconciler.planning.drift import Drift, FieldDrift, Movement
from reconciler.renderers.look import Colour, Look, counted, visible
from reconciler.renderers.plan_text import heading, names, shown_value, tally
from reconciler.report.drift import DriftReport
from reconciler.report.plan import PlanReport

MARKS: dict[str, tuple[str, Colour]] = {"changed": ("~", "yellow"), "deleted": ("-", "red")}

SIDES = {
    ("changed", "as applied"): "the table moved",
    ("changed", "changed"): "both moved",
    ("changed", "removed"): "the table moved, and git removed it",
    ("changed", "undeclared"): "the table moved, no file declares it",
    ("deleted", "as applied"): "deleted in the table",
    ("deleted", "undeclared"): "deleted in the table, no file declares it",
    ("deleted", "changed"): "deleted in the table, and git moved",
}
"""What became of a row in the table and in git."""


def drift_parts(report: DriftReport, drift: Drift, look: Look) -> Iterator[str]:
    """The paragraphs, from the header to the last line."""
    if not look.quiet:
        yield "\n".join(heading(report.plan, headline(drift)))
    yield "\n".join(line for one in drift.drifted for line in drifted_lines(one, look))
    if not look.quiet:
        yield "\n".join(_besides(report.plan, drift, look))
        yield "\n".join(visible(note) for note in report.plan.notes)
    yield _last_line(drift)


def headline(drift: Drift) -> str:
    return f"{counted(len(drift.drifted), 'row')} drifted" if drift.drifted else "no drift"


def drifted_lines(one: Movement, look: Look) -> Iterator[str]:
    mark, colour = MARKS[one.table]
    told = ", ".join(filter(None, (_what(one), "on hold" if one.is_held else "", _place(one))))
    yield f"{look.paint(f'{mark} {visible(one.name)}', colour)}  {look.paint(f'({told})', 'dim')}"
    for field in one.fields:
        yield f"    {_field(field, look)}"


def _place(one: Movement) -> str:
    if one.git == "undeclared":
        return ""
    place = one.desired or one.record
    return f"{'' if one.desired else 'was '}{visible(place.file)}:{place.line}"


def _what(one: Movement) -> str:
    told = SIDES[one.table, one.git]
    was_renamed = any(field.path == "Name" and field.side in ("table", "both") for field in one.fields)
    return f"{told}: renamed" if was_renamed else told


def _field(field: FieldDrift, look: Look) -> str:
    """Old and new, and which of the two sides says so."""
    table, git = look.paint(shown_value(field.table), "red"), look.paint(shown_value(field.git), "green")
    sides = {
        "table": f"{table} in the table",
        "git": f"{git} in git",
        "same": f"{git} in the table and in git",
        "both": f"{table} in the table, {git} in git",
    }
    return f"{visible(field.path)}: {shown_value(field.applied)} -> {sides[field.side]}"


def _besides(report: PlanReport, drift: Drift, look: Look) -> Iterator[str]:
    if drift.same:
        alike = names([one.name for one in drift.same], look)
        yield f"Changed alike in the table and in git, only to be recorded: {alike}"
    if drift.pending:
        yield f"Pending, for an apply: {tally(drift.pending)}"
    if report.plan and report.plan.elsewhere:
        rows = counted(len(report.plan.elsewhere), "row")
        yield f"Not looked at, since declared in files that were not given: {rows}"


def _last_line(drift: Drift) -> str:
    if not drift.drifted:
        return "Drift: none."
    rows = counted(len(drift.drifted), "row")
    if any(one.desired for one in drift.drifted):
        return f"Drift: {rows}. `reconcile drift --fix` makes what is declared say what git says."
    if any(one.git == "removed" for one in drift.drifted):
        return f"Drift: {rows}. An apply deletes what git removed."
    return f"Drift: {rows}. No file declares what git is to say of them."
