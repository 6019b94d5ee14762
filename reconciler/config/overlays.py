"""Overlays: what an environment says of tasks, in the files of `env/NAME/` beside them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from reconciler.config.composer import Composed, compose
from reconciler.config.declarations import Declaration
from reconciler.config.files import ENVIRONMENTS, files_below, found_text, overlays_below
from reconciler.config.folders import environments, place
from reconciler.config.layers import Layer
from reconciler.config.lines import starts_of
from reconciler.config.parsing import parse
from reconciler.config.resolving import without_misplaced
from reconciler.config.shape import misshapen, no_list, no_mapping, shown, unread_keys
from reconciler.config.top_level import DEFAULTS, TASKS, unknown_key
from reconciler.diagnostics import Diagnostic, Place, Pointer, diagnostic, did_you_mean
from reconciler.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """What an environment says of one task."""

    name: str
    layer: Layer
    folder: str  # whose tasks it may patch: those of the files in it and below it


def read_overlays(
    environment: str,
    folders: Iterable[str],
    listed: Collection[str],
    texts: dict[str, str],
    found: list[Diagnostic],
) -> list[Patch]:
    """The overlays of an environment. Its files are added to `texts`, what is wrong with them to `found`.

    `listed` are the environments that need no folder. Raises UsageError for one that is not known.
    """
    known = environments(folders)
    if environment not in known and environment not in listed:
        raise _unknown(environment, [*known, *listed])
    patches: list[Patch] = []
    for path, folder in known.get(environment, ()):
        for file in overlays_below(path, found):
            text = found_text(file, found)
            if text is not None:
                texts[file] = text
                patches += _read(file, text, folder, found)
    return list(_each_once(patches, found))


def _unknown(environment: str, known: Sequence[str]) -> UsageError:
    if not known:
        hint = f"its overlays would be in the folder {ENVIRONMENTS}/{environment}, beside the tasks"
        return UsageError(f"there is no environment {environment!r}, nor any other", hint=hint)
    meant = did_you_mean(environment, known)
    hint = f"did you mean {meant!r}?" if meant else f"there is {', '.join(sorted(set(known)))}"
    return UsageError(f"there is no environment {environment!r}", hint=hint)


def _read(file: str, text: str, folder: str, found: list[Diagnostic]) -> Iterator[Patch]:
    composed = parse(file, text, found)
    if composed is None:
        return
    before = len(found)
    for index, value in enumerate(composed.values):
        if isinstance(value, dict):
            found += _top_level(file, index, value)
            if TASKS in value:
                yield from _patches(_Source(file, text, index, composed, folder), value[TASKS], found)
        elif value is not None:
            message, hint = "an overlay is a mapping with `Tasks:` in it", "start the file with `Tasks:`"
            pointer = Pointer(file=file, document=index)
            found.append(diagnostic("F004", message, hint=hint, pointer=pointer))
    if not any(isinstance(value, dict) for value in composed.values) and len(found) == before:
        hint = f"start the file with `{TASKS}:`"
        found.append(diagnostic("F007", f"no `{TASKS}:` in it", hint=hint, place=Place(file=file)))


class _Source(NamedTuple):
    """A document of an overlay."""

    file: str
    text: str
    document: int
    composed: Composed
    folder: str

    def at(self, *keys: str | int, on_key: bool = False) -> Pointer:
        return Pointer(file=self.file, document=self.document, path=keys, on_key=on_key)


def _top_level(file: str, index: int, value: Mapping[Any, Any]) -> Iterator[Diagnostic]:
    for key in value:
        pointer = Pointer(file=file, document=index, path=(key,), on_key=True)
        if key == DEFAULTS:
            hint = "an overlay names its tasks: write the keys below each"
            yield diagnostic("E008", "defaults in an overlay are not read", hint=hint, pointer=pointer)
        elif key != TASKS and not str(key).startswith("x-"):
            yield unknown_key(pointer, key, needs_tasks=TASKS not in value)


def _patches(source: _Source, tasks: Any, found: list[Diagnostic]) -> Iterator[Patch]:
    if not isinstance(tasks, list):
        found.append(no_list(source.at(TASKS), tasks))
        return
    starts = starts_of(source.text, source.composed.starts.get(id(tasks), ()))
    for index, (keys, (line, _)) in enumerate(zip(tasks, starts, strict=True)):
        at = source.at(TASKS, index)
        if not isinstance(keys, dict):
            found.append(no_mapping(at, keys))
        elif layer := _layer(source, keys, at, line, found):
            said = {key: value for key, value in layer.keys.items() if key != "Name"}
            yield Patch(name=layer.keys["Name"], layer=layer._replace(keys=said), folder=source.folder)


def _layer(
    source: _Source, keys: Mapping[Any, Any], at: Pointer, line: int, found: list[Diagnostic]
) -> Layer | None:
    """What is said of a task, without what is wrong with it; None where its name is."""
    fit = without_misplaced(keys, at, found)
    faults = misshapen(fit, at, unread_keys(keys, source.composed.unread), part="overlay")
    found += faults.diagnostics
    usable = {key: value for key, value in fit.items() if key not in faults.unusable}
    if "Name" not in usable:
        return None
    return Layer(
        "overlay", usable, source.file, source.document, at.path, line, source.composed.has_variables
    )


def _each_once(patches: Iterable[Patch], found: list[Diagnostic]) -> Iterator[Patch]:
    """Without those of a task that is patched already (E007)."""
    first: dict[str, Layer] = {}
    for patch in patches:
        earlier = first.setdefault(patch.name, patch.layer)
        if earlier is patch.layer:
            yield patch
        else:
            message = f"{shown(patch.name)} is patched already at {earlier.file}:{earlier.line}"
            hint = "an environment says in one place how it differs in a task: move the keys there"
            found.append(diagnostic("E007", message, hint=hint, pointer=patch.layer.at("Name")))


def unmatched(
    patches: Sequence[Patch], declarations: Sequence[Declaration], texts: Collection[str]
) -> Iterator[Diagnostic]:
    """E006: patches of tasks that no file declares, whether it was given or not."""
    matched = {one.task.name for one in declarations if one.layers and one.layers[0].kind == "overlay"}
    known = {one.task.name: one for one in declarations}
    names_by_folder: dict[str, frozenset[str]] = {}
    for patch in patches:
        if patch.name in matched:
            continue
        names = names_by_folder.get(patch.folder)
        if names is None:
            names = names_by_folder[patch.folder] = _not_given(patch.folder, texts)
        if patch.name not in names:
            yield _no_such_task(patch, known, names)


def _not_given(folder: str, texts: Collection[str]) -> frozenset[str]:
    """The names of the tasks in files below a directory that were not read."""
    read = {place(file) for file in texts}
    files = (file for file in files_below(folder, []) if place(file) not in read)
    return frozenset(name for file in files for name in _names(file))


def _names(file: str) -> Iterator[str]:
    text = found_text(file, [])
    for value in compose(text).values if text is not None else ():
        tasks = value.get(TASKS) if isinstance(value, dict) else None
        for task in tasks if isinstance(tasks, list) else ():
            if isinstance(task, dict) and isinstance(name := task.get("Name"), str):
                yield name


def _no_such_task(patch: Patch, known: Mapping[str, Declaration], names: Collection[str]) -> Diagnostic:
    elsewhere = known.get(patch.name)
    if elsewhere is not None:
        hint = f"it is declared at {elsewhere.file}:{elsewhere.line}: an overlay lies beside its tasks"
    else:
        meant = did_you_mean(patch.name, [*known, *names])
        hint = f"did you mean {shown(meant)}?" if meant else "an overlay changes tasks and makes none"
    where = "here" if patch.folder == "." else f"in {patch.folder}"
    message = f"no task {shown(patch.name)} is declared {where} or below"
    return diagnostic("E006", message, hint=hint, pointer=patch.layer.at("Name"))
