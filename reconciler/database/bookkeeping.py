"""Our side tables: their versions, and what they keep of each apply."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select, update

from reconciler.database.failures import failure
from reconciler.database.tables import reconciler_apply, reconciler_setting, reconciler_version
from reconciler.database.target import Target, worded
from reconciler.errors import TargetError

REVISIONS: Sequence[str] = ("0001", "0002", "0003")
"""Every version of the tables that we know, oldest first; migrations/versions has a file for each."""

PLAN_KEPT = timedelta(days=365)


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
    plan: str | None  # JSON text; None once it was dropped, and from `last_apply`
    plan_hash: str
    outcome: str  # JSON text


def has_bookkeeping(target: Target) -> bool:
    """Whether the side tables are there. Raises TargetError where a newer program made them."""
    return revision_of(target) is not None


def prepare(target: Target) -> None:
    """Add the side tables, or bring them up to this version.

    Within a transaction it is part of it, but on MySQL, where the definition of a table commits: there it
    must come before. Raises TargetError where a newer program made them.
    """
    with worded(target.url):
        if revision_of(target) == REVISIONS[-1]:
            return
        if target.read_only:
            raise failure("read_only", target.display)
        _migrate(target.connection)


def revision_of(target: Target) -> str | None:
    """The version of the side tables, None where there are none. Raises as `has_bookkeeping`."""
    connection = target.connection
    if not connection.dialect.has_table(connection, "reconciler_version"):
        return None
    revision = connection.execute(select(reconciler_version.c.version_num)).scalar()
    if revision is not None and revision not in REVISIONS:
        raise TargetError(
            f"the bookkeeping of {target.display} was made by a newer program (version {revision})",
            hint="install a newer task-reconciler",
        )
    return revision


def _migrate(connection: Connection) -> None:
    from alembic import command  # a third of a second, needed once for each version
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def record_apply(target: Target, apply: Apply) -> None:
    """Remember an apply, and forget the plans of those of more than a year ago."""
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
                outcome=apply.outcome,
            )
        )
        target.connection.execute(
            update(reconciler_apply)
            .where(reconciler_apply.c.finished_at < apply.finished_at - PLAN_KEPT)
            .where(reconciler_apply.c.plan.is_not(None))
            .values(plan=None)
        )


def last_apply(target: Target, owner: str) -> Apply | None:
    """The owner's last apply, without its plan."""
    table_ = reconciler_apply.c
    with worded(target.url):
        if not has_bookkeeping(target):
            return None
        statement = (
            select(*(one for one in table_ if one.name != "plan"))
            .where(table_.owner == owner)
            .order_by(table_.finished_at.desc(), table_.apply_id.desc())
            .limit(1)
        )
        found = target.connection.execute(statement).mappings().first()
    if found is None:
        return None
    known = dict(found)
    return Apply(commit=known.pop("commit_id"), plan=None, **known)


def find_apply(target: Target, apply_id: str) -> bool:
    """Whether an apply was committed. Raises TargetError."""
    statement = select(reconciler_apply.c.apply_id).where(reconciler_apply.c.apply_id == apply_id)
    with worded(target.url):
        return has_bookkeeping(target) and target.connection.execute(statement).first() is not None


def read_setting(target: Target, name: str) -> str | None:
    with worded(target.url):
        if not has_bookkeeping(target):
            return None
        statement = select(reconciler_setting.c.value).where(reconciler_setting.c.name == name)
        found: str | None = target.connection.execute(statement).scalar()
        return found


def write_setting(target: Target, name: str, value: str) -> None:
    with worded(target.url):
        target.connection.execute(delete(reconciler_setting).where(reconciler_setting.c.name == name))
        target.connection.execute(insert(reconciler_setting).values(name=name, value=value))
