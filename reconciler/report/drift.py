"""What a comparison of the rows with what was last applied found."""

from dataclasses import dataclass

from reconciler.errors import ExitCode
from reconciler.planning.drift import Drift
from reconciler.report.plan import PlanReport


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """Without drift there were errors in the files."""

    plan: PlanReport  # the dry run that it was seen in
    drift: Drift | None

    def exit_code(self, *, detailed: bool) -> ExitCode:
        if self.drift is None:
            return ExitCode.ERRORS
        return ExitCode.CHANGES if self.drift.drifted else ExitCode.OK
