"""Inserting runs whose (task, moment) is new, and learning which those were, as each database can."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, partial
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
_TYPES = {
    "run_id": "bytea",
    "reference_id": "bytea",
    "process_id": "bytea",
    "moment": "timestamp",
    "missed_until": "timestamp",
    "claimed_at": "timestamp",
    "missed_count": "integer",
}


def insert_new(target: Target, process_id: bytes, runs: Sequence[NewRun], now: datetime) -> frozenset[bytes]:
    """The ids of the runs that were inserted; a (task, moment) that is there already stays as it is.

    The runs are in the order of (moment, task), so that who writes the same ones waits rather than deadlocks.
    """
    written = cache(partial(moment, target))  # the fires of one second share their moment
    at = written(now)
    rows = [(*_dated(run, written), process_id, at) for run in runs]
    return _INSERT[target.kind](target, rows)


def _dated(run: NewRun, written: Callable[[datetime], Any]) -> tuple[Any, ...]:
    until = None if run.missed_until is None else written(run.missed_until)
    return run._replace(moment=written(run.moment), missed_until=until)


def _postgresql(target: Target, rows: Sequence[tuple[Any, ...]]) -> frozenset[bytes]:
    """One statement, with an array for each column; of a value that all rows share, with that alone."""
    columns = list(zip(*rows, strict=True))
    shared = tuple(values.count(values[0]) == len(rows) for values in columns)
    given = [values[0] if once else list(values) for values, once in zip(columns, shared, strict=True)]
    return frozenset(bytes(run_id) for (run_id,) in query(target, _selecting(shared), given))


@cache
def _selecting(shared: Sequence[bool]) -> str:
    """The statement, by which columns are shared. In binary, since psycopg quotes each item of a text."""
    types = [_TYPES.get(column, "text") for column in COLUMNS]
    values = (
        f"%b::{type_}" if once else f"unnest(%b::{type_}[])"
        for type_, once in zip(types, shared, strict=True)
    )
    return (
        f"INSERT INTO reconciler_run ({_COLUMNS}) SELECT {', '.join(values)}"
        " ON CONFLICT (moment, reference_id) DO NOTHING RETURNING run_id"
    )


def _mysql(target: Target, rows: Sequence[tuple[Any, ...]]) -> frozenset[bytes]:
    """MySQL returns no rows of an insert, and its IGNORE would hide other errors too: ask for our ids."""
    with target.driver.cursor() as cursor:
        # Most values but the ids recur from row to row: each is quoted once, most of the driver's work.
        quoted = cache(lambda value: cursor.mogrify("%s", (value,)))

        def insert(some: Sequence[tuple[Any, ...]]) -> None:
            values = ", ".join(f"(x'{row[0].hex()}', {', '.join(map(quoted, row[1:]))})" for row in some)
            cursor.execute(f"INSERT INTO reconciler_run ({_COLUMNS}) VALUES {values} {_UNLESS_THERE}")

        for start in range(0, len(rows), AT_ONCE):
            together = rows[start : start + AT_ONCE]
            if len(together) > FEW and together[0][_MOMENT] == together[-1][_MOMENT]:
                insert(together[:1])  # of two with the same first fire one waits here for the other's commit
                together = _not_there(target, together)
            if together:
                insert(together)
    return _ours(target, rows)


def _not_there(target: Target, rows: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
    """Those of a moment's rows, in the order of their tasks, whose fires nobody has written.

    To see that a fire is there takes a fraction of what it takes to write it in vain.
    """
    among = (rows[0][_MOMENT], rows[0][_REFERENCE], rows[-1][_REFERENCE])
    there = frozenset(bytes(reference) for (reference,) in query(target, _THERE, among))
    return [row for row in rows if row[_REFERENCE] not in there]


_MOMENT, _REFERENCE = COLUMNS.index("moment"), COLUMNS.index("reference_id")
_THERE = "SELECT reference_id FROM reconciler_run WHERE moment = %s AND reference_id BETWEEN %s AND %s"
_UNLESS_THERE = "ON DUPLICATE KEY UPDATE run_id = reconciler_run.run_id"

FEW = 50
"""Rows that are written without looking first: that would take longer."""

AT_ONCE = 1000
"""Rows of a statement, far below the size of a packet."""


def _sqlite(target: Target, rows: Sequence[tuple[Any, ...]]) -> frozenset[bytes]:
    target.driver.executemany(
        f"INSERT INTO reconciler_run ({_COLUMNS}) VALUES ({_MARKS.replace('%s', '?')})"
        " ON CONFLICT (moment, reference_id) DO NOTHING",
        rows,
    )
    return _ours(target, rows)


def _ours(target: Target, rows: Sequence[tuple[Any, ...]]) -> frozenset[bytes]:
    """Which of the rows are there. Their ids were made one after another: a range of the primary key."""
    ids = frozenset(row[0] for row in rows)
    found = query(target, _BETWEEN, (min(ids), max(ids), rows[0][COLUMNS.index("process_id")]))
    return ids.intersection(bytes(run_id) for (run_id,) in found)


_BETWEEN = "SELECT run_id FROM reconciler_run WHERE run_id BETWEEN %s AND %s AND process_id = %s"

_INSERT = {"postgresql": _postgresql, "mysql": _mysql, "sqlite": _sqlite}
