"""What the history says of one run, and of many."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from reconciler.database.runs import RunRecord, has_history
from reconciler.database.tables import reconciler_run
from reconciler.database.target import Target, worded


def read_run(target: Target, run_id: bytes) -> RunRecord | None:
    """One run; None where it was never written, or is forgotten."""
    columns = [reconciler_run.c[name] for name in RunRecord._fields]
    with worded(target.url):
        row = target.connection.execute(select(*columns).where(reconciler_run.c.run_id == run_id)).first()
    return None if row is None else RunRecord._make(row)


def count_runs(target: Target, since: datetime) -> Mapping[str, int]:
    """How many runs are in each state, of those due from a moment on; a record of misses counts each miss."""
    columns = reconciler_run.c
    number = func.sum(func.coalesce(columns.missed_count, 1))
    reaches_in = and_(columns.state == "missed", columns.missed_until >= since)
    recent = or_(columns.moment >= since, reaches_in)
    statement = select(columns.state, number).where(recent).group_by(columns.state)
    with worded(target.url):
        if not has_history(target):
            return {}
        return {state: int(count) for state, count in target.connection.execute(statement)}
