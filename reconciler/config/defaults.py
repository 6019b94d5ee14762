"""`Defaults:` of a file, and of a directory in its `_defaults.yaml`."""

import os
from collections.abc import Mapping
from typing import Any

from reconciler.config.composer import Composed
from reconciler.config.files import DEFAULTS, found_text
from reconciler.config.layers import Kind, Layer
from reconciler.config.parsing import parse
from reconciler.config.resolving import without_misplaced
from reconciler.config.shape import below, kind, misshapen, unread_keys
from reconciler.config.top_level import DEFAULTS as KEY
from reconciler.config.top_level import TASKS, unknown_key
from reconciler.diagnostics import Diagnostic, Place, Pointer, diagnostic

OWN = {"Name": "it is what tells tasks apart", "PreviousNames": "no two tasks had the same one"}
"""Keys that each task has to say itself, and why."""


class DirectoryDefaults:
    """The defaults of directories, each read once."""

    def __init__(self, texts: dict[str, str], found: list[Diagnostic]) -> None:
        self.texts = texts
        self.found = found
        self.known: dict[str, Layer | None] = {}

    def of(self, folder: str) -> Layer | None:
        """The layer of a directory; None where it has none, or none that could be read."""
        if folder not in self.known:
            self.known[folder] = self._read(os.path.normpath(os.path.join(folder, DEFAULTS)))
        return self.known[folder]

    def _read(self, file: str) -> Layer | None:
        if not os.path.lexists(file):
            return None
        text = found_text(file, self.found)
        if text is None:
            return None
        self.texts[file] = text
        composed = parse(file, text, self.found)
        return None if composed is None else _directory_layer(file, composed, self.found)


def _directory_layer(file: str, composed: Composed, found: list[Diagnostic]) -> Layer | None:
    """What a `_defaults.yaml` holds."""
    before = len(found)
    layers = [
        layer
        for index, value in enumerate(composed.values)
        if isinstance(value, dict) and (layer := _of_document(file, index, value, composed, found))
    ]
    if not layers and not any(one.is_error for one in found[before:]):
        hint = f"start the file with `{KEY}:`"
        found.append(diagnostic("F007", f"no `{KEY}:` in it", hint=hint, place=Place(file=file)))
    return _only_layer(layers, found)


def file_layer(file: str, composed: Composed, found: list[Diagnostic]) -> Layer | None:
    """The `Defaults:` of a file of tasks; None where it has none."""
    layers = [
        layer
        for index, value in enumerate(composed.values)
        if isinstance(value, dict) and (layer := _defaults_layer("file", file, index, value, composed, found))
    ]
    return _only_layer(layers, found)


def _of_document(
    file: str, index: int, value: Mapping[Any, Any], composed: Composed, found: list[Diagnostic]
) -> Layer | None:
    for key in value:
        if key != KEY and not str(key).startswith("x-"):
            found.append(_foreign(key, Pointer(file=file, document=index, path=(key,), on_key=True)))
    return _defaults_layer("directory", file, index, value, composed, found)


def _only_layer(layers: list[Layer], found: list[Diagnostic]) -> Layer | None:
    """The one of a file: a second one is told and passed over."""
    for second in layers[1:]:
        pointer = Pointer(file=second.file, document=second.document, path=second.path, on_key=True)
        message = f"`{KEY}:` stands in this file twice: it holds for all of its documents"
        found.append(diagnostic("F003", message, hint="keep one of them", pointer=pointer))
    return layers[0] if layers else None


def _defaults_layer(
    named: Kind, file: str, index: int, value: Mapping[Any, Any], composed: Composed, found: list[Diagnostic]
) -> Layer | None:
    """The `Defaults:` of a document, without what is wrong with it; None where it has none."""
    if KEY not in value:
        return None
    keys, at = value[KEY], Pointer(file=file, document=index, path=(KEY,))
    if not isinstance(keys, dict):
        found.append(_no_mapping(keys, at))
        return None
    fit = without_misplaced(_without_own(keys, at, found), at, found)
    faults = misshapen(fit, at, unread_keys(keys, composed.unread), part="defaults")
    found += faults.diagnostics
    return Layer(
        kind=named,
        keys={key: one for key, one in fit.items() if key not in faults.unusable},
        file=file,
        document=index,
        path=at.path,
        has_variables=composed.has_variables,
    )


def _without_own(keys: Mapping[Any, Any], at: Pointer, found: list[Diagnostic]) -> dict[Any, Any]:
    """The keys but those that every task has to say itself."""
    fit = {key: value for key, value in keys.items() if key != "Name"}
    if "Name" in keys:
        found.append(_own("Name", below(at, "Name", on_key=True)))
    block = fit.get("Lifecycle")
    if isinstance(block, dict) and "PreviousNames" in block:
        found.append(_own("PreviousNames", below(at, "Lifecycle", "PreviousNames", on_key=True)))
        fit["Lifecycle"] = {key: value for key, value in block.items() if key != "PreviousNames"}
    return fit


def _own(key: str, pointer: Pointer) -> Diagnostic:
    message = f"`{key}` has no default: {OWN[key]}"
    return diagnostic("F005", message, hint=f"write `{key}:` in each task that has one", pointer=pointer)


def _no_mapping(keys: object, pointer: Pointer) -> Diagnostic:
    if keys is None:
        message, hint = f"`{KEY}` has no value (null)", "give it keys of a task, or take it away"
    else:
        message = f"`{KEY}` must be a mapping, not {kind(keys)}"
        hint = "write keys of a task below it: `Active: false`"
    return diagnostic("F004", message, hint=hint, pointer=pointer)


def _foreign(key: object, pointer: Pointer) -> Diagnostic:
    if key == TASKS:
        hint = "move them to a file of another name, or call this one differently"
        return diagnostic("E008", f"tasks in a {DEFAULTS} are not read", hint=hint, pointer=pointer)
    return unknown_key(pointer, key)
