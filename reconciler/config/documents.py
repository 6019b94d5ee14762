"""Texts to documents: what stands in each file at the top level."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from reconciler.config.composer import Composed
from reconciler.config.defaults import DirectoryDefaults, file_layer
from reconciler.config.files import texts
from reconciler.config.folders import Folders
from reconciler.config.layers import Layer
from reconciler.config.lines import starts_of
from reconciler.config.overlays import Patch, read_overlays
from reconciler.config.parsing import parse
from reconciler.config.top_level import TASKS, top_level
from reconciler.diagnostics import Diagnostic, Place, Pointer, Severity, diagnostic


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A YAML document that has `Tasks`."""

    file: str
    index: int
    tasks: Any  # as written
    starts: Sequence[tuple[int, int]]  # line and column of each task; empty where `tasks` is no list
    unread: Mapping[int, frozenset[Any]] = field(default_factory=dict)  # as the composer says
    has_variables: bool = False  # `!env` stands somewhere in the file
    defaults: tuple[Layer, ...] = ()  # that hold for its tasks, the nearest first
    folders: tuple[str, ...] = ()  # whose overlays hold for them, where an environment is named


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the files hold, and what kept some of them from being read."""

    documents: tuple[Document, ...]
    texts: Mapping[str, str]  # by file, in the order of reading; of defaults and overlays too
    diagnostics: tuple[Diagnostic, ...]
    patches: tuple[Patch, ...] = ()

    @property
    def layer_files(self) -> frozenset[str]:
        """Of directories' defaults and of overlays: they need not lie below the paths that were given."""
        below = (layer for one in self.documents for layer in one.defaults if layer.kind == "directory")
        return frozenset((*(one.file for one in below), *(one.layer.file for one in self.patches)))

    @property
    def is_partial(self) -> bool:
        """Whether tasks may stand in what could not be read."""
        return any(one.code in ("F001", "F002", "F006") for one in self.diagnostics)


def read(
    paths: Sequence[str],
    *,
    stdin: BinaryIO | None = None,
    base: Path | None = None,
    environment: str | None = None,
    listed: Collection[str] = (),
) -> Reading:
    """Read files, every YAML file below a directory, and standard input for `-`; each once.

    Whatever is in the files or missing is a diagnostic. `base` is the directory up to which those above the
    files have defaults and overlays; the working directory where it is not given. Raises UsageError for an
    `environment` that has no folder anywhere and is not `listed`.
    """
    found: list[Diagnostic] = []
    by_file: dict[str, str] = {}
    documents: list[Document] = []
    without: list[str] = []
    folders = Folders(paths, base or Path())
    defaults = DirectoryDefaults(by_file, found)
    for file, text in texts(paths, stdin, found):
        by_file[file] = text
        composed = parse(file, text, found)
        if composed is not None:
            mine = list(_documents(file, text, composed, found))
            above = folders.above(file)
            layers = tuple(filter(None, (file_layer(file, composed, found), *map(defaults.of, above))))
            documents += [replace(one, defaults=layers, folders=above) for one in mine]
            if not mine:
                without.append(file)
    found += _missing(without, bool(documents), found)
    patches = read_overlays(environment, folders.every(), listed, by_file, found) if environment else ()
    return Reading(
        documents=tuple(documents), texts=by_file, diagnostics=tuple(found), patches=tuple(patches)
    )


def read_texts(
    paths: Sequence[str], *, stdin: BinaryIO | None = None
) -> tuple[Mapping[str, str], list[Diagnostic]]:
    """The texts alone, by file, of defaults and overlays too, and what is wrong with them as YAML."""
    found: list[Diagnostic] = []
    by_file = dict(texts(paths, stdin, found, with_layers=True))
    for file, text in by_file.items():
        parse(file, text, found)
    return by_file, found


def _documents(file: str, text: str, composed: Composed, found: list[Diagnostic]) -> Iterable[Document]:
    for index, value in enumerate(composed.values):
        if isinstance(value, dict):
            found += top_level(file, index, value)
            if TASKS in value:
                tasks = value[TASKS]
                starts = starts_of(text, composed.starts.get(id(tasks), ()))
                yield Document(
                    file=file,
                    index=index,
                    tasks=tasks,
                    starts=starts,
                    unread=composed.unread,
                    has_variables=composed.has_variables,
                )
            elif TASKS in composed.unread.get(id(value), ()):
                yield Document(file=file, index=index, tasks=[], starts=())
        elif value is not None:
            message = "a document is a mapping with `Tasks:` in it"
            pointer = Pointer(file=file, document=index)
            found.append(diagnostic("F004", message, hint="start the file with `Tasks:`", pointer=pointer))


def _missing(without: list[str], have_some: bool, found: Sequence[Diagnostic]) -> Iterable[Diagnostic]:
    """F007: an error where no file at all has tasks, a warning for one file among several."""
    told = {one.pointer.file for one in found if one.is_error and one.pointer}
    some_failed = any(one.is_error for one in found)
    for file in without:
        if file not in told:
            one = diagnostic(
                "F007", f"no `{TASKS}:` in it", hint=f"start the file with `{TASKS}:`", place=Place(file=file)
            )
            is_warning = have_some or some_failed
            yield replace(one, severity=Severity.WARNING) if is_warning else one
