"""`reconcile explain`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reconciler import config, pipeline
from reconciler.causes import blame_of
from reconciler.commands.holds import told
from reconciler.commands.naming import no_task
from reconciler.commands.preview import anchor_of, preview_of
from reconciler.commands.runs import reported
from reconciler.commands.status import schedulers
from reconciler.commands.twins import twins_of
from reconciler.config.declarations import Declaration
from reconciler.database.anchors import read_anchors
from reconciler.database.applies import apply_of
from reconciler.database.rows import read_existing, read_options
from reconciler.database.runs import read_runs
from reconciler.database.target import Target, connect
from reconciler.database.urls import TargetUrl
from reconciler.diagnostics import Diagnostic, Place, diagnostic
from reconciler.pipeline import Configuration
from reconciler.planning.changes import Change, Existing, Plan, Record
from reconciler.planning.digest import before_of
from reconciler.planning.texts import shown_task
from reconciler.report.explain import (
    AppliedBy,
    Declaring,
    ExplainReport,
    LoadedState,
    LoadedTask,
    Said,
    Standing,
    Stored,
)
from reconciler.report.holds import TaskHold
from reconciler.report.plan import PlanReport, target_of
from reconciler.report.render import Layer
from reconciler.report.runs import RunReport
from reconciler.report.schedules import PreviewReport
from reconciler.request import Request
from reconciler.scheduler.housekeeping import LEASE
from reconciler.scheduler.loaded import fingerprint
from reconciler.scheduler.registration import register
from reconciler.task import Row

FIRES = 3
RUNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """The task of a name, in git and in the table; one of the two may be missing."""

    declaration: Declaration | None
    row: Row | None
    record: Record | None
    notes: tuple[str, ...]


def explain(name: str, request: Request, url: TargetUrl) -> ExplainReport:
    """All that is known of the task of this name. The target is opened read-only.

    Without paths only the table is asked. Raises UsageError where neither git nor the table has the name.
    """
    configuration = pipeline.read(request) if request.paths else None
    with connect(url, read_only=True, lock_timeout=request.lock_timeout) as target:
        plan = pipeline.plan(configuration, request, target, needs_values=False) if configuration else None
        existing = read_existing(target)
        found = _find(name, configuration, existing)
        return _page(found, configuration, plan, existing, request, target)


def _find(name: str, configuration: Configuration | None, existing: Existing) -> _Found:
    declared = [one for one in configuration.declarations if one.task.name == name] if configuration else []
    rows = [row for row in existing.rows if row.name == name]
    if not (declared or rows):
        known = {row.name for row in existing.rows}
        if configuration:
            known |= {one.task.name for one in configuration.declarations}
        raise no_task(name, sorted(known))
    notes = [f"The files declare it {len(declared)} times; this is the first."] if len(declared) > 1 else []
    if len(rows) > 1:
        notes.append(f"The table holds {len(rows)} rows of this name; this is the first.")
    row = rows[0] if rows else None
    return _Found(
        declaration=declared[0] if declared else None,
        row=row,
        record=existing.records.get(row.reference_id) if row else None,
        notes=tuple(notes),
    )


def _page(
    found: _Found,
    configuration: Configuration | None,
    plan: PlanReport | None,
    existing: Existing,
    request: Request,
    target: Target,
) -> ExplainReport:
    declaration, row = found.declaration, found.row
    change, standing = _change(found, plan.plan if plan else None)
    return ExplainReport(
        name=declaration.task.name if declaration else row.name if row else "",
        target=target_of(target),
        timezone=request.timezone,
        said=tuple(_said(found, configuration)),
        declaring=_declaring(declaration, configuration, plan) if configuration and plan else None,
        stored=_stored(row, found.record, target) if row else None,
        plan=plan,
        change=change,
        standing=standing,
        hold=_hold(row, existing, request) if row else None,
        schedule=_schedule(found, request, target),
        loaded=tuple(_loaded(row, target)) if row else (),
        runs=tuple(_runs(row, target)) if row else (),
        twins=tuple(twins_of(declaration, row, configuration, existing, request)),
        notes=(*found.notes, *_untold(plan, declaration)),
    )


def _untold(plan: PlanReport | None, declaration: Declaration | None) -> Iterator[str]:
    if plan is not None and plan.plan is None:
        yield "The files have errors, so that no change can be planned: a dry run shows them."
    elif declaration is not None:
        yield from pipeline.taken_from_table([declaration])


def _declaring(
    declaration: Declaration | None, configuration: Configuration, plan: PlanReport
) -> Declaring | None:
    if declaration is None:
        return None
    file = configuration.recorded[declaration.file]
    return Declaring(
        place=Place(file=file, line=declaration.line, column=declaration.column),
        blame=blame_of(declaration, pipeline.files_of(configuration)),
        diagnostics=tuple(one for one in plan.diagnostics if _is_about(one, declaration)),
    )


def _said(found: _Found, configuration: Configuration | None) -> Iterator[Said]:
    """What git says of the task, each key with its place; else what the row says."""
    if found.declaration is not None and configuration is not None:
        yield from _declared(found.declaration, configuration)
    elif found.row is not None:
        row, record = found.row, found.record
        shown = Change(action="delete", name=row.name, reason="removed", row=row, record=record)
        said = before_of(shown) or {}
        yield from (Said(key=key, value=value, place=None, layer=None) for key, value in said.items())


def _declared(declaration: Declaration, configuration: Configuration) -> Iterator[Said]:
    """A key that stands nowhere is placed where the task as a whole is."""
    keys = shown_task(declaration.task)
    pointers = (declaration.at(), *(declaration.at(key) for key in keys))
    sought = [diagnostic("F004", "", pointer=one) for one in pointers]
    whole, *places = (one.place for one in config.locate(sought, configuration.reading.texts))
    for (key, value), place in zip(keys.items(), places, strict=True):
        layer = _layer(declaration, key, is_written=place != whole)
        if place is None or layer is None:
            yield Said(key=key, value=value, place=None, layer=None)
        else:
            file = configuration.recorded.get(place.file, place.file)
            yield Said(key=key, value=value, place=replace(place, file=file), layer=layer)


def _layer(declaration: Declaration, key: str, *, is_written: bool) -> Layer | None:
    """The strongest layer that says something of a key."""
    if declaration.layers:
        return next((layer.kind for layer in declaration.layers if key in layer.keys), None)
    return "task" if is_written else None


def _stored(row: Row, record: Record | None, target: Target) -> Stored:
    refused = register([row], read_options(target)).refused
    return Stored(
        id=row.id,
        reference_id=row.reference_id.hex(),
        owner=record.owner if record else None,
        protected=record.protected if record else False,
        applied=_applied(row, target) if record else None,
        refused=refused[0].reason if refused else None,
        active=row.active,
    )


def _applied(row: Row, target: Target) -> AppliedBy | None:
    apply = apply_of(target, row.reference_id)
    if apply is None:
        return None
    return AppliedBy(apply_id=apply.apply_id, at=apply.finished_at, who=apply.who, commit=apply.commit)


def _change(found: _Found, plan: Plan | None) -> tuple[Change | None, Standing | None]:
    """What the plan has for the task, found by its row or its name."""
    if plan is None:
        return None, None
    refused = [one.change for one in plan.blocked if one.change is not None]
    held = [one.change for one in plan.held if one.change]
    every: tuple[tuple[Standing, Sequence[Change]], ...] = (
        ("pending", plan.changes),
        ("held", held),
        ("refused", refused),
    )
    for standing, changes in every:
        for change in changes:
            if _is_of(change, found):
                return change, "refused" if standing == "pending" and plan.is_refused else standing
    return None, None


def _is_of(change: Change, found: _Found) -> bool:
    if found.row is not None and change.row is not None:
        return change.row.reference_id == found.row.reference_id
    return (
        found.declaration is not None
        and change.task is not None
        and change.task.name == found.declaration.task.name
    )


def _hold(row: Row, existing: Existing, request: Request) -> TaskHold | None:
    if row.reference_id not in existing.holds:
        return None
    return told(row.reference_id, {row.reference_id: row}, existing.holds, request.now)


def _schedule(found: _Found, request: Request, target: Target) -> PreviewReport:
    """Of the row, which is what fires; of a task that is in git only, its own."""
    if found.row is not None:
        anchor = anchor_of(found.row, read_anchors(target))
        text = found.row.schedule
        return preview_of(text, None, anchor, FIRES, request.now, request.timezone, _written(found))
    assert found.declaration is not None, "one of the two was found"
    task, written = found.declaration.task, found.declaration.written
    return preview_of(task.schedule, None, None, FIRES, request.now, request.timezone, written)


def _written(found: _Found) -> str | None:
    """The schedule with its `H`, where the row has the value of it."""
    row, declaration = found.row, found.declaration
    if row is None or declaration is None or row.schedule != declaration.task.schedule:
        return None
    return declaration.written


def _loaded(row: Row, target: Target) -> Iterator[LoadedTask]:
    options = read_options(target)
    is_registered = bool(register([row], options).tasks)
    current = fingerprint(row, options.get(row.reference_id))
    for process in schedulers(target):
        loaded = process.loaded.get(row.reference_id.hex())
        if loaded is None and not is_registered:
            continue
        yield LoadedTask(
            host=process.host,
            pid=process.pid,
            is_live=process.is_live(LEASE),
            state=_state(loaded[0] if loaded else None, current if is_registered else None),
        )


def _state(loaded: str | None, current: str | None) -> LoadedState:
    if loaded is None:
        return "not loaded"
    if current is None:
        return "removed"
    return "loaded" if loaded == current else "changed"


def _runs(row: Row, target: Target) -> Iterator[RunReport]:
    return (reported(run) for run in read_runs(target, reference=row.reference_id, limit=RUNS))


def _is_about(one: Diagnostic, declaration: Declaration) -> bool:
    pointer, mine = one.pointer, declaration.at()
    if pointer is None or (pointer.file, pointer.document) != (mine.file, mine.document):
        return False
    return pointer.path[: len(mine.path)] == mine.path
