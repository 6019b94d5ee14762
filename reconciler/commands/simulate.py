"""`task-scheduler simulate`."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from reconciler.commands.naming import rows_named
from reconciler.database.anchors import read_anchors
from reconciler.database.holds import read_holds
from reconciler.database.rows import read_existing, read_options
from reconciler.database.runs import has_history
from reconciler.database.target import Target, connect
from reconciler.database.urls import TargetUrl
from reconciler.errors import UsageError
from reconciler.planning.changes import Hold
from reconciler.report.runs import SimulatedFire, SimulationReport
from reconciler.scheduler.clock import moment_at
from reconciler.scheduler.fires import Fire, Registered
from reconciler.scheduler.registration import register
from reconciler.scheduler.timetable import Timetable, jitter_of


def simulate(
    url: TargetUrl,
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
    pattern: str,
    limit: int | None,
) -> SimulationReport:
    """What would fire after `since` and up to `until`; nothing is executed, nothing written.

    At most `limit` fires, or with None how many of each task. An `@every` counts from its anchor where it has
    one, else from `since`. Raises UsageError.
    """
    if until <= since:
        raise UsageError("--until is not later than --from")
    with connect(url, read_only=True) as target:
        every = read_existing(target).rows
        rows = rows_named(every, [pattern]) if every else []
        registration = register(rows, read_options(target))
        anchors = {key: int(at.timestamp()) for key, (_, at) in read_anchors(target).items()}
        holds = _holds(target, since)
    fires = _fires(registration.tasks, anchors, since, until, zone)
    report = SimulationReport(
        since=since,
        until=until,
        timezone=zone,
        tasks=len(registration.tasks),
        inactive=registration.inactive,
        refused=tuple(registration.refused),
    )
    if limit is None:
        counts = Counter(fire.task.row.name for fire in fires)
        names = sorted(task.row.name for task in registration.tasks)
        return replace(report, counts=tuple((name, counts[name]) for name in names))
    shown = tuple(_shown(fire, holds) for fire in islice(fires, limit))
    return replace(report, fires=shown, is_whole=next(fires, None) is None)


def _holds(target: Target, since: datetime) -> Mapping[bytes, Hold]:
    return read_holds(target, since) if has_history(target) else {}


def _fires(
    tasks: Sequence[Registered],
    anchors: Mapping[bytes, int],
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
) -> Iterator[Fire]:
    """One by one, in the order of their starts. What is due by `until` may start later, by its jitter."""
    timetable, last = Timetable(zone), int(until.timestamp())
    timetable.load(tasks, anchors, int(since.timestamp()))
    most = max(map(jitter_of, tasks), default=0)
    for together in timetable.due(last + most):
        yield from (fire for fire in together if fire.moment <= last)


def _shown(fire: Fire, holds: Mapping[bytes, Hold]) -> SimulatedFire:
    row, moment = fire.task.row, moment_at(fire.moment)
    hold = holds.get(row.reference_id)
    return SimulatedFire(
        moment=moment,
        name=row.name,
        work=f"{row.entity_name}/{row.action_name}",
        user=row.as_user_email or "",
        delay=jitter_of(fire.task),
        overlap=fire.task.policy.overlap,
        is_held=hold is not None and hold.until > moment,
    )
