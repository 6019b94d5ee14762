"""`reconcile`."""

from collections.abc import Callable

from reconciler import applying, database, pipeline
from reconciler.database import TargetUrl
from reconciler.errors import Declined
from reconciler.planning import plan_hash
from reconciler.report import PlanReport
from reconciler.request import Request

Confirm = Callable[[PlanReport], bool]
"""Shows a plan and asks whether to apply it."""


def apply(request: Request, url: TargetUrl, confirm: Confirm | None = None) -> PlanReport:
    """Make the table say what the files say. With `confirm` the plan is shown first, and only it is applied.

    Raises Declined where the answer is no.
    """
    configuration = pipeline.read(request)
    expected = None
    if confirm is not None:
        with database.connect(url, read_only=True, lock_timeout=request.lock_timeout) as target:
            shown = pipeline.plan(configuration, request, target)
        if shown.plan is None or shown.plan.is_refused:
            return shown
        if shown.plan.changes and not confirm(shown):
            raise Declined("not applied")
        expected = plan_hash(shown.plan)
    return applying.apply(applying.of_files(configuration, request), request, url, expected)
