"""When tasks fire, as plain values of a JSON document."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from reconciler.planning.beats import Beats, beats_of
from reconciler.planning.changes import Change
from reconciler.planning.fires import Side, fires_of, upsets_of
from reconciler.report.calendar import Drawing
from reconciler.report.plan import PlanReport
from reconciler.schedule.calendar import Upset, UpsetKind

_KINDS: tuple[UpsetKind, ...] = ("skipped", "twice", "astray")


def fires_keys(change: Change, report: PlanReport) -> dict[str, Any]:
    """What a new, changed or deleted schedule of a plan means."""
    fires = fires_of(change, report.now, report.timezone)
    return {
        "fires": {"before": _next(fires.before), "after": _next(fires.after)},
        "per_day": {"before": _per_day(fires.before), "after": _per_day(fires.after)},
        "dst": _dst(upsets_of(change, report.now, report.timezone)),
        "every": _every(beats_of(change, report.up, report.now, report.reader)),
    }


def drawing_keys(drawing: Drawing) -> dict[str, Any]:
    """A drawing of a calendar: the fires of each day, hour by hour, and where many start together."""
    hours = drawing.hours
    return {
        "of": drawing.of,
        "tasks": drawing.tasks,
        "fires": hours.fires,
        "hours": [list(day) for day in hours.counts],
        "herds": [
            {"moment": herd.moment.isoformat(), "days": herd.days, "tasks": list(herd.names)}
            for herd in hours.herds
        ],
    }


def moments(found: Sequence[datetime] | None) -> list[str] | None:
    return None if found is None else [moment.isoformat() for moment in found]


def _next(side: Side | None) -> list[str] | None:
    return None if side is None else moments(side.next)


def _per_day(side: Side | None) -> float | None:
    return None if side is None else round(side.per_day, 6)


def _dst(upsets: Sequence[Upset] | None) -> dict[str, list[str]] | None:
    if upsets is None:
        return None
    return {kind: [str(one.day) for one in upsets if one.kind == kind] for kind in _KINDS}


def _every(beats: Beats | None) -> dict[str, Any] | None:
    if beats is None:
        return None
    return asdict(beats) | {"since": beats.since.isoformat(), "until": beats.until.isoformat()}
