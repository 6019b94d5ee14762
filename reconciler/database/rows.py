"""Reading the `task` table and its bookkeeping, as they stand."""

from collections.abc import Mapping

from reconciler.database.bookkeeping import has_bookkeeping
from reconciler.database.tables import JOIN_COLUMNS, TASK_COLUMNS, TASK_GROUPS
from reconciler.database.target import Target, without_collection, worded
from reconciler.planning.changes import Existing, Record
from reconciler.task import Row


def read_existing(target: Target) -> Existing:
    """Every row of the table, and a record for each row that has an owner.

    Raises TargetError where a table or a column that an apply needs is missing.
    """
    with worded(target.url), without_collection():
        _check_shape(target)
        rows = _rows(target)
        return Existing(rows=rows, records=_records(target) if has_bookkeeping(target) else {})


def _check_shape(target: Target) -> None:
    """So that a dry run fails where its apply would."""
    target.dialect.fetch(target, f"SELECT {', '.join(('id', *TASK_COLUMNS))} FROM task LIMIT 0")
    target.dialect.fetch(target, f"SELECT {', '.join(('id', *JOIN_COLUMNS))} FROM {TASK_GROUPS} LIMIT 0")


def _rows(target: Target) -> tuple[Row, ...]:
    emails = _emails(target)
    return tuple(
        Row(
            id=id_,
            reference_id=reference_id,
            version=version,
            name=name,
            schedule=schedule,
            entity_name=entity_name,
            action_name=action_name,
            as_user_id=as_user_id,
            as_user_email=emails.get(as_user_id),
            active=active == 1,
            job_type=job_type,
            attributes=attributes,
        )
        for (
            id_,
            reference_id,
            version,
            name,
            schedule,
            entity_name,
            action_name,
            as_user_id,
            active,
            job_type,
            attributes,
        ) in target.dialect.fetch(target, target.dialect.ROWS)
    )


def _emails(target: Target) -> Mapping[int | None, str]:
    statement = "SELECT id, email FROM user_account WHERE id IN (SELECT as_user_id FROM task)"
    return dict(target.dialect.fetch(target, statement))


def _records(target: Target) -> Mapping[bytes, Record]:
    return {
        reference_id: Record(
            reference_id=reference_id,
            owner=owner,
            applied=applied,
            fingerprint=fingerprint,
            file=file,
            line=line,
            commit=commit,
            protected=protected == 1,
        )
        for (
            reference_id,
            owner,
            applied,
            fingerprint,
            file,
            line,
            commit,
            protected,
        ) in target.dialect.fetch(target, target.dialect.RECORDS)
    }
