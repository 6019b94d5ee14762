"""Inserting runs whose (task, moment) is new, and learning which those were, as each database can."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from reconciler.database.statements import moment, query
from reconciler.database.target import Target


class NewRun(NamedTuple):
    """A row of the history. A tuple: there is one for each fire."""

    run_id: bytes
    reference_id: bytes
    moment: datetime
    name: str
    entity_name: str
    action_name: str
    as_user: str | None
    cause: str = "schedule"
    state: str = "claimed"
    error: str | None = None
    missed_until: datetime | None = None  # of a record of misses: `moment` is the first, this the last
    missed_count: int | None = None


COLUMNS = (*NewRun._fields, "process_id", "claimed_at")

_COLUMNS = ", ".join(COLUMNS)
_MARKS = ", ".join(["%s"] * len(COLUMNS))
_ARRAYS = {
    "run_id": "bytea",
    "reference_id": "bytea",
    "process_id": "bytea",
    "moment": "timestamp",
    "missed_until": "timestamp",
    "claimed_at": "timestamp",
    "missed_count": "integer",
}


def insert_new(target: Target, process_id: bytes, runs: Sequence[NewRun], now: datetime) -> frozenset[bytes]:
    """The ids of the runs that were inserted; a (task, moment) that is there already stays as it is."""
    rows = [_values(target, run, process_id, now) for run in runs]
    return _INSERT[target.kind](target, rows)


def _values(target: Target, run: NewRun, process_id: bytes, now: datetime) -> tuple[Any, ...]:
    until = None if run.missed_until is None else moment(target, run.missed_until)
    dated = run._replace(moment=moment(target, run.moment), missed_until=until)
    return (*dated, process_id, moment(target, now))


def _postgresql(target: Target, rows: Sequence[tuple[Any, ...]]) -> frozenset[bytes]:
    arrays = [list(values) for values in zip(*rows, strict=True)]
    return frozenset(bytes(run_id) for (run_id,) in query(target, _UNNEST, arrays))


_UNNEST = (
    f"INSERT INTO reconciler_run ({_COLUMNS}) SELECT * FROM unnest("
    + ", ".join(f"%s::{_ARRAYS.get(column, 'text')}[]" for column in COLUMNS)
    + ") ON CONFLICT (reference_id, moment) DO NOTHING RETURNING run_id"
)


def _mysql(target: Target, rows: Sequence[tuple[Any, ...]]) -> frozenset[bytes]:
    """MySQL returns no rows of an insert, and its IGNORE would hide other errors too: ask for our ids."""
    with target.driver.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO reconciler_run ({_COLUMNS}) VALUES ({_MARKS})"
            " ON DUPLICATE KEY UPDATE run_id = reconciler_run.run_id",
            rows,
        )
    return _ours(target, rows)


def _sqlite(target: Target, rows: Sequence[tuple[Any, ...]]) -> frozenset[bytes]:
    target.driver.executemany(
        f"INSERT INTO reconciler_run ({_COLUMNS}) VALUES ({_MARKS.replace('%s', '?')})"
        " ON CONFLICT (reference_id, moment) DO NOTHING",
        rows,
    )
    return _ours(target, rows)


BATCH = 500
"""Ids in one question; SQLite takes no more than 999 in old versions."""


def _ours(target: Target, rows: Sequence[tuple[Any, ...]]) -> frozenset[bytes]:
    found: set[bytes] = set()
    for start in range(0, len(rows), BATCH):
        ids = [row[0] for row in rows[start : start + BATCH]]
        marks = ", ".join(["%s"] * len(ids))
        statement = f"SELECT run_id FROM reconciler_run WHERE run_id IN ({marks})"
        found.update(bytes(run_id) for (run_id,) in query(target, statement, ids))
    return frozenset(found)


_INSERT = {"postgresql": _postgresql, "mysql": _mysql, "sqlite": _sqlite}
