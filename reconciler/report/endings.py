"""How the program ends after a report."""

from functools import singledispatch

from reconciler.errors import ExitCode
from reconciler.report.calendar import CalendarReport
from reconciler.report.drift import DriftReport
from reconciler.report.export import ExportReport
from reconciler.report.formatting import FormatReport
from reconciler.report.impact import ImpactReport
from reconciler.report.plan import PlanReport, ValidateReport, has_errors
from reconciler.report.render import RenderReport
from reconciler.report.runs import RanReport
from reconciler.report.schedules import PreviewReport
from reconciler.report.status import StatusReport


@singledispatch
def exit_code(report: object, *, detailed: bool = False) -> ExitCode:
    """0 unless a report has a reason of its own; `detailed` tells changes that are pending from none."""
    return ExitCode.OK


@exit_code.register
def _(report: PlanReport, *, detailed: bool = False) -> ExitCode:
    if report.plan is None:
        return ExitCode.ERRORS
    if report.plan.is_refused:
        return ExitCode.REFUSED
    if report.outcome is None:
        return ExitCode.CHANGES if detailed and report.plan.has_changes else ExitCode.OK
    return ExitCode.OK if report.outcome.verified else ExitCode.UNCERTAIN


@exit_code.register
def _(report: DriftReport, *, detailed: bool = False) -> ExitCode:
    if report.drift is None:
        return ExitCode.ERRORS
    return ExitCode.CHANGES if report.drift.drifted else ExitCode.OK


@exit_code.register(ValidateReport)
@exit_code.register(RenderReport)
@exit_code.register(PreviewReport)
@exit_code.register(CalendarReport)
def _(
    report: ValidateReport | RenderReport | PreviewReport | CalendarReport, *, detailed: bool = False
) -> ExitCode:
    return ExitCode.ERRORS if has_errors(report.diagnostics) else ExitCode.OK


@exit_code.register
def _(report: RanReport, *, detailed: bool = False) -> ExitCode:
    return ExitCode.OK if report.run.state == "ok" else ExitCode.ERRORS


@exit_code.register
def _(report: StatusReport, *, detailed: bool = False) -> ExitCode:
    if report.plan is not None and (code := exit_code(report.plan, detailed=detailed)):
        return code
    return ExitCode.CHANGES if detailed and report.needs_restart else ExitCode.OK


@exit_code.register
def _(report: ExportReport, *, detailed: bool = False) -> ExitCode:
    return ExitCode.ERRORS if report.is_strict and report.left_out else ExitCode.OK


@exit_code.register
def _(report: FormatReport, *, detailed: bool = False) -> ExitCode:
    is_wrong = has_errors(report.diagnostics) or (report.is_check and report.changed)
    return ExitCode.ERRORS if is_wrong else ExitCode.OK


@exit_code.register
def _(report: ImpactReport, *, detailed: bool = False) -> ExitCode:
    return ExitCode.CHANGES if detailed and report.would_stop else ExitCode.OK
