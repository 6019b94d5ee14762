"""A plan as the file that `reconcile apply` takes."""

from reconciler import saved_plan
from reconciler.renderers.json_ import document
from reconciler.renderers.look import Look
from reconciler.report.plan import PlanReport


def render(report: PlanReport, look: Look) -> str:
    """Only for a report that has a basis."""
    assert report.basis is not None, "a plan is saved with its basis"
    return saved_plan.text_of(document(report), report.basis)
