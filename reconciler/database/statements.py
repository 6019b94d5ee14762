"""Statements that run once a fire or once a run: by the driver alone, which is several times faster."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from reconciler.database.target import Rows, Target, worded


def execute(target: Target, statement: str, parameters: Sequence[Any] = ()) -> int:
    """How many rows a statement changed. Placeholders are `%s`. Raises TargetError."""
    with worded(target.url):
        target.cursor.execute(marked(target, statement), tuple(parameters))
        changed: int = target.cursor.rowcount
        return changed


def execute_many(target: Target, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run a statement for each row. Placeholders are `%s`. Raises TargetError."""
    if not rows:
        return
    with worded(target.url):
        target.cursor.executemany(marked(target, statement), rows)


def query(target: Target, statement: str, parameters: Sequence[Any] = ()) -> Rows:
    """All rows of a query. Placeholders are `%s`. Raises TargetError."""
    with worded(target.url):
        return target.dialect.fetch(target, marked(target, statement), tuple(parameters))


def marked(target: Target, statement: str) -> str:
    """With the placeholders of the driver, where they are not `%s`."""
    return statement.replace("%s", "?") if target.kind == "sqlite" else statement


def moment(target: Target, value: datetime) -> Any:
    """An aware moment as SQLAlchemy's DateTime keeps it there: UTC without a zone."""
    naive = value.astimezone(UTC).replace(tzinfo=None)
    return naive.strftime("%Y-%m-%d %H:%M:%S.%f") if target.kind == "sqlite" else naive
