"""Ownership by hand: the rows that an owner takes, and those that it gives up, as they are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.planning.changes import NOWHERE, Blocked, Change, Desired, Existing, Plan, Record, in_order
from reconciler.planning.compare import applied_blocks
from reconciler.planning.guards import Guards, guard_owner, guard_repository
from reconciler.planning.masking import secrets_of, secrets_text
from reconciler.planning.plan import Ownership
from reconciler.planning.selection import fits, require_names
from reconciler.planning.texts import fingerprint, row_keys, shown_task
from reconciler.task import Row, Secret, json_text, task_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Which rows change hands."""

    names: tuple[str, ...]  # exactly or as globs
    is_all: bool = False  # whatever their names

    def require(self, existing: Existing) -> None:
        """Raises UsageError for a name that is no row's."""
        require_names(self.names, (row.name for row in existing.rows))

    def rows(self, existing: Existing) -> Sequence[Row]:
        """Those that are meant."""
        if self.is_all:
            return existing.rows
        return [row for row in existing.rows if any(fits(name, row.name) for name in self.names)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """Where a task is declared, and what of it comes from the environment."""

    file: str  # as recorded
    line: int
    column: int
    commit: str | None
    secrets: tuple[Secret, ...]


def adopt(
    existing: Existing,
    claim: Claim,
    *,
    ownership: Ownership,
    guards: Guards,
    declared: Mapping[str, Declared],
) -> Plan:
    """Each row that is meant gets this owner, and a record that says what the row says.

    All means those of no owner, unless it is said to take over.

    `declared` is by name. Without a declaration the row is recorded nowhere: no plan deletes it, unless it is
    asked to delete all that nothing declares.
    """

    def verdict(row: Row, record: Record | None) -> Change | Blocked | None:
        is_others = record is not None and record.owner != ownership.owner
        if record is not None and not (is_others and (guards.take_over or not claim.is_all)):
            return None
        change = Change(
            action="adopt",
            name=row.name,
            reason="adopt",
            row=row,
            record=record,
            desired=_as_it_is(row, record, ownership.owner, declared.get(row.name)),
            writes_row=False,
            protected=bool(record and record.protected),
        )
        return guard_owner(change, row, record, ownership.owner, guards)

    return _plan(existing, claim, ownership, guards, verdict)


def release(existing: Existing, claim: Claim, *, ownership: Ownership, guards: Guards) -> Plan:
    """Each row that is meant has no owner any more."""

    def verdict(row: Row, record: Record | None) -> Change | Blocked | None:
        if record is None:
            return None
        change = Change(
            action="release", name=row.name, reason="release", row=row, record=record, writes_row=False
        )
        return guard_owner(change, row, record, ownership.owner, guards)

    return _plan(existing, claim, ownership, guards, verdict)


def _plan(
    existing: Existing,
    claim: Claim,
    ownership: Ownership,
    guards: Guards,
    verdict: Callable[[Row, Record | None], Change | Blocked | None],
) -> Plan:
    records = existing.records
    verdicts = [verdict(row, records.get(row.reference_id)) for row in claim.rows(existing)]
    return Plan(
        owner=ownership.owner,
        changes=in_order(one for one in verdicts if isinstance(one, Change)),
        blocked=(
            *sorted((one for one in verdicts if isinstance(one, Blocked)), key=lambda one: one.name),
            *guard_repository(ownership.owner, ownership.repository, ownership.last_repository, guards),
        ),
    )


def _as_it_is(row: Row, record: Record | None, owner: str, declared: Declared | None) -> Desired:
    """The row as if it had been declared so and applied, sense or nonsense.

    What the bookkeeping of another owner says of it besides, such as how its fires are treated, stays so.
    """
    task = task_of(row_keys(row) | applied_blocks(record))._replace(secrets=_secrets(row, record, declared))
    attributes = json_text(task.attributes)
    mark = fingerprint(task._replace(as_user_email=task.as_user_email or ""), attributes)
    kept = Record(
        reference_id=row.reference_id,
        owner=owner,
        applied=json_text(shown_task(task)),
        fingerprint=mark,
        file=declared.file if declared else NOWHERE,
        line=declared.line if declared else 0,
        commit=declared.commit if declared else None,
        secrets=secrets_text(task.secrets),
        protected=bool(record and record.protected),
    )
    column = declared.column if declared else 0
    return Desired(task, kept.file, kept.line, column, None, task.content(attributes), mark, restores=kept)


def _secrets(row: Row, record: Record | None, declared: Declared | None) -> tuple[Secret, ...]:
    """What came from the environment, or is to come from it, as far as the row has a value there."""
    applied = secrets_of(record.secrets) if record else ()
    known = {one.path: one for one in (*applied, *(declared.secrets if declared else ()))}
    keys = row_keys(row)
    return tuple(one for one in known.values() if _has(keys, one))


def _has(value: Any, secret: Secret) -> bool:
    """Whether there is a value where the secret is to be."""
    for key in secret.path:
        known = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
        if key not in known:
            return False
        value = value[key]
    return True
