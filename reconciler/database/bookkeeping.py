"""Our side tables: their versions, and settings that are kept there."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from reconciler.database.failures import failure
from reconciler.database.tables import reconciler_setting, reconciler_version
from reconciler.database.target import Target, worded
from reconciler.errors import TargetError

REVISIONS: Sequence[str] = ("0001", "0002", "0003")
"""Every version of the tables that we know, oldest first; migrations/versions has a file for each."""


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
    found: str | None = connection.execute(select(reconciler_version.c.version_num)).scalar()
    if found is not None and found not in REVISIONS:
        raise TargetError(
            f"the bookkeeping of {target.display} was made by a newer program (version {found})",
            hint="install a newer task-reconciler",
        )
    return found


def _migrate(connection: Connection) -> None:
    from alembic import command  # a third of a second, needed once for each version
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def read_database_id(target: Target) -> str | None:
    """Which database it is, whatever its address: a UUID; None where there is no bookkeeping yet."""
    return read_setting(target, "database")


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
