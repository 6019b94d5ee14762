"""What a command found out or did: frozen values that a renderer shows, and how the program ends after each.

One file = what one family of commands reports.
"""

from reconciler.report.calendar import CalendarReport, Drawing, Of
from reconciler.report.catalogue import ActionsReport, InitReport, UsersReport
from reconciler.report.drift import DriftReport
from reconciler.report.endings import exit_code
from reconciler.report.explain import (
    AppliedBy,
    Declaring,
    ExplainReport,
    Layer,
    LoadedState,
    LoadedTask,
    Said,
    Standing,
    Stored,
    Twin,
)
from reconciler.report.export import ExportedFile, ExportedRow, ExportReport, Selection
from reconciler.report.formatting import FormatReport, FormattedFile
from reconciler.report.history import ApplyReport, HistoryReport
from reconciler.report.holds import HoldReport, HoldsReport, TaskHold, UnholdReport
from reconciler.report.impact import Asked, Dependent, ImpactReport
from reconciler.report.plan import (
    Basis,
    Cause,
    Declared,
    Outcome,
    PlanReport,
    Source,
    Target,
    ValidateReport,
    has_errors,
    summary,
)
from reconciler.report.refs import RefsExportReport, RefsImportReport
from reconciler.report.render import FieldOrigin, RenderedTask, RenderReport
from reconciler.report.runs import (
    RanReport,
    RunReport,
    RunsReport,
    SimulatedFire,
    SimulationReport,
)
from reconciler.report.schedules import PreviewReport, RulesReport
from reconciler.report.snapshot import SnapshotFacts
from reconciler.report.status import Difference, LoadedReport, StatusReport

__all__ = [
    "ActionsReport",
    "AppliedBy",
    "ApplyReport",
    "Asked",
    "Basis",
    "CalendarReport",
    "Cause",
    "Declared",
    "Declaring",
    "Dependent",
    "Difference",
    "Drawing",
    "DriftReport",
    "ExplainReport",
    "ExportReport",
    "ExportedFile",
    "ExportedRow",
    "FieldOrigin",
    "FormatReport",
    "FormattedFile",
    "HistoryReport",
    "HoldReport",
    "HoldsReport",
    "ImpactReport",
    "InitReport",
    "Layer",
    "LoadedReport",
    "LoadedState",
    "LoadedTask",
    "Of",
    "Outcome",
    "PlanReport",
    "PreviewReport",
    "RanReport",
    "RefsExportReport",
    "RefsImportReport",
    "RenderReport",
    "RenderedTask",
    "RulesReport",
    "RunReport",
    "RunsReport",
    "Said",
    "Selection",
    "SimulatedFire",
    "SimulationReport",
    "SnapshotFacts",
    "Source",
    "Standing",
    "StatusReport",
    "Stored",
    "Target",
    "TaskHold",
    "Twin",
    "UnholdReport",
    "UsersReport",
    "ValidateReport",
    "exit_code",
    "has_errors",
    "summary",
]
