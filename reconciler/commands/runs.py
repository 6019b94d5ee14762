"""`task-scheduler runs`."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from reconciler.commands.naming import no_task
from reconciler.database.rows import read_existing
from reconciler.database.runs import RunRecord, has_history, read_runs
from reconciler.database.target import Target, connect
from reconciler.database.urls import TargetUrl
from reconciler.report.plan import target_of
from reconciler.report.runs import RunReport, RunsReport
from reconciler.scheduler.system_tasks import SYSTEM_TASKS


def runs(
    url: TargetUrl,
    name: str | None,
    states: Sequence[str],
    since: datetime | None,
    limit: int,
    zone: ZoneInfo,
) -> RunsReport:
    """The history, the newest first; of a task that is no more too.

    Raises UsageError for a name that neither the history nor the table has.
    """
    with connect(url, read_only=True) as target:
        found = read_runs(target, name=name, states=states, since=since, limit=limit + 1)
        if name is not None and not found:
            _require_known(target, name)
        return RunsReport(
            target=target_of(url),
            timezone=zone,
            runs=tuple(map(reported, found[:limit])),
            is_whole=len(found) <= limit,
            has_history=has_history(target),
        )


def _require_known(target: Target, name: str) -> None:
    if read_runs(target, name=name, limit=1):
        return
    names = [row.name for row in read_existing(target).rows] + [one for one, *_ in SYSTEM_TASKS]
    if name not in names:
        raise no_task(name, names)


def reported(run: RunRecord) -> RunReport:
    started, finished = run.started_at, run.finished_at
    return RunReport(
        run_id=str(uuid.UUID(bytes=run.run_id)),
        name=run.name,
        entity_name=run.entity_name,
        action_name=run.action_name,
        state=run.state,
        cause=run.cause,
        moment=run.moment,
        user=run.as_user,
        lag=(started - run.moment).total_seconds() if started else None,
        duration=(finished - started).total_seconds() if started and finished else None,
        error=run.error,
        missed_until=run.missed_until,
        missed_count=run.missed_count,
    )
