"""What is known of a task, as plain values of a JSON document."""

from dataclasses import asdict
from typing import Any

from reconciler.renderers.nouns_json import blame_keys, hold_keys, moment_text, target_keys, uuid_text
from reconciler.report.explain import ExplainReport, Said, Stored, Twin
from reconciler.report.holds import TaskHold
from reconciler.report.runs import RunReport


def task_hold_keys(one: TaskHold) -> dict[str, Any]:
    flags = {"has_ended": one.has_ended, "is_inert": one.is_inert, "is_gone": one.is_gone}
    replaced = None if one.replaced is None else hold_keys(one.replaced)
    return {"name": one.name} | hold_keys(one.hold) | flags | {"replaced": replaced}


def explain_keys(report: ExplainReport) -> dict[str, Any]:
    """All but the change and the diagnostics, which are those of a plan."""
    schedule, declaring = report.schedule, report.declaring
    source = None
    if declaring is not None:
        place = declaring.place
        source = {"file": place.file, "line": place.line, "column": place.column}
    return {
        "target": target_keys(report.target),
        "timezone": report.timezone.key,
        "name": report.name,
        "fields": [_said(one) for one in report.said],
        "source": source,
        "blame": None if declaring is None or declaring.blame is None else blame_keys(declaring.blame),
        "row": None if report.stored is None else _stored(report.stored),
        "standing": report.standing,
        "hold": None if report.hold is None else task_hold_keys(report.hold),
        "schedule": schedule.schedule,
        "written_schedule": schedule.written,
        "words": schedule.words,
        "fires": [moment.isoformat() for moment in schedule.fires],
        "counted_from": schedule.counted_from,
        "schedulers": [asdict(one) | {"needs_restart": one.needs_restart} for one in report.loaded],
        "runs": [_run(one) for one in report.runs],
        "twins": [_twin(one) for one in report.twins],
        "notes": list(report.notes),
    }


def _said(one: Said) -> dict[str, Any]:
    place = one.place
    return {
        "key": one.key,
        "value": one.value,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "layer": one.layer,
    }


def _stored(stored: Stored) -> dict[str, Any]:
    applied = stored.applied
    return {
        "id": stored.id,
        "reference_id": uuid_text(bytes.fromhex(stored.reference_id)),
        "owner": stored.owner,
        "protected": stored.protected,
        "active": stored.active,
        "refused": stored.refused,
        "applied": None if applied is None else asdict(applied) | {"at": moment_text(applied.at)},
    }


def _run(run: RunReport) -> dict[str, Any]:
    return asdict(run) | {"moment": moment_text(run.moment), "missed_until": moment_text(run.missed_until)}


def _twin(one: Twin) -> dict[str, Any]:
    return asdict(one) | {"together": moment_text(one.together)}
