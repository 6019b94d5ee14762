"""Reports for programs: one JSON document, of the shape that `reconcile schema` prints for the command."""

from typing import Any

from reconciler.renderers.json_head import headed
from reconciler.renderers.json_text import json_text
from reconciler.renderers.look import Look
from reconciler.report.plan import PlanReport


def render(report: Any, look: Look) -> str:
    return json_text(document(report))


def document(report: Any) -> dict[str, Any]:
    """The report as plain values."""
    if isinstance(report, PlanReport):
        from reconciler.renderers.plan_json import plan_document  # not for a failure, nor for text

        return plan_document(report)
    from reconciler.renderers import others_json  # with every report that there is: a plan needs none of them

    return others_json.document(report)


def failure(message: str, hint: str | None = None) -> str:
    """What is printed where there is no report, since we could not go on."""
    return json_text(headed(error={"message": message, "hint": hint}))
