"""Documents to declarations: a task of each mapping, and what is wrong with their shape."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from reconciler.config.declarations import NOTHING, Declaration
from reconciler.config.documents import Document
from reconciler.config.folders import place
from reconciler.config.layers import Layer, Path, home, laid_over, merged
from reconciler.config.overlays import Patch
from reconciler.config.resolving import PLACE, resolve, without_misplaced
from reconciler.config.shape import are_tasks, is_task, misshapen, no_list, no_mapping, unread_keys
from reconciler.config.top_level import TASKS
from reconciler.config.variables import PREFIX, Allowed, Problem
from reconciler.diagnostics import Diagnostic, Pointer, diagnostic
from reconciler.schedule import ScheduleError
from reconciler.schedule.hashed import compile_hashed
from reconciler.task import Secret, task_of

NO_VARIABLES = Allowed(prefix=PREFIX, values={})


def declare(
    documents: Iterable[Document], patches: Sequence[Patch] = (), allowed: Allowed = NO_VARIABLES
) -> tuple[list[Declaration], list[Diagnostic]]:
    """The tasks of the documents, and what is wrong with their shape (F004, F005) and their variables (E).

    A task with a fault is declared too, with the faulty keys in `unusable`, so that checks can go on. An `H`
    of a schedule has got its value from the task's name.
    """
    declarations: list[Declaration] = []
    found: list[Diagnostic] = []
    named = {patch.name: patch for patch in patches}
    for document in documents:
        if not isinstance(document.tasks, list):
            pointer = Pointer(file=document.file, document=document.index, path=(TASKS,))
            found.append(no_list(pointer, document.tasks))
        elif _stands_alone(document, named) and are_tasks(document.tasks):
            declarations += [
                Declaration(
                    task=task_of(value),
                    file=document.file,
                    document=document.index,
                    index=index,
                    line=line,
                    column=column,
                )
                for index, (value, (line, column)) in _numbered(document)
            ]
        else:
            declarations += _layered(document, named, allowed, found)
    return [_compiled(one) if "H" in one.task.schedule else one for one in declarations], found


def _stands_alone(document: Document, patches: Mapping[str, Patch]) -> bool:
    """Whether nothing but the document itself says what its tasks are."""
    return not (document.unread or document.has_variables or document.defaults or patches)


def _compiled(declaration: Declaration) -> Declaration:
    """With the schedule that its `H` means; as it is where that is none, for S001 to tell."""
    task = declaration.task
    try:
        schedule = compile_hashed(task.schedule, task.name)
    except ScheduleError:
        return declaration
    if schedule == task.schedule:
        return declaration
    return replace(declaration, task=task._replace(schedule=schedule), written=task.schedule)


class _Ground(NamedTuple):
    """What the tasks of one document have in common: what lies below them, and what may be laid over them."""

    document: Document
    patches: Mapping[str, Patch]  # by the name of the task
    allowed: Allowed
    below: Mapping[str, Any]  # the defaults together


class _Draft(NamedTuple):
    """A task before its shape was looked at."""

    own: Layer
    column: int
    layers: tuple[Layer, ...]
    keys: Mapping[str, Any]  # what the layers say together
    secrets: tuple[Secret, ...]
    problems: tuple[tuple[Path, Problem], ...]

    @property
    def is_patched(self) -> bool:
        return self.layers[0].kind == "overlay"


def _layered(
    document: Document, patches: Mapping[str, Patch], allowed: Allowed, found: list[Diagnostic]
) -> Iterator[Declaration]:
    """The tasks of a document that has faults, variables, or layers over or below it."""
    ground = _ground(document, patches, allowed)
    drafts = []
    for index, (value, (line, column)) in _numbered(document):
        own = Layer(
            "task", value, document.file, document.index, (TASKS, index), line, document.has_variables
        )
        if isinstance(value, dict):
            drafts.append(_draft(own, column, ground))
        else:
            found.append(no_mapping(own.at(), value))
    are_fine = not document.unread and are_tasks([draft.keys for draft in drafts])
    for draft in drafts:
        if (are_fine or _is_fine(draft, ground)) and not draft.is_patched:
            yield _declared(draft, found)
        else:
            yield _mended(draft, ground, found)


def _ground(document: Document, patches: Mapping[str, Patch], allowed: Allowed) -> _Ground:
    folders = {place(folder) for folder in document.folders} if patches else set()
    ours = {name: patch for name, patch in patches.items() if place(patch.folder) in folders}
    below = merged(document.defaults) if document.defaults else {}
    return _Ground(document, ours, allowed, below)


def _draft(own: Layer, column: int, ground: _Ground) -> _Draft:
    layers = (own, *ground.document.defaults)
    keys = laid_over(own.keys, ground.below) if ground.below else own.keys
    name = own.keys.get("Name") if ground.patches else None
    if isinstance(name, str) and (patch := ground.patches.get(name)):
        layers = (patch.layer, *layers)
        keys = laid_over(patch.layer.keys, keys)
    if any(layer.has_variables for layer in layers) and isinstance(keys.get(PLACE), dict):
        attributes, secrets, problems = resolve(keys[PLACE], ground.allowed)
        return _Draft(own, column, layers, {**keys, PLACE: attributes}, secrets, problems)
    return _Draft(own, column, layers, keys, (), ())


def _is_fine(draft: _Draft, ground: _Ground) -> bool:
    return not unread_keys(draft.own.keys, ground.document.unread) and is_task(draft.keys)


def _declared(draft: _Draft, found: list[Diagnostic]) -> Declaration:
    own = draft.own
    for path, problem in draft.problems:
        pointer = home(draft.layers, path).at(*path)
        found.append(diagnostic(problem.code, problem.message, hint=problem.hint, pointer=pointer))
    task = task_of(draft.keys)
    return Declaration(
        task=task._replace(secrets=draft.secrets) if draft.secrets else task,
        file=own.file,
        document=own.document,
        index=int(own.path[1]),
        line=own.line,
        column=draft.column,
        layers=draft.layers if len(draft.layers) > 1 else (),
    )


def _mended(draft: _Draft, ground: _Ground, found: list[Diagnostic]) -> Declaration:
    """What remains of a task without what is wrong with it. The other layers were looked at already."""
    keys, at = draft.own.keys, draft.own.at()
    fit = without_misplaced(keys, at, found) if draft.own.has_variables else keys
    told = unread_keys(keys, ground.document.unread) | (keys.keys() - fit.keys())
    over = frozenset(draft.layers[0].keys) if draft.is_patched else NOTHING
    faults = misshapen(fit, at, told, supplied=over.union(ground.below))
    found += faults.diagnostics
    usable = {key: value for key, value in fit.items() if key not in faults.unusable}
    if not faults.unusable:
        return _declared(draft, found)
    whole = _declared(_draft(draft.own._replace(keys=usable), draft.column, ground), found)
    return replace(whole, absent=faults.absent, unusable=faults.unusable - over)


def _numbered(document: Document) -> Iterable[tuple[int, tuple[Any, tuple[int, int]]]]:
    return enumerate(zip(document.tasks, document.starts, strict=True))
