"""Reading the `task` table and its bookkeeping, as they stand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reconciler.database.bookkeeping import has_bookkeeping, revision_of
from reconciler.database.holds import HoldRow, fetch_holds
from reconciler.database.statements import query
from reconciler.database.tables import JOIN_COLUMNS, TASK_COLUMNS, TASK_GROUPS
from reconciler.database.target import Target, require_task, without_collection, worded
from reconciler.planning.changes import Existing, Record
from reconciler.planning.masking import secrets_of
from reconciler.task import Row, SchedulerOptions, Secret, scheduler_options


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the target holds, as its driver gave it: equal states, equal plans."""

    rows: Sequence[tuple[Any, ...]] = field(repr=False)
    emails: Mapping[int | None, str] = field(repr=False)
    records: Sequence[tuple[Any, ...]] = field(repr=False)
    holds: Sequence[HoldRow] = field(repr=False)
    writes_of_others: int | None = field(default=None, compare=False)  # a counter, where the target has one


def read_existing(target: Target) -> Existing:
    """Every row of the table, and a record for each row that has an owner.

    Raises TargetError where a table or a column that an apply needs is missing.
    """
    return existing_of(read_state(target))


def read_state(target: Target, since: State | None = None) -> State:
    """The first half of `read_existing`, for those who only ask whether anything moved meanwhile.

    `since` is what this connection read or wrote last: it is returned as it is where the target itself tells
    that nobody else has written, ever since.
    """
    with worded(target.url), without_collection():
        writes_of_others = target.dialect.writes_of_others(target)
        if since is not None and writes_of_others is not None and since.writes_of_others == writes_of_others:
            return since
        _check_shape(target)
        return State(
            writes_of_others=writes_of_others,
            rows=target.dialect.fetch(target, target.dialect.ROWS),
            emails=dict(target.dialect.fetch(target, _EMAILS)),
            records=_fetch_records(target),
            holds=fetch_holds(target),
        )


_EMAILS = "SELECT id, email FROM user_account WHERE id IN (SELECT as_user_id FROM task)"
_RECORDS = """
SELECT reference_id, owner, applied, fingerprint, file, line, commit_id, {secrets}, protected
FROM reconciler_task
"""


def _fetch_records(target: Target) -> Sequence[tuple[Any, ...]]:
    revision = revision_of(target)
    if revision is None:
        return []
    secrets = "secrets" if revision >= "0003" else "NULL"  # a dry run reads what an older program made
    return target.dialect.fetch(target, _RECORDS.format(secrets=secrets))


def existing_of(state: State) -> Existing:
    """The second half of `read_existing`."""
    with without_collection():
        holds = {row.reference_id: row.hold for row in state.holds}
        return Existing(rows=_rows(state), records=_records(state), holds=holds)


def _check_shape(target: Target) -> None:
    """So that a dry run fails where its apply would."""
    require_task(target)
    target.dialect.fetch(target, f"SELECT {', '.join(('id', *TASK_COLUMNS))} FROM task LIMIT 0")
    target.dialect.fetch(target, f"SELECT {', '.join(('id', *JOIN_COLUMNS))} FROM {TASK_GROUPS} LIMIT 0")


def _rows(state: State) -> tuple[Row, ...]:
    """The columns stand in the order of Row's fields, but for the e-mail address, which is looked up."""
    emails = state.emails
    return tuple(
        Row._make((*to_action, emails.get(to_action[3]), active == 1, job_type, attributes))
        for *to_action, active, job_type, attributes in state.rows
    )


def _records(state: State) -> Mapping[bytes, Record]:
    """The columns stand in the order of Record's fields."""
    return {fields[0]: Record._make((*fields, protected == 1)) for *fields, protected in state.records}


def read_options(target: Target) -> Mapping[bytes, SchedulerOptions]:
    """The `Scheduler:` options, as last applied, of tasks that have any, by reference id."""
    with worded(target.url):
        if not has_bookkeeping(target):
            return {}
        found = query(target, _OPTIONS, ('%"Scheduler"%',))
    parsed = ((bytes(key), json.loads(applied).get("Scheduler")) for key, applied in found)
    return {key: scheduler_options(block) for key, block in parsed if block}


def read_secrets(target: Target) -> Mapping[bytes, tuple[Secret, ...]]:
    """Where a task's attributes hold values from the environment, by reference id; not those without any."""
    with worded(target.url):
        if (revision_of(target) or "") < "0003":
            return {}
        found = query(target, "SELECT reference_id, secrets FROM reconciler_task WHERE secrets IS NOT NULL")
    return {bytes(key): secrets_of(text) for key, text in found}


_OPTIONS = "SELECT reference_id, applied FROM reconciler_task WHERE applied LIKE %s"
