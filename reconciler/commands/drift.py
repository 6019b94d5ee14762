"""`reconcile drift`."""

from dataclasses import replace

from reconciler.commands.apply import apply
from reconciler.commands.plan import plan
from reconciler.database.urls import TargetUrl
from reconciler.planning.drift import drift_of
from reconciler.report.drift import DriftReport
from reconciler.report.plan import Confirm, PlanReport
from reconciler.request import Request


def drift(request: Request, url: TargetUrl) -> DriftReport:
    """What became of the rows since the last apply, and of git. The target is opened read-only."""
    seen = plan(request, url)
    return DriftReport(plan=seen, drift=drift_of(seen.plan) if seen.plan else None)


def drift_fix(request: Request, url: TargetUrl, confirm: Confirm | None = None) -> PlanReport:
    """An apply of nothing but the rows that drifted: they say what git says, a change of git's included."""
    return apply(replace(request, selection=replace(request.selection, drifted=True)), url, confirm)
