"""What the bookkeeping keeps of each apply."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, insert, select, update

from reconciler.database.bookkeeping import has_bookkeeping
from reconciler.database.tables import reconciler_apply, reconciler_task
from reconciler.database.target import Target, worded
from reconciler.errors import ReconcilerError


@dataclass(frozen=True, slots=True, kw_only=True)
class Apply:
    """One apply, as it is remembered."""

    apply_id: str  # UUID
    owner: str
    repository: str | None
    commit: str | None
    dirty: bool | None
    who: str
    host: str
    tool: str  # version of the program
    started_at: datetime  # aware
    finished_at: datetime
    plan: str | None = None  # as `planning.remembered` writes it; None where it is not asked for
    has_plan: bool = True  # False: it was dropped, or was too large to be kept
    plan_hash: str
    outcome: Mapping[str, Any]
    """`summary`: how many changes; `undoes`: another apply; `left_out`: names; `during_freeze`: a reason."""


def record_apply(target: Target, apply: Apply, keep: timedelta) -> None:
    """Remember an apply, and forget the plans of those that ended longer ago than `keep`."""
    plan = zlib.compress(apply.plan.encode(), 1) if apply.plan is not None else None
    with worded(target.url):
        target.connection.execute(
            insert(reconciler_apply).values(
                apply_id=apply.apply_id,
                owner=apply.owner,
                repository=apply.repository,
                commit_id=apply.commit,
                dirty=apply.dirty,
                who=apply.who,
                host=apply.host,
                tool=apply.tool,
                started_at=apply.started_at,
                finished_at=apply.finished_at,
                plan=plan if plan is None or target.dialect.fits(target, plan) else None,
                plan_hash=apply.plan_hash,
                outcome=json.dumps(apply.outcome),
            )
        )
        target.connection.execute(
            update(reconciler_apply)
            .where(reconciler_apply.c.finished_at < apply.finished_at - keep)
            .where(reconciler_apply.c.plan.is_not(None))
            .values(plan=None)
        )


_WITHOUT_PLAN = (
    *(one for one in reconciler_apply.c if one.name != "plan"),
    reconciler_apply.c.plan.is_not(None).label("has_plan"),
)


def last_apply(target: Target, owner: str) -> Apply | None:
    """The owner's last apply, without its plan."""
    found = read_applies(target, owner=owner, limit=1)
    return found[0] if found else None


def read_applies(
    target: Target, *, owner: str | None = None, beginning: str = "", limit: int | None = None
) -> Sequence[Apply]:
    """Applies without their plans, the newest first: of an owner, of those whose id begins so."""
    columns = reconciler_apply.c
    statement = select(*_WITHOUT_PLAN).order_by(columns.finished_at.desc(), columns.apply_id.desc())
    if owner is not None:
        statement = statement.where(columns.owner == owner)
    if beginning:
        statement = statement.where(columns.apply_id.like(f"{beginning}%"))
    return _read(target, statement.limit(limit) if limit is not None else statement)


def read_plan(target: Target, apply_id: str) -> str | None:
    """The plan of an apply, where it is kept. Raises ReconcilerError for one that cannot be read."""
    statement = select(reconciler_apply.c.plan).where(reconciler_apply.c.apply_id == apply_id)
    with worded(target.url):
        plan: bytes | None = target.connection.execute(statement).scalar()
    try:
        return None if plan is None else zlib.decompress(plan).decode()
    except (zlib.error, ValueError):
        raise ReconcilerError(f"the plan that is kept of {apply_id} is damaged") from None


def find_apply(target: Target, apply_id: str) -> bool:
    """Whether an apply was committed. Raises TargetError."""
    return bool(_read(target, select(*_WITHOUT_PLAN).where(reconciler_apply.c.apply_id == apply_id)))


def apply_of(target: Target, reference_id: bytes) -> Apply | None:
    """The apply that wrote the record of a row, as far as it is remembered."""
    record = reconciler_task.c
    wrote = select(record.apply_id).where(record.reference_id == reference_id).scalar_subquery()
    found = _read(target, select(*_WITHOUT_PLAN).where(reconciler_apply.c.apply_id == wrote))
    return found[0] if found else None


def _read(target: Target, statement: Select[Any]) -> Sequence[Apply]:
    with worded(target.url):
        if not has_bookkeeping(target):
            return []
        found = [dict(row) for row in target.connection.execute(statement).mappings()]
    return [_apply(**one) for one in found]


def _apply(commit_id: str | None, has_plan: int, outcome: str, **known: Any) -> Apply:
    return Apply(commit=commit_id, has_plan=bool(has_plan), outcome=json.loads(outcome), **known)
