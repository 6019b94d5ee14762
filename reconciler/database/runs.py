"""Runs: claimed once, started, ended, swept, read and forgotten."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select, delete, func, select, text, true

from reconciler.database.bookkeeping import has_bookkeeping
from reconciler.database.claiming import NewRun, insert_new
from reconciler.database.identity import Identity, identity_of, question
from reconciler.database.statements import execute, execute_many, moment
from reconciler.database.tables import reconciler_run
from reconciler.database.target import Target, worded
from reconciler.database.transactions import atomic, begin_after, commit_after
from reconciler.errors import RowMoved
from reconciler.task import Row

OPEN = text("state IN ('claimed', 'running')")
"""The states that a run leaves again; as text, or an index of these states alone would not be used."""

ENDED = text("state NOT IN ('claimed', 'running')")

ERROR_KEPT = 10_000
"""Characters of an error that the history keeps."""

MOST_NAMED = 10_000
"""Tasks that a statement names: PostgreSQL takes 65,535 values."""

ATTEMPTS = 5
"""How often a statement is tried that loses a deadlock."""

_T = TypeVar("_T")


class Ending(NamedTuple):
    """How a run ended otherwise than by its own transaction."""

    run_id: bytes
    state: str
    error: str | None
    at: datetime


class RunRecord(NamedTuple):
    """A run as the history holds it."""

    run_id: bytes
    reference_id: bytes
    moment: datetime
    name: str
    entity_name: str
    action_name: str
    as_user: str | None
    cause: str
    state: str
    process_id: bytes
    claimed_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None
    missed_until: datetime | None
    missed_count: int | None


class Lost(NamedTuple):
    """A run whose process is dead."""

    run_id: bytes
    name: str
    moment: datetime


def claim_runs(
    target: Target,
    process_id: bytes,
    runs: Sequence[NewRun],
    *,
    now: datetime,
    settled_until: datetime | None = None,
) -> frozenset[bytes]:
    """Write the runs whose (task, moment) nobody has written yet, in one statement; their ids.

    All processes write the keys in one order, so that they wait for each other rather than deadlock. With
    `settled_until` the process also says that each fire up to then has its row.
    """
    ordered = sorted(runs, key=lambda run: (run.moment, run.reference_id))

    def attempt() -> frozenset[bytes]:
        with atomic(target):
            won = insert_new(target, process_id, ordered, now) if ordered else frozenset()
            if settled_until is not None:
                _settle(target, process_id, settled_until)
        return won

    return _again(attempt)


def _settle(target: Target, process_id: bytes, until: datetime) -> None:
    statement = "UPDATE reconciler_process SET settled_until = %s WHERE process_id = %s"
    execute(target, statement, (moment(target, until), process_id))


def _again(attempt: Callable[[], _T]) -> _T:
    """A deadlock's victim has done nothing and tries again; the last attempt says what went wrong."""
    for _ in range(ATTEMPTS - 1):
        try:
            return attempt()
        except RowMoved:
            continue
    return attempt()


def begin_run(target: Target, run_id: bytes, row: Row, now: datetime) -> Identity | None:
    """From claimed to running, at once; then begin the run's transaction, and read who it executes as.

    None: it was ended by somebody else, and no transaction is begun. It may be asked again with the same
    `now`, where the connection broke and left the outcome open.
    """
    at, names = moment(target, now), (row.entity_name, row.action_name)
    answer = begin_after(target, (START, (at, run_id, at)), question(row.as_user_id, *names))
    return None if answer is None else identity_of(answer, *names)


def commit_run(target: Target, run_id: bytes, now: datetime) -> bool:
    """From running to ok, and commit what its transaction did. Raises OutcomeUnknown.

    False: it was declared lost, and what it did is rolled back.
    """
    return commit_after(target, (COMPLETE, (moment(target, now), run_id)))


def complete_run(target: Target, run_id: bytes, now: datetime) -> bool:
    """From running to ok, where there is nothing else to commit. False: it was declared lost."""
    return execute(target, COMPLETE, (moment(target, now), run_id)) == 1


START = (
    "UPDATE reconciler_run SET state = 'running', started_at = %s"
    " WHERE run_id = %s AND (state = 'claimed' OR state = 'running' AND started_at = %s)"
)
COMPLETE = "UPDATE reconciler_run SET state = 'ok', finished_at = %s WHERE run_id = %s AND state = 'running'"


def end_runs(target: Target, endings: Sequence[Ending]) -> None:
    """Write how runs ended; one that has an end already keeps it."""
    if not endings:
        return
    rows = [
        (one.state, _storable(one.error), moment(target, one.at), one.run_id)
        for one in sorted(endings, key=lambda one: one.run_id)
    ]

    def attempt() -> None:
        with atomic(target):
            execute_many(target, _END, rows)

    _again(attempt)


_END = f"UPDATE reconciler_run SET state = %s, error = %s, finished_at = %s WHERE run_id = %s AND {OPEN.text}"


def _storable(error: str | None) -> str | None:
    """Whatever an action said, as each database takes it: else the rest would wait for it for ever."""
    if error is None:
        return None
    return error[:ERROR_KEPT].replace("\0", "").encode(errors="replace").decode()


