"""From when each `@every` counts, so that replicas and restarts agree."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert, select, update

from reconciler.database.runs import has_history
from reconciler.database.tables import reconciler_anchor
from reconciler.database.target import Target, worded


def anchors(target: Target, intervals: Mapping[bytes, int], now: datetime) -> Mapping[bytes, datetime]:
    """The anchor of each task, by reference id; `intervals` are its seconds.

    A task that is new counts from `now`, as does one whose interval is another than before. The caller holds
    the lock, so that two processes that start together agree.
    """
    columns = reconciler_anchor.c
    with worded(target.url):
        known = _known(target)
        new = [key for key in intervals if key not in known]
        moved = [key for key in intervals if key in known and known[key][0] != intervals[key]]
        rows = [{"reference_id": key, "seconds": intervals[key], "anchor": now} for key in sorted(new)]
        if rows:
            target.connection.execute(insert(reconciler_anchor), rows)
        for key in sorted(moved):
            values = {"seconds": intervals[key], "anchor": now}
            target.connection.execute(
                update(reconciler_anchor).where(columns.reference_id == key).values(**values)
            )
    return {key: now if key not in known or key in moved else known[key][1] for key in intervals}


def _known(target: Target) -> Mapping[bytes, tuple[int, datetime]]:
    columns = reconciler_anchor.c
    statement = select(columns.reference_id, columns.seconds, columns.anchor)
    return {bytes(key): (seconds, anchor) for key, seconds, anchor in target.connection.execute(statement)}


def read_anchors(target: Target) -> Mapping[bytes, tuple[int, datetime]]:
    """Seconds of the interval and anchor, by reference id; none where nothing was scheduled yet."""
    with worded(target.url):
        return _known(target) if has_history(target) else {}
