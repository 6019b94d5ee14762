"""What a comparison of the rows with what was last applied found."""

from dataclasses import dataclass

from reconciler.planning import Drift
from reconciler.report.plan import PlanReport


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """Without drift there were errors in the files."""

    plan: PlanReport  # the dry run that it was seen in
    drift: Drift | None
