"""Plans and drift, as plain values of a JSON document."""

from dataclasses import asdict
from typing import Any

from reconciler.planning.changes import NOWHERE, Blocked, Change, Desired, Held, Plan
from reconciler.planning.digest import after_of, before_of, plan_hash, secrets
from reconciler.planning.drift import Drift, Movement
from reconciler.planning.masking import secrets_keys
from reconciler.planning.selection import Selection
from reconciler.renderers.json_head import tool
from reconciler.renderers.nouns_json import (
    blame_keys,
    diagnostic_keys,
    fields_keys,
    hold_keys,
    moment_text,
    target_keys,
    uuid_text,
    which_row,
)
from reconciler.renderers.times_json import fires_keys
from reconciler.report.drift import DriftReport
from reconciler.report.plan import Cause, Outcome, PlanReport, summary

PLAN_VERSION = "1.1"
"""Of the plan, which has a version of its own."""


def plan_document(report: PlanReport) -> dict[str, Any]:
    """A dry run or an apply."""
    return {"format_version": PLAN_VERSION, "tool": tool(), **_plan_keys(report)}


def _plan_keys(report: PlanReport) -> dict[str, Any]:
    """A plan, and what became of it."""
    plan = report.plan or Plan(owner=report.owner)
    return {
        **_origin(report),
        "undoes": report.undoes,
        "summary": summary(plan),
        "changes": [change_keys(change, report) for change in plan.changes],
        "unmanaged": [which_row(row) for row in plan.unmanaged],
        "elsewhere": [which_row(row) for row in plan.elsewhere],
        "undeclared": [which_row(one.row) for one in plan.undeclared],
        "ignored": [which_row(one.row) | {"fields": fields_keys(one.fields)} for one in plan.ignored],
        "blocked": [_blocked(one) for one in plan.blocked],
        "held": [_held(one, report) for one in plan.held],
        "restored": [which_row(one.row) | hold_keys(one.hold) for one in plan.restored],
        "moved": [asdict(one) for one in report.moved],
        "selection": _selection(plan.selection),
        "left_out": [{"action": one.action, "name": one.name} for one in plan.left_out],
        "diagnostics": [diagnostic_keys(one) for one in report.diagnostics],
        "notes": list(report.notes),
        "plan_hash": plan_hash(report.plan) if report.plan else None,
        "outcome": _outcome(report.outcome),
    }


def drift_keys(report: DriftReport) -> dict[str, Any]:
    """Who moved which rows."""
    plan = report.plan.plan or Plan(owner=report.plan.owner)
    drift = report.drift or Drift(drifted=(), same=(), pending=())
    return {
        **_origin(report.plan),
        "summary": {
            "drifted": len(drift.drifted),
            "same": len(drift.same),
            "pending": len(drift.pending),
            "unchanged": plan.unchanged,
            "elsewhere": len(plan.elsewhere),
        },
        "drifted": [_movement(one) for one in drift.drifted],
        "same": [_movement(one) for one in drift.same],
        "pending": [{"action": one.action, "name": one.name} for one in drift.pending],
        "selection": _selection(plan.selection),
        "diagnostics": [diagnostic_keys(one) for one in report.plan.diagnostics],
        "notes": list(report.plan.notes),
    }


def change_keys(change: Change, report: PlanReport) -> dict[str, Any]:
    """A change, and what is known of its cause."""
    return {
        "action": change.action,
        "name": change.name,
        "id": change.row.id if change.row else None,
        "reference_id": uuid_text(change.row.reference_id) if change.row else None,
        "reason": change.reason,
        "source": _source(change.desired),
        "before": before_of(change),
        "after": after_of(change),
        "fields": fields_keys(change.fields),
        "secrets": secrets_keys(secrets(change)),
        **fires_keys(change, report),
        "written_schedule": change.desired.written if change.desired else None,
        "row_version": change.row.version if change.row else None,
        **_cause(report.cause(change)),
    }


def _origin(report: PlanReport) -> dict[str, Any]:
    """Whose files, and which target they are for."""
    source = report.source
    return {
        "target": target_keys(report.target),
        "source": {"commit": source.commit, "dirty": source.dirty, "files": list(source.files)},
        "owner": report.owner,
    }


def _selection(selection: Selection) -> dict[str, list[str]]:
    return {"only": list(selection.only), "exclude": list(selection.exclude)}


def _movement(one: Movement) -> dict[str, Any]:
    return {
        "name": one.name,
        "id": one.row.id if one.row else None,
        "reference_id": uuid_text(one.record.reference_id),
        "table": one.table,
        "git": one.git,
        "is_held": one.is_held,
        "source": _source(one.desired),
        "fields": [
            {"path": f.path, "side": f.side, "applied": f.applied, "table": f.table, "git": f.git}
            for f in one.fields
        ],
    }


def _cause(cause: Cause) -> dict[str, Any]:
    blame = None if cause.blame is None else blame_keys(cause.blame)
    return {"blame": blame, "last_run": moment_text(cause.last_run), "runs_30_days": cause.runs}


def _source(desired: Desired | None) -> dict[str, Any] | None:
    if desired is None or desired.file == NOWHERE:
        return None
    return {"file": desired.file, "line": desired.line, "column": desired.column}


def _blocked(one: Blocked) -> dict[str, str]:
    return {"code": one.code, "name": one.name, "message": one.message}


def _held(one: Held, report: PlanReport) -> dict[str, Any]:
    change = None if one.change is None else change_keys(one.change, report)
    return which_row(one.row) | hold_keys(one.hold) | {"is_inert": one.is_inert, "change": change}


def _outcome(outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None:
        return None
    return {"applied": outcome.applied, "verified": outcome.verified, "apply_id": outcome.apply_id}
