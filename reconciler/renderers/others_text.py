"""Reports for people: of every command but those that make a plan."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import singledispatch
from typing import Any

from reconciler.renderers.calendar_text import calendar_parts
from reconciler.renderers.diagnostics_text import counts, render_diagnostics
from reconciler.renderers.drift_text import drift_parts
from reconciler.renderers.explain_text import explain_parts
from reconciler.renderers.export_text import export_parts
from reconciler.renderers.formatting_text import format_parts
from reconciler.renderers.history_text import history_parts
from reconciler.renderers.holds_text import hold_parts, holds_parts, unhold_parts
from reconciler.renderers.impact_text import impact_parts
from reconciler.renderers.look import Look, counted, visible
from reconciler.renderers.plan_text import report_parts
from reconciler.renderers.refs_text import checked_against, refs_export_parts, refs_import_parts
from reconciler.renderers.render_text import render_parts
from reconciler.renderers.scheduler_text import ran_parts, runs_parts, simulation_parts, status_parts
from reconciler.renderers.tables import table
from reconciler.report.calendar import CalendarReport
from reconciler.report.catalogue import ActionsReport, InitReport, UsersReport
from reconciler.report.drift import DriftReport
from reconciler.report.explain import ExplainReport
from reconciler.report.export import ExportReport
from reconciler.report.formatting import FormatReport
from reconciler.report.history import HistoryReport
from reconciler.report.holds import HoldReport, HoldsReport, UnholdReport
from reconciler.report.impact import ImpactReport
from reconciler.report.plan import ValidateReport
from reconciler.report.refs import RefsExportReport, RefsImportReport
from reconciler.report.render import RenderReport
from reconciler.report.runs import RanReport, RunsReport, SimulationReport
from reconciler.report.schedules import PreviewReport, RulesReport
from reconciler.report.status import StatusReport
from reconciler.rules import Rule

READABLE = 100
"""Columns of prose that are pleasant to read, on however wide a screen."""


@singledispatch
def parts(report: Any, look: Look) -> Iterable[str]:
    """The paragraphs of a report; empty ones are left out."""
    raise TypeError(f"no text for {type(report).__name__}")


@parts.register
def _(report: DriftReport, look: Look) -> Iterator[str]:
    if report.drift is None:
        yield from report_parts(report.plan, look)
    else:
        yield render_diagnostics(report.plan.diagnostics, look)
        yield from drift_parts(report, report.drift, look)


@parts.register
def _(report: ValidateReport, look: Look) -> Iterator[str]:
    yield render_diagnostics(report.diagnostics, look)
    found = counts(report.diagnostics) or "nothing wrong"
    yield f"{counted(report.tasks, 'task')} in {counted(report.files, 'file')}: {found}."
    if not look.quiet:
        yield checked_against(report)
    if report.unchecked and not look.quiet:
        codes = ", ".join(report.unchecked)
        yield f"Not checked without a database: {codes}. `reconcile --dry-run` checks them."
    if not look.quiet:
        yield "\n".join(visible(note) for note in report.notes)


@parts.register
def _(report: InitReport, look: Look) -> Iterator[str]:
    url = visible(report.target.url)
    if not report.made:
        yield f"{url}: everything is there already."
    elif report.is_embedded:
        yield f"{url}: made, with the user guest@cms.go and the groups guests, administrators and users."
        if report.filled is None:
            yield "Next: `reconcile users add EMAIL` and `reconcile actions add ENTITY ACTION`."
    else:
        yield f"{url}: Daptin made this database; the bookkeeping was added, nothing else was touched."
    if report.filled is not None:
        yield from refs_import_parts(report.filled, look)


@parts.register
def _(report: UsersReport, look: Look) -> Iterator[str]:
    yield table([(user.email, ", ".join(groups)) for user, groups in report.users])


@parts.register
def _(report: ActionsReport, look: Look) -> Iterator[str]:
    yield table(
        [
            (
                f"{action.entity_name}/{action.name}",
                ", ".join(f"{one.name}{'?' if one.nullable else ''}" for one in action.inputs),
            )
            for action in report.actions
        ]
    )


@parts.register
def _(report: PreviewReport, look: Look) -> Iterator[str]:
    name = f"{visible(report.name)}: " if report.name else ""
    name += f"{visible(report.written)} -> " if report.written else ""
    yield "\n".join(filter(None, (f"{name}{look.paint(visible(report.schedule), 'bold')}", report.words)))
    yield render_diagnostics(report.diagnostics, look)
    if report.counted_from:
        yield f"Counted from {report.counted_from}."
    if report.words:
        yield "\n".join(_fires(report.fires, report.timezone.key)) or "It never fires."


@parts.register
def _(report: RulesReport, look: Look) -> Iterator[str]:
    if report.explained:
        yield from (_explained(rule, look) for rule in report.rules)
    else:
        yield table([(rule.code, str(rule.severity), rule.title) for rule in report.rules])
        yield "`reconcile rules CODE` explains one, with an example and the fix."


parts.register(ExportReport)(export_parts)
parts.register(RenderReport)(render_parts)
parts.register(HistoryReport)(history_parts)
parts.register(FormatReport)(format_parts)
parts.register(RefsExportReport)(refs_export_parts)
parts.register(RefsImportReport)(refs_import_parts)
parts.register(ExplainReport)(explain_parts)
parts.register(ImpactReport)(impact_parts)
parts.register(HoldReport)(hold_parts)
parts.register(UnholdReport)(unhold_parts)
parts.register(HoldsReport)(holds_parts)
parts.register(CalendarReport)(calendar_parts)
parts.register(RunsReport)(runs_parts)
parts.register(RanReport)(ran_parts)
parts.register(SimulationReport)(simulation_parts)
parts.register(StatusReport)(status_parts)


def _explained(rule: Rule, look: Look) -> str:
    heading = f"{look.paint(rule.code, 'bold')} ({rule.severity}): {rule.title}"
    return "\n\n".join((heading, *_paragraphs(rule.text, min(look.width, READABLE))))


def _paragraphs(markdown: str, width: int) -> Iterator[str]:
    """A section of the documentation for a terminal: examples indented, prose wrapped, comments left out."""
    for index, part in enumerate(markdown.split("```")):
        if index % 2:
            yield textwrap.indent(part.partition("\n")[2].rstrip(), "    ")
        else:
            prose = (text.strip() for text in part.split("\n\n"))
            yield from (_wrapped(text, width) for text in prose if text and not text.startswith("<!--"))


def _wrapped(text: str, width: int) -> str:
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)


def _fires(fires: Sequence[datetime], zone: str) -> Iterator[str]:
    """Local time and UTC side by side; UTC once where they are the same."""
    if zone == "UTC":
        yield from (f"{fire:%a %Y-%m-%d %H:%M:%S} UTC" for fire in fires)
        return
    for fire in fires:
        yield f"{fire:%a %Y-%m-%d %H:%M:%S %z}  {fire.astimezone(UTC):%a %Y-%m-%d %H:%M:%S} UTC"
