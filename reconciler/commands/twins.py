"""Tasks that do the same work."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from reconciler.config.declarations import Declaration
from reconciler.pipeline import Configuration
from reconciler.planning.changes import Existing
from reconciler.planning.texts import row_keys
from reconciler.report.explain import Twin
from reconciler.request import Request
from reconciler.schedule import Every, Schedule, schedule_of
from reconciler.task import Row, canonical_json

MOST = 10
MONTH = timedelta(days=31)
SECOND = timedelta(seconds=1)

Work = tuple[str, str, str]
"""Entity, action, attributes."""


def twins_of(
    declaration: Declaration | None,
    row: Row | None,
    configuration: Configuration | None,
    existing: Existing,
    request: Request,
) -> Iterator[Twin]:
    """At most MOST other tasks, of the table and of git, with the same action, entity and attributes."""
    if row is not None:
        name, work, own = row.name, _work_of(row), row.schedule
    elif declaration is not None:
        name, work, own = declaration.task.name, _work(declaration), declaration.task.schedule
    else:
        return
    found = _others(name, work, configuration, existing)
    for other, text, in_table in islice(found, MOST):
        both = schedule_of(own), schedule_of(text)
        yield Twin(
            name=other,
            schedule=text,
            in_table=in_table,
            together=_together(*both, request.now, request.timezone),
            is_known=not any(one is not None and isinstance(one.rule, Every) for one in both),
        )


def _others(
    name: str, work: Work, configuration: Configuration | None, existing: Existing
) -> Iterator[tuple[str, str, bool]]:
    rows = {row.name: row for row in existing.rows}
    for row in existing.rows:
        if row.name != name and (row.entity_name, row.action_name) == work[:2] and _work_of(row) == work:
            yield row.name, row.schedule, True
    for one in configuration.declarations if configuration else ():
        task = one.task
        if task.name not in rows and task.name != name and _work(one) == work:
            yield task.name, task.schedule, False


def _work_of(row: Row) -> Work:
    return row.entity_name, row.action_name, canonical_json(row_keys(row)["Attributes"])


def _work(declaration: Declaration) -> Work:
    task = declaration.task
    return task.entity_name, task.action_name, canonical_json(task.attributes)


def _together(one: Schedule | None, other: Schedule | None, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The next moment of both, within a month. Nobody knows when intervals meet."""
    if one is None or other is None or isinstance(one.rule, Every) or isinstance(other.rule, Every):
        return None
    first, second = one.next_after(now, zone), other.next_after(now, zone)
    while first and second and max(first, second) <= now + MONTH:
        if first == second:
            return first
        if first < second:
            first = one.next_after(second - SECOND, zone)
        else:
            second = other.next_after(first - SECOND, zone)
    return None
