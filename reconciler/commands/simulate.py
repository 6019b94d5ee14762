"""`task-scheduler simulate`."""

from collections import Counter
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from reconciler import database
from reconciler.database import TargetUrl
from reconciler.errors import UsageError
from reconciler.report import SimulatedFire, SimulationReport
from reconciler.scheduler.registration import register
from reconciler.scheduler.timetable import Timetable, jitter_of


def simulate(
    url: TargetUrl, since: datetime, until: datetime, zone: ZoneInfo, pattern: str, limit: int
) -> SimulationReport:
    """What would fire after `since` and up to `until`; nothing is executed, nothing written.

    An `@every` counts from its anchor where it has one, else from `since`. Raises UsageError.
    """
    if until <= since:
        raise UsageError("--until is not later than --from")
    with database.connect(url, read_only=True) as target:
        rows = database.read_existing(target).rows
        options = database.read_options(target)
        anchors = database.read_anchors(target)
    registration = register([row for row in rows if fnmatchcase(row.name, pattern)], options)
    timetable = Timetable(zone)
    known = {key: int(anchor.timestamp()) for key, (_, anchor) in anchors.items()}
    timetable.load(registration.tasks, known, int(since.timestamp()))
    counts: Counter[str] = Counter()
    fires: list[SimulatedFire] = []
    for together in timetable.due(until.timestamp()):
        for fire in together:
            row = fire.task.row
            counts[row.name] += 1
            if len(fires) < limit:
                fires.append(
                    SimulatedFire(
                        moment=datetime.fromtimestamp(fire.moment, UTC),
                        name=row.name,
                        work=f"{row.entity_name}/{row.action_name}",
                        user=row.as_user_email or "",
                        delay=jitter_of(fire.task),
                    )
                )
    return SimulationReport(
        since=since,
        until=until,
        timezone=zone,
        fires=tuple(fires),
        counts=tuple(sorted(counts.items())),
        refused=tuple(registration.refused),
    )
