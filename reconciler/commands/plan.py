"""`reconcile --dry-run`."""

from reconciler import database, pipeline
from reconciler.database import TargetUrl
from reconciler.report import PlanReport
from reconciler.request import Request


def plan(request: Request, url: TargetUrl) -> PlanReport:
    """What is wrong and what would change; the target is opened read-only."""
    configuration = pipeline.read(request)
    with database.connect(url, read_only=True, lock_timeout=request.lock_timeout) as target:
        return pipeline.plan(configuration, request, target)
