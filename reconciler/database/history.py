"""What the history says of one run, and of many."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, case, func, or_, select

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


class Tally(NamedTuple):
    """The runs of one task."""

    last: datetime | None  # when the last one started
    recent: int  # how many started since a moment


def tally_runs(target: Target, references: Sequence[bytes], since: datetime) -> Mapping[bytes, Tally] | None:
    """The runs of some tasks, as far as they are remembered; None where no scheduler has run any task."""
    columns = reconciler_run.c
    recent = func.sum(case((columns.started_at >= since, 1), else_=0))
    statement = (
        select(columns.reference_id, func.max(columns.started_at, type_=columns.started_at.type), recent)
        .where(columns.reference_id.in_(references), columns.started_at.is_not(None))
        .group_by(columns.reference_id)
    )
    with worded(target.url):
        if not has_history(target):
            return None
        rows = list(target.connection.execute(statement))
        if not rows and target.connection.execute(select(columns.run_id).limit(1)).first() is None:
            return None
    found = {bytes(key): Tally(last, int(count)) for key, last, count in rows}
    return {key: found.get(key, Tally(None, 0)) for key in references}
