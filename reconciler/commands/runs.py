"""`task-scheduler runs`."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from reconciler import database
from reconciler.database import RunRecord, TargetUrl
from reconciler.report import RunReport, RunsReport, Target


def runs(
    url: TargetUrl, name: str | None, states: Sequence[str], since: datetime | None, limit: int
) -> RunsReport:
    """The history, the newest first; empty where no scheduler has run yet."""
    with database.connect(url, read_only=True) as target:
        found = database.read_runs(target, name=name, states=states, since=since, limit=limit)
    return RunsReport(target=Target(kind=url.kind, url=url.display), runs=tuple(map(reported, found)))


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
