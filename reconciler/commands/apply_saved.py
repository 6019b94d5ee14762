"""`reconcile apply FILE`."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from reconciler import applying, checks, git, pipeline, saved_plan
from reconciler.commands.files import read_whole
from reconciler.config import Declaration, files_below, layers_above, settled
from reconciler.config.files import ENVIRONMENTS
from reconciler.database.applies import Apply, last_apply
from reconciler.database.bookkeeping import read_database_id
from reconciler.database.processes import read_uptimes
from reconciler.database.rows import read_existing
from reconciler.database.target import Target, connect
from reconciler.database.urls import TargetUrl
from reconciler.diagnostics import Diagnostic, Place, by_place
from reconciler.errors import UsageError
from reconciler.git import Checkout
from reconciler.intent import Intent
from reconciler.planning.changes import Blocked, Existing, FieldChange
from reconciler.planning.moved import How, Moved, moved_rows
from reconciler.report.endings import has_errors
from reconciler.report.plan import Confirm, PlanReport, Source, target_of
from reconciler.request import Request
from reconciler.saved_plan import SavedPlan


def apply_saved(file: Path, request: Request, url: TargetUrl, confirm: Confirm | None = None) -> PlanReport:
    """Apply a plan that was saved, if it is still true; else it is refused, with what moved since.

    Raises UsageError for a file that is not there, ReconcilerError for one that is no saved plan.
    """
    text = read_whole(file, str(file), hint=saved_plan.HINT).decode(errors="replace")
    saved = saved_plan.read(text, str(file), request.variables)
    _require_environment(saved, file, request)
    if why_not := _why_another(saved, url, request):
        raise UsageError(
            f"{file} is a plan for {why_not}",
            hint="name the database that it was planned for with --database-url, or plan again",
        )
    return applying.apply(_intent(saved, request), request, url, confirm)


def _require_environment(saved: SavedPlan, file: Path, request: Request) -> None:
    """Where environments have settings, those of the plan's hold: its freezes, policies and database.

    Raises UsageError for another one.
    """
    planned = saved.basis.environment
    if request.env == planned or not request.listed_envs:
        return
    raise UsageError(
        f"{file} was planned {_with(planned)}, and is to be applied {_with(request.env)}",
        hint="what holds there is in reconcile.yaml: apply it " + _with(planned),
    )


def _with(environment: str | None) -> str:
    return "without --env" if environment is None else f"with --env {environment}"


def _why_another(saved: SavedPlan, url: TargetUrl, request: Request) -> str | None:
    """What tells that this is not the database of the plan, however it is called here and there.

    It is looked at before anything is done, since MySQL keeps the tables of the bookkeeping whatever follows.
    """
    if saved.kind != url.kind:
        return f"{saved.kind}, and {url.display} is not"
    known = saved.basis.database
    with connect(url, read_only=True, lock_timeout=request.lock_timeout) as target:
        found = read_database_id(target)
    if known is None and saved.url != url.display:
        return f"{saved.url}, which had no bookkeeping to know it by: it is applied at that address alone"
    if known is not None and known != found:
        return f"another database: it was made for {saved.url}, and {url.display} is not that one"
    return None


def _intent(saved: SavedPlan, request: Request) -> Intent:
    """To do what the plan says: it is made again, of the same tasks and words, and must be the same."""
    here = git.checkout(request.directory)
    files = _moved_files(saved, here, request.directory)

    def plan(target: Target) -> PlanReport:
        existing = read_existing(target)
        report = _plan(saved, request, target, existing)
        if report.plan is None:
            return report
        rows = moved_rows(saved.changes, report.plan, existing, saved.held)
        if not (rows or files):
            return report
        message = _why(saved, last_apply(target, report.owner))
        return _refused(report, message, (*rows, *files, *_moved_commit(saved, here)))

    return Intent(
        plan=plan,
        draw=lambda target, existing: pipeline.draw(saved.basis.wanted, target, existing, request.now),
        owner=saved.basis.wanted.owner,
        checkout=Checkout(commit=saved.commit, dirty=saved.dirty, repository=saved.basis.wanted.repository),
    )


def _plan(saved: SavedPlan, request: Request, target: Target, existing: Existing) -> PlanReport:
    """The plan of now. What needs no target was checked when it was saved."""
    report = PlanReport(
        owner=saved.basis.wanted.owner,
        source=Source(commit=saved.commit, dirty=saved.dirty, files=tuple(saved.basis.files)),
        target=target_of(target),
        now=request.now,
        timezone=request.timezone,
        diagnostics=tuple(by_place(_errors(saved, request, target))),
        recorded={file: file for file in saved.basis.files},
        declared=saved.basis.wanted.desired,
        notes=request.notes,
    )
    if has_errors(report.diagnostics):
        return report
    request.watch("planning")
    drawn = pipeline.draw(saved.basis.wanted, target, existing, request.now)
    if drawn.diagnostics:
        return replace(report, diagnostics=drawn.diagnostics)
    up = read_uptimes(target, request.now) if drawn.changes else ()
    return replace(report, plan=drawn, up=up, causes=saved.causes)


def _errors(saved: SavedPlan, request: Request, target: Target) -> Iterator[Diagnostic]:
    """What has become wrong since: a user or an action that is gone, a policy that was agreed on."""
    request.watch("checking")
    tasks = saved.basis.wanted.desired
    here = _files_here({one.file for one in tasks}, request.directory)
    declarations = [
        Declaration(
            task=one.task, file=here[one.file], document=0, index=index, line=one.line, column=one.column
        )
        for index, one in enumerate(tasks)
    ]
    found = checks.check(declarations, pipeline.context_of(request, target))
    for one in settled(found, request.rules, "warning", "off"):
        if one.is_error and one.code in checks.MAY_CHANGE and one.pointer:
            task = tasks[int(one.pointer.path[1])]
            yield replace(one, place=Place(file=task.file, line=task.line, column=task.column))


def _files_here(recorded: Iterable[str], directory: Path) -> Mapping[str, str]:
    """By the path that is recorded, the one from here, to which the globs of policies are relative."""
    root = git.find_root(directory) or directory
    return {file: file if file == "-" else os.path.relpath(root / file, directory) for file in recorded}


def _why(saved: SavedPlan, last: Apply | None) -> str:
    when = f"the plan that was saved at {saved.basis.at:%Y-%m-%d %H:%M %Z}"
    if last is not None and last.plan_hash == saved.plan_hash:
        return f"{when} was applied already, as {last.apply_id}"
    return f"{when} is no longer true; plan again"


def _refused(report: PlanReport, message: str, moved: tuple[Moved, ...]) -> PlanReport:
    assert report.plan is not None, "only a plan can be refused"
    stale = Blocked(code="O006", name="", message=message)
    return replace(report, plan=replace(report.plan, blocked=(stale, *report.plan.blocked)), moved=moved)


def _moved_commit(saved: SavedPlan, here: Checkout) -> Iterator[Moved]:
    """No reason of its own to refuse a plan, but it tells where to look."""
    if here.commit and saved.commit and here.commit != saved.commit and _is_ours(saved, here):
        field = FieldChange(path="commit", before=saved.commit, after=here.commit)
        yield Moved(kind="commit", name="HEAD", how="changed", fields=(field,))


def _is_ours(saved: SavedPlan, here: Checkout) -> bool:
    return saved.basis.wanted.repository == here.repository


def _moved_files(saved: SavedPlan, here: Checkout, directory: Path) -> tuple[Moved, ...]:
    """The files that are no longer as they were read; nothing where none of them is here."""
    base, read = here.root or directory, saved.basis.files
    present = {here.recorded(str(file), base): file for file in _files(saved, base)}
    digests = {file: _digest(present.get(file, base / file)) for file in read if file != "-"}
    if not _is_ours(saved, here) or not any(digests.values()):
        return ()
    how: dict[str, How] = {
        file: "gone" if digest is None else "changed"
        for file, digest in digests.items()
        if digest != read[file]
    }
    how |= {file: "appeared" for file in present if file not in read}
    return tuple(Moved(kind="file", name=file, how=how[file]) for file in sorted(how))


def _files(saved: SavedPlan, base: Path) -> Iterator[Path]:
    """Those under its paths, and the defaults and overlays above, but for those of other environments."""
    environment = saved.basis.environment
    folders = [base / path for path in saved.basis.wanted.scope.paths]
    yield from map(Path, layers_above(map(str, folders), base, environment))
    for folder in folders:
        for file in files_below(str(folder), [], with_layers=True) if folder.is_dir() else ():
            if _environment(os.path.relpath(file, folder)) in (None, environment):
                yield Path(file)


def _environment(file: str) -> str | None:
    """Whose overlay it is: `prod` of `tasks/env/prod/a.yaml`."""
    _, is_overlay, rest = f"/{file}".partition(f"/{ENVIRONMENTS}/")
    return rest.partition("/")[0] if is_overlay else None


def _digest(file: Path) -> str | None:
    try:
        if not file.is_file():  # a device has no end
            return None
        return hashlib.sha256(file.read_bytes().removeprefix(b"\xef\xbb\xbf")).hexdigest()
    except (OSError, ValueError):
        return None
