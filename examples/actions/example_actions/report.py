"""A PDF of what ran in the last day, week or month."""

import calendar
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from fpdf import FPDF
from sqlalchemy import DateTime, Select, case, column, func, select, table

from reconciler.actions import ActionFailed, Run, action, new_file

FAILURES = 200
"""How many failed runs a report lists, the latest first."""

runs = table(
    "reconciler_run",
    column("name"),
    column("state"),
    column("moment", DateTime),
    column("error"),
    column("missed_count"),
)
"""The scheduler's history; moments are UTC, without a zone. See docs/databases.md."""


@action("generate_report", entity="report")
def generate_report(run: Run, attributes: Mapping[str, Any]) -> None:
    """Write a report of `type` daily, weekly or monthly, up to the fire. The only `format` is pdf."""
    kind = attributes.get("type")
    if kind not in ("daily", "weekly", "monthly"):
        raise ActionFailed(f"the attribute type must be daily, weekly or monthly, and is {kind!r}")
    if attributes.get("format", "pdf") != "pdf":
        raise ActionFailed(f"a report can be a pdf, not {attributes['format']!r}")
    until = run.fire_time.astimezone(UTC).replace(tzinfo=None)
    since = start(kind, until)
    counts = run.connection.execute(_counts(since, until)).all()
    failures = run.connection.execute(_failures(since, until)).all()
    pdf = _document(kind, since, until)
    _add_table(pdf, ("Task", "ok", "failed", "other"), (5, 1, 1, 1), counts)
    if failures:
        _add_heading(pdf, "Failures" if len(failures) < FAILURES else f"The last {FAILURES} failures")
        _add_table(pdf, ("Task", "Due (UTC)", "Error"), (3, 2, 5), failures)
    with new_file(run, f"{kind}-report", "pdf") as file:
        file.write(pdf.output())


def start(kind: str, until: datetime) -> datetime:
    """When the period began that ends now: a month ago is the same day, or the month's last."""
    if kind == "monthly":
        last = until.replace(day=1) - timedelta(days=1)
        return last.replace(day=min(until.day, calendar.monthrange(last.year, last.month)[1]))
    return until - timedelta(days=7 if kind == "weekly" else 1)


def _counts(since: datetime, until: datetime) -> Select[Any]:
    """By task: runs that were ok, that failed, and all others, fires that were missed included."""
    number = func.coalesce(runs.c.missed_count, 1)
    is_ok, is_failed = runs.c.state == "ok", runs.c.state == "failed"
    return (
        select(
            runs.c.name,
            func.sum(case((is_ok, 1), else_=0)),
            func.sum(case((is_failed, 1), else_=0)),
            func.sum(case((is_ok | is_failed, 0), else_=number)),
        )
        .where(runs.c.moment >= since, runs.c.moment < until)
        .group_by(runs.c.name)
        .order_by(runs.c.name)
    )


def _failures(since: datetime, until: datetime) -> Select[Any]:
    return (
        select(runs.c.name, runs.c.moment, runs.c.error)
        .where(runs.c.state == "failed", runs.c.moment >= since, runs.c.moment < until)
        .order_by(runs.c.moment.desc())
        .limit(FAILURES)
    )


def _document(kind: str, since: datetime, until: datetime) -> FPDF:
    pdf = FPDF()
    pdf.set_creation_date(until.replace(tzinfo=UTC))
    pdf.set_title(f"{kind.capitalize()} report")
    pdf.add_page()
    _add_heading(pdf, f"{kind.capitalize()} report")
    pdf.cell(text=f"What ran from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC", new_x="LMARGIN")
    pdf.ln(10)
    return pdf


def _add_heading(pdf: FPDF, text: str) -> None:
    pdf.set_font("Helvetica", style="B", size=14)
    pdf.cell(text=text, h=12, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Helvetica", size=9)


def _add_table(
    pdf: FPDF, heads: Sequence[str], widths: tuple[int, ...], rows: Iterable[Sequence[Any]]
) -> None:
    with pdf.table(col_widths=widths, text_align="LEFT") as grid:
        for values in (heads, *rows):
            line = grid.row()
            for value in values:
                line.cell(_printable(value))


def _printable(value: object) -> str:
    """The fonts that every reader has know Latin-1 only."""
    text = f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value or "0")
    return text[:500].encode("latin-1", "replace").decode("latin-1")
