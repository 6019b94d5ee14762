"""The lines that a change goes back to: of its task, or of the defaults or overlay that say a value."""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from reconciler.config.declarations import Declaration
from reconciler.config.files import DEFAULTS, ENVIRONMENTS
from reconciler.config.layers import origins
from reconciler.config.positions import places
from reconciler.diagnostics import Place, Pointer
from reconciler.git import Checkout, Lines
from reconciler.planning.changes import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What was read, by the path that is recorded for it."""

    checkout: Checkout
    texts: Mapping[str, str]
    declarations: Sequence[Declaration]
    recorded: Mapping[str, str]  # by the path that was given
    environment: str | None  # whose overlays are among them

    def layers_above(self, file: str) -> tuple[str, ...]:
        """Where defaults and overlays of a file's tasks are, whether they are there or not."""
        names = (DEFAULTS, *((f"{ENVIRONMENTS}/{self.environment}",) if self.environment else ()))
        folders = file.split("/")[:-1]
        above = ("/".join((*folders[:depth], "")) for depth in range(len(folders), -1, -1))
        return tuple(folder + name for folder in above for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Lines of a file, which is named as it is recorded."""

    file: str
    lines: Lines


def sources_of(changes: Sequence[Change], files: Files) -> list[tuple[Source, ...]]:
    """For each change, all of them declared, what it goes back to.

    Those of the task are left out where another layer says every value that changed.
    """
    blocks = blocks_of({one.desired.file for one in changes if one.desired}, files)
    elsewhere = [_elsewhere(change) for change in changes]
    values = _values([one for pointers, _ in elsewhere for one in pointers], files)
    found = []
    for change, (pointers, says_none) in zip(changes, elsewhere, strict=True):
        assert change.desired is not None, "what is not declared has no lines"
        file = change.desired.file
        own = Source(file=file, lines=blocks[file][change.desired.line])
        others = tuple(dict.fromkeys(values[one] for one in pointers if one in values))
        found.append(others if says_none and others else (own, *others))
    return found


def said_of(declaration: Declaration, files: Files) -> tuple[Source, ...]:
    """All that says something of a task: its own lines, and those of each value of another layer."""
    file = files.recorded[declaration.file]
    own = Source(file=file, lines=blocks_of((file,), files)[file][declaration.line])
    elsewhere = [
        one.layer.at(*one.path, on_key=True)
        for one in origins(declaration.layers)
        if one.layer.kind != "task"
    ]
    return own, *dict.fromkeys(_values(elsewhere, files).values())


def _elsewhere(change: Change) -> tuple[list[Pointer], bool]:
    """The keys of the values that changed and that another layer says; whether the task says none of them."""
    if change.desired is None or change.desired.pointer is None:
        return [], False
    at = change.desired.pointer
    every = [at(*field.path.split("."), on_key=True) for field in change.fields]
    elsewhere = [one for one in every if not _is_within(one, at())]
    return elsewhere, len(elsewhere) == len(every)


def _is_within(pointer: Pointer, own: Pointer) -> bool:
    depth = len(own.path)
    return (pointer.file, pointer.document, pointer.path[:depth]) == (own.file, own.document, own.path)


def _values(pointers: Sequence[Pointer], files: Files) -> Mapping[Pointer, Source]:
    """The lines of keys with their values, in files that were read."""
    texts = {one.file: files.texts[files.recorded[one.file]] for one in pointers}
    placed = places(pointers, texts)
    return {
        pointer: Source(
            file=files.recorded[pointer.file],
            lines=_extent(texts[pointer.file].split("\n"), place, place.line),
        )
        for pointer, place in placed.items()
        if place.line is not None
    }


def _extent(lines: Sequence[str], key: Place, first: int) -> Lines:
    """From the line of a key to the last one that is indented below it, or is an element of its list."""
    own = (key.column or 1) - 1
    last = first
    for number, line in enumerate(lines[first:], first + 1):
        words = line.strip()
        indent = len(line) - len(line.lstrip(" "))
        if words and indent <= own and not (indent == own and words.startswith("-")):
            break
        if words and not words.startswith("#"):
            last = number
    return first, last


def blocks_of(wanted: Container[str], files: Files) -> Mapping[str, Mapping[int, Lines]]:
    """Of each wanted file the lines of its tasks, by the line on which a task starts.

    They go up to the next task, but for what is blank or a comment.
    """
    starts: dict[str, set[int]] = defaultdict(set)
    for one in files.declarations:
        if (file := files.recorded[one.file]) in wanted:
            starts[file].add(one.line)
    return {file: _blocks(files.texts[file], sorted(found)) for file, found in starts.items()}


def _blocks(text: str, starts: Sequence[int]) -> Mapping[int, Lines]:
    lines = text.split("\n")  # as git does, whatever else ends a line elsewhere
    ends = [*(start - 1 for start in starts[1:]), len(lines)]
    spans = zip(starts, (min(end, len(lines)) for end in ends), strict=True)
    return {start: (start, _trimmed(lines, start, end)) for start, end in spans}


def _trimmed(lines: Sequence[str], start: int, end: int) -> int:
    """The last line of a block; a task that shares its line with the next has at least that one."""
    end = max(start, end)
    while start < end <= len(lines) and lines[end - 1].strip()[:1] in ("", "#"):
        end -= 1
    return end