def active_runs(target: Target, references: Sequence[bytes]) -> Mapping[bytes, int]:
    """How many runs of each task are claimed or running; tasks without one are left out."""
    if not references:
        return {}
    columns = reconciler_run.c
    statement = (
        select(columns.reference_id, func.count()).where(OPEN, _of(references)).group_by(columns.reference_id)
    )
    wanted = frozenset(references)
    with worded(target.url):
        found = [(bytes(reference), count) for reference, count in target.connection.execute(statement)]
    return {reference: count for reference, count in found if reference in wanted}


def _of(references: Sequence[bytes]) -> ColumnElement[bool]:
    """The runs of some tasks; of too many to be named, of all."""
    return reconciler_run.c.reference_id.in_(references) if len(references) <= MOST_NAMED else true()


def open_runs(target: Target, references: Sequence[bytes]) -> Mapping[bytes, list[tuple[bytes, str]]]:
    """The run ids and states of each task's claimed or running runs, the earliest claimed first.

    Where many are asked for, those of other tasks may be among them.
    """
    columns = reconciler_run.c
    statement = (
        select(columns.reference_id, columns.run_id, columns.state)
        .where(OPEN, _of(references))
        .order_by(columns.run_id)
    )
    found: dict[bytes, list[tuple[bytes, str]]] = {}
    with worded(target.url):
        for reference, run_id, state in target.connection.execute(statement):
            found.setdefault(bytes(reference), []).append((bytes(run_id), state))
    return found


def claimed_among(target: Target, run_ids: Sequence[bytes]) -> frozenset[bytes]:
    """Those of some runs that were written as claimed and are so still."""
    columns = reconciler_run.c
    statement = select(columns.run_id).where(columns.run_id.in_(run_ids), columns.state == "claimed")
    with worded(target.url):
        return frozenset(bytes(run_id) for (run_id,) in target.connection.execute(statement))


def sweep_runs(target: Target, dead: Sequence[bytes], now: datetime) -> list[Lost]:
    """Declare the open runs of dead processes lost; returned is what nobody else had declared lost."""
    if not dead:
        return []
    columns = reconciler_run.c
    left_open = (
        select(columns.run_id, columns.name, columns.moment)
        .where(OPEN, columns.process_id.in_(dead))
        .order_by(columns.run_id)
        .with_for_update()
    )

    def attempt() -> list[Lost]:
        with atomic(target):
            found = [Lost(bytes(run), name, at) for run, name, at in target.connection.execute(left_open)]
            at = moment(target, now)
            execute_many(target, _END, [("lost", "its process died", at, one.run_id) for one in found])
        return found

    return _again(attempt)


def processes_of_open_runs(target: Target) -> frozenset[bytes]:
    """The processes that have claimed or running runs."""
    columns = reconciler_run.c
    statement = select(columns.process_id).where(OPEN).distinct()
    with worded(target.url):
        return frozenset(bytes(process_id) for (process_id,) in target.connection.execute(statement))


def moments_between(target: Target, since: datetime, until: datetime) -> Mapping[bytes, list[RunRecord]]:
    """The runs of each task after one moment and up to another, records of misses that reach in included."""
    columns = reconciler_run.c
    within = _records().where(columns.moment > since, columns.moment <= until)
    reaching_in = _records().where(columns.moment <= since, columns.missed_until > since)
    found: dict[bytes, list[RunRecord]] = {}
    with worded(target.url):
        for statement in (within, reaching_in):
            for row in target.connection.execute(statement):
                record = _record(row)
                found.setdefault(record.reference_id, []).append(record)
    return found


def read_runs(
    target: Target,
    *,
    name: str | None = None,
    reference: bytes | None = None,
    states: Sequence[str] = (),
    since: datetime | None = None,
    limit: int = 20,
) -> list[RunRecord]:
    """The newest runs first; none where there is no history yet."""
    columns = reconciler_run.c
    statement = _records().order_by(columns.moment.desc(), columns.run_id.desc()).limit(limit)
    if name is not None:
        statement = statement.where(columns.name == name)
    if reference is not None:
        statement = statement.where(columns.reference_id == reference)
    if states:
        statement = statement.where(columns.state.in_(states))
    if since is not None:
        statement = statement.where(columns.moment >= since)
    with worded(target.url):
        if not has_history(target):
            return []
        return [_record(row) for row in target.connection.execute(statement)]


def has_history(target: Target) -> bool:
    """Whether the tables of the scheduler are there: a dry run adds none."""
    return has_bookkeeping(target) and target.connection.dialect.has_table(
        target.connection, "reconciler_run"
    )


def _records() -> Select[Any]:
    return select(*(reconciler_run.c[name] for name in RunRecord._fields))


def _record(row: Sequence[Any]) -> RunRecord:
    return RunRecord._make(bytes(value) if isinstance(value, memoryview) else value for value in row)


def prune_runs(target: Target, before: datetime, limit: int) -> int:
    """Forget at most so many ended runs from before a moment; how many there were."""
    columns = reconciler_run.c
    old = (columns.moment < before, ENDED)
    chosen = select(columns.run_id).where(*old).order_by(columns.moment).limit(limit)
    with worded(target.url):
        found = sorted(bytes(run_id) for (run_id,) in target.connection.execute(chosen))
        if found:
            target.connection.execute(delete(reconciler_run).where(columns.run_id.in_(found)))
    return len(found)
