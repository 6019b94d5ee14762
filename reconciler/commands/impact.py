"""`reconcile impact`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from reconciler import pipeline
from reconciler.catalogue import Action, Catalogue
from reconciler.commands.preview import anchor_of, preview_of
from reconciler.database.anchors import read_anchors
from reconciler.database.catalogue import read_catalogue
from reconciler.database.rows import read_existing
from reconciler.database.target import connect
from reconciler.database.urls import TargetUrl
from reconciler.diagnostics import did_you_mean
from reconciler.errors import UsageError
from reconciler.pipeline import Configuration
from reconciler.planning.changes import Existing
from reconciler.planning.holds import without_holds
from reconciler.report.impact import Asked, Dependent, ImpactReport
from reconciler.report.plan import target_of
from reconciler.request import Request
from reconciler.task import Row, Task

Kind = Literal["user", "action"]

LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """What is there, without its holds: a row that one of them made inert depends on its user too."""

    existing: Existing
    anchors: Mapping[bytes, tuple[int, datetime]]
    catalogue: Catalogue
    configuration: Configuration | None
    request: Request


def impact(users: Sequence[str], actions: Sequence[str], request: Request, url: TargetUrl) -> ImpactReport:
    """The tasks of the table and of git that would stop working without these users and actions.

    An action is named as `entity/action`. Raises UsageError for what neither the target nor a task knows.
    """
    wanted: list[tuple[Kind, str]] = [("user", one) for one in users]
    wanted += [("action", one) for one in actions]
    if not wanted:
        raise UsageError("nothing is asked about", hint="name a --user EMAIL or an --action ENTITY/ACTION")
    configuration = pipeline.read(request) if request.paths else None
    with connect(url, read_only=True, lock_timeout=request.lock_timeout) as target:
        existing, _ = without_holds(read_existing(target), request.now)
        table = _Table(
            existing=existing,
            anchors=read_anchors(target),
            catalogue=read_catalogue(target),
            configuration=configuration,
            request=request,
        )
    asked = tuple(_asked(kind, name, table.catalogue) for kind, name in dict.fromkeys(wanted))
    tasks = sorted(_dependents(asked, table), key=lambda one: (one.next or LAST, one.name))
    needed = {name for one in tasks for name in one.why}
    for one in asked:
        if not one.exists and one.name not in needed:
            raise _unknown(one, table.catalogue)
    return ImpactReport(
        target=target_of(url),
        timezone=request.timezone,
        asked=asked,
        tasks=tuple(tasks),
        has_files=configuration is not None,
    )


def _asked(kind: Kind, name: str, catalogue: Catalogue) -> Asked:
    if kind == "user":
        return Asked(kind=kind, name=name, exists=name in catalogue.users)
    entity, separator, action = name.partition("/")
    if not (entity and separator and action):
        hint = "write it as ENTITY/ACTION: report/generate_report"
        raise UsageError(f"--action {name!r} is no action", hint=hint)
    return Asked(kind=kind, name=name, exists=(entity, action) in catalogue.actions)


def _unknown(one: Asked, catalogue: Catalogue) -> UsageError:
    known = catalogue.users if one.kind == "user" else map("/".join, catalogue.actions)
    near = did_you_mean(one.name, known)
    listing = "users list" if one.kind == "user" else "actions list"
    hint = f"did you mean {near!r}?" if near else f"`reconcile {listing}` shows what there is"
    return UsageError(f"there is no {one.kind} {one.name!r}, and no task names it", hint=hint)


def _dependents(asked: Sequence[Asked], table: _Table) -> Iterator[Dependent]:
    """Rows first; of git what is not applied yet."""
    names = {one.name for one in asked}
    found = set()
    declared = table.configuration.declarations if table.configuration else ()
    places = {one.task.name: one for one in declared}
    for row in table.existing.rows:
        if why := _why(row, names):
            found.add(row.name)
            record = table.existing.records.get(row.reference_id)
            file, line = (record.file, record.line) if record else (None, None)
            if table.configuration and row.name in places:
                place = places[row.name]
                file, line = table.configuration.recorded[place.file], place.line
            yield _dependent(row, why, table, owner=record.owner if record else None, file=file, line=line)
    for one in declared:
        if one.task.name not in found and (why := _why(one.task, names)):
            file = table.configuration.recorded[one.file] if table.configuration else None
            yield _dependent(one.task, why, table, owner=table.request.owner, file=file, line=one.line)


def _why(one: Row | Task, names: set[str]) -> tuple[str, ...]:
    needs = (one.as_user_email or "", f"{one.entity_name}/{one.action_name}")
    return tuple(need for need in needs if need in names)


def _dependent(
    one: Row | Task,
    why: tuple[str, ...],
    table: _Table,
    *,
    owner: str | None,
    file: str | None,
    line: int | None,
) -> Dependent:
    return Dependent(
        name=one.name,
        why=why,
        in_table=isinstance(one, Row),
        active=one.active,
        owner=owner,
        file=file,
        line=line,
        next=_next(one, table) if one.active else None,
        broken=tuple(_broken(one, table.catalogue)),
    )


def _next(one: Row | Task, table: _Table) -> datetime | None:
    request = table.request
    anchor = anchor_of(one, table.anchors) if isinstance(one, Row) else None
    fires = preview_of(one.schedule, None, anchor, 1, request.now, request.timezone).fires
    return fires[0] if fires else None


def _broken(one: Row | Task, catalogue: Catalogue) -> Iterator[str]:
    """Why its action cannot be executed as its user already."""
    user = catalogue.users.get(one.as_user_email or "")
    action = catalogue.actions.get((one.entity_name, one.action_name))
    if user is None:
        yield (
            f"there is no user {one.as_user_email!r}" if one.as_user_email else "it names no user that exists"
        )
    if action is None:
        yield f"there is no action {one.entity_name}/{one.action_name}"
    elif user is not None:
        for gate in catalogue.refusals(user, action):
            kind = "action" if isinstance(gate, Action) else "entity"
            yield f"{user.email} may not execute the {kind} {gate.name}"
