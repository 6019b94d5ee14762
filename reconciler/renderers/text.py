"""Reports for people."""

from collections.abc import Iterable
from typing import Any

from reconciler.renderers.look import Look
from reconciler.renderers.plan_text import report_parts
from reconciler.report.plan import PlanReport


def render(report: Any, look: Look) -> str:
    return "\n\n".join(part for part in _parts(report, look) if part) + "\n"


def _parts(report: Any, look: Look) -> Iterable[str]:
    """The paragraphs of a report; empty ones are left out."""
    if isinstance(report, PlanReport):
        return report_parts(report, look)
    from reconciler.renderers import others_text  # with every report that there is: a plan needs none of them

    return others_text.parts(report, look)
