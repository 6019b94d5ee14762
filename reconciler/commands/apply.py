"""`reconcile`."""

from reconciler import applying, pipeline
from reconciler.database.urls import TargetUrl
from reconciler.intent import of_files
from reconciler.report.plan import Confirm, PlanReport
from reconciler.request import Request


def apply(
    request: Request, url: TargetUrl, confirm: Confirm | None = None, expected: str | None = None
) -> PlanReport:
    """Make the table say what the files say. With `confirm` the plan is shown first, and only it is applied.

    `expected` is the hash of the only plan that is wanted. Raises Declined where the answer is no.
    """
    configuration = pipeline.read(request)
    intent = of_files(configuration, request, expected)
    return applying.apply(intent, request, url, confirm)
