"""Reports for programs: of every command but those that make a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from functools import singledispatch
from typing import Any
from zoneinfo import ZoneInfo

from reconciler.catalogue import Action
from reconciler.diagnostics import Diagnostic
from reconciler.planning.kept import Kept
from reconciler.renderers.explain_json import explain_keys, task_hold_keys
from reconciler.renderers.export_text import yaml_pieces
from reconciler.renderers.formatting_text import diff
from reconciler.renderers.json_head import headed
from reconciler.renderers.nouns_json import diagnostic_keys, fields_keys, target_keys, uuid_text, which_row
from reconciler.renderers.plan_json import change_keys, drift_keys, plan_document
from reconciler.renderers.times_json import drawing_keys, moments
from reconciler.report.calendar import CalendarReport
from reconciler.report.catalogue import ActionsReport, InitReport, UsersReport
from reconciler.report.drift import DriftReport
from reconciler.report.endings import has_errors
from reconciler.report.explain import ExplainReport
from reconciler.report.export import ExportedFile, ExportReport
from reconciler.report.formatting import FormatReport
from reconciler.report.history import ApplyReport, HistoryReport
from reconciler.report.holds import HoldReport, HoldsReport, UnholdReport
from reconciler.report.impact import ImpactReport
from reconciler.report.plan import ValidateReport
from reconciler.report.refs import RefsExportReport, RefsImportReport
from reconciler.report.render import RenderedTask, RenderReport
from reconciler.report.runs import RanReport, RunsReport, SimulationReport
from reconciler.report.schedules import PreviewReport, RulesReport
from reconciler.report.status import StatusReport
from reconciler.task import Secret, Variable


@singledispatch
def document(report: Any) -> dict[str, Any]:
    """The report as plain values."""
    raise TypeError(f"no JSON for {type(report).__name__}")


@document.register
def _(report: DriftReport) -> dict[str, Any]:
    return headed(**drift_keys(report))


@document.register
def _(report: ValidateReport) -> dict[str, Any]:
    return headed(
        valid=not has_errors(report.diagnostics),
        files=report.files,
        tasks=report.tasks,
        unchecked=list(report.unchecked),
        checked=list(report.checked),
        snapshot=None if report.snapshot is None else _plain(asdict(report.snapshot)),
        diagnostics=[diagnostic_keys(one) for one in report.diagnostics],
    )


@document.register
def _(report: InitReport) -> dict[str, Any]:
    return headed(
        target=target_keys(report.target),
        made=report.made,
        is_embedded=report.is_embedded,
        filled=None if report.filled is None else _plain(asdict(report.filled)),
    )


@document.register
def _(report: UsersReport) -> dict[str, Any]:
    return headed(users=[{"email": user.email, "groups": list(groups)} for user, groups in report.users])


@document.register
def _(report: ActionsReport) -> dict[str, Any]:
    return headed(actions=[_action(action) for action in report.actions])


@document.register
def _(report: RenderReport) -> dict[str, Any]:
    return headed(
        env=report.env,
        valid=not has_errors(report.diagnostics),
        tasks=[_rendered(task) for task in report.tasks],
        diagnostics=[diagnostic_keys(one) for one in report.diagnostics],
    )


def _rendered(task: RenderedTask) -> dict[str, Any]:
    variables: list[dict[str, Any]] = []
    return {
        "name": task.name,
        "file": task.file,
        "line": task.line,
        "task": _without_variables(task.keys, (), variables),
        "variables": variables,
        "origins": [
            {
                "path": list(one.path),
                "layer": one.layer,
                "file": one.place.file,
                "line": one.place.line,
                "column": one.place.column,
            }
            for one in task.origins
        ],
    }


def _without_variables(value: Any, path: tuple[str | int, ...], found: list[dict[str, Any]]) -> Any:
    """The value with a placeholder for each variable, which are added to `found`."""
    if isinstance(value, Mapping):
        return {key: _without_variables(one, (*path, key), found) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_variables(one, (*path, index), found) for index, one in enumerate(value)]
    if isinstance(value, Variable):
        known = {"path": list(path), "variable": value.name, "type": value.type}
        found.append(known | {"default": value.default, "has_default": value.has_default})
        return Secret(path, value.name).placeholder
    return value


@document.register
def _(report: ExportReport) -> dict[str, Any]:
    return headed(
        target=target_keys(report.target),
        owner=report.owner,
        selection=report.selection,
        files=[_exported(file) for file in report.files],
        of_others=dict(report.of_others),
        yaml=None if report.is_written else "".join(yaml_pieces(report)),
    )


def _exported(file: ExportedFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "tasks": [which_row(one.row) for one in file.rows if not one.faults],
        "comments": [
            which_row(one.row) | {"faults": [_fault(fault) for fault in one.faults]}
            for one in file.rows
            if one.faults
        ],
    }


def _fault(fault: Diagnostic) -> dict[str, str]:
    return {"code": fault.code, "message": fault.message}


@document.register
def _(report: FormatReport) -> dict[str, Any]:
    return headed(
        check=report.is_check,
        files=[
            {
                "path": file.path,
                "state": file.state,
                "reason": file.reason,
                "diff": diff(file) if file.state == "formatted" else None,
            }
            for file in report.files
        ],
        diagnostics=[diagnostic_keys(one) for one in report.diagnostics],
    )


@document.register
def _(report: PreviewReport) -> dict[str, Any]:
    return headed(
        schedule=report.schedule,
        written_schedule=report.written,
        name=report.name,
        words=report.words,
        timezone=report.timezone.key,
        now=report.now.isoformat(),
        fires=moments(report.fires),
        counted_from=report.counted_from,
        diagnostics=[diagnostic_keys(one) for one in report.diagnostics],
    )


@document.register
def _(report: CalendarReport) -> dict[str, Any]:
    target = report.target
    return headed(
        target=target_keys(target) if target else None,
        now=report.now.isoformat(),
        timezone=report.timezone.key,
        days=[str(day) for day in report.days],
        herd=report.many,
        drawings=[drawing_keys(one) for one in report.drawings],
        notes=list(report.notes),
        diagnostics=[diagnostic_keys(one) for one in report.diagnostics],
    )


@document.register
def _(report: RulesReport) -> dict[str, Any]:
    return headed(
        rules=[
            {"code": one.code, "severity": str(one.severity), "title": one.title, "text": one.text}
            for one in report.rules
        ]
    )


@document.register
def _(report: HistoryReport) -> dict[str, Any]:
    return headed(
        target=target_keys(report.target),
        applies=[_apply(one) for one in report.applies],
        is_whole=report.is_whole,
    )


def _apply(apply: ApplyReport) -> dict[str, Any]:
    known = _plain(asdict(replace(apply, changes=None)))
    changes = None if apply.changes is None else [_kept(one) for one in apply.changes]
    return {**known, "changes": changes}


def _kept(change: Kept) -> dict[str, Any]:
    source = {"file": change.file, "line": change.line} if change.file else None
    return {
        "action": change.action,
        "name": change.name,
        "reference_id": change.reference_id and uuid_text(bytes.fromhex(change.reference_id)),
        "reason": change.reason,
        "source": source,
        "before": change.before,
        "after": change.after,
        "fields": fields_keys(change.fields),
        "row_version": change.version,
    }


def _action(action: Action) -> dict[str, Any]:
    return {
        "entity": action.entity_name,
        "action": action.name,
        "needs_subject": not action.instance_optional,
        "inputs": [{"name": one.name, "nullable": one.nullable} for one in action.inputs],
    }


@document.register
def _(report: ExplainReport) -> dict[str, Any]:
    change = None if report.change is None or report.plan is None else change_keys(report.change, report.plan)
    declaring = report.declaring
    found = [] if declaring is None else [diagnostic_keys(one) for one in declaring.diagnostics]
    return headed(**explain_keys(report), change=change, diagnostics=found)


@document.register(HoldReport)
@document.register(UnholdReport)
@document.register(HoldsReport)
def _(report: HoldReport | UnholdReport | HoldsReport) -> dict[str, Any]:
    return headed(
        target=target_keys(report.target),
        timezone=report.timezone.key,
        holds=[task_hold_keys(one) for one in report.holds],
        advice=[] if isinstance(report, HoldsReport) else list(report.advice),
    )


@document.register(RefsExportReport)
@document.register(RefsImportReport)
@document.register(ImpactReport)
@document.register(RunsReport)
@document.register(RanReport)
def _(report: RefsExportReport | RefsImportReport | RunsReport | RanReport) -> dict[str, Any]:
    """Their fields, as they are."""
    return headed(**_plain(asdict(report)))


@document.register
def _(report: SimulationReport) -> dict[str, Any]:
    counts = (
        None if report.counts is None else [{"name": name, "fires": fires} for name, fires in report.counts]
    )
    return headed(**_plain(asdict(report)) | {"refused": _refused(report.refused), "counts": counts})


@document.register
def _(report: StatusReport) -> dict[str, Any]:
    fields = _plain(asdict(replace(report, plan=None)))
    pairs = {
        "plan": None if report.plan is None else plan_document(report.plan),
        "refused": _refused(report.refused),
        "holds": [
            {"name": name, "until": until.isoformat(), "reason": reason}
            for name, until, reason in report.holds
        ],
        "last_day": dict(report.last_day),
    }
    return headed(**fields | pairs, needs_restart=report.needs_restart, differs=report.differs)


def _refused(rows: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "reason": reason} for name, reason in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, ZoneInfo) else value
