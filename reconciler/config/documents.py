"""Texts to documents: what stands in each file at the top level."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any, BinaryIO

from reconciler.config.composer import Composed, compose
from reconciler.config.files import texts
from reconciler.config.lines import Lines, starts_of
from reconciler.config.positions import duplicate_keys
from reconciler.diagnostics import Diagnostic, Place, Pointer, Severity, diagnostic, did_you_mean

TASKS = "Tasks"
DAPTIN_KEYS = frozenset(
    {
        "Tables",
        "EnableGraphQL",
        "Imports",
        "StateMachineDescriptions",
        "Relations",
        "Actions",
        "ExchangeContracts",
        "Hostname",
        "SubSites",
        "Streams",
        "ActionPerformers",
    }
)
"""The other top-level keys of a Daptin schema file. Source: the fields of CmsConfig in Daptin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A YAML document that has `Tasks`."""

    file: str
    index: int
    tasks: Any  # as written
    starts: Sequence[tuple[int, int]]  # line and column of each task; empty where `tasks` is no list
    unread: Mapping[int, frozenset[Any]] = field(default_factory=dict)  # as the composer says


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the files hold, and what kept some of them from being read."""

    documents: tuple[Document, ...]
    texts: Mapping[str, str]  # by file, in the order of reading
    diagnostics: tuple[Diagnostic, ...]


def read(paths: Sequence[str], *, stdin: BinaryIO | None = None) -> Reading:
    """Read files, every YAML file below a directory, and standard input for `-`; each once.

    Never raises for what is in the files or missing: that is a diagnostic.
    """
    found: list[Diagnostic] = []
    documents: list[Document] = []
    by_file: dict[str, str] = {}
    without: list[str] = []
    for file, text in texts(paths, stdin, found):
        by_file[file] = text
        composed = compose(text)
        found += _faults(file, text, composed)
        if composed.is_whole:
            mine = list(_documents(file, text, composed, found))
            documents += mine
            if not mine:
                without.append(file)
    found += _missing(without, bool(documents), found)
    return Reading(documents=tuple(documents), texts=by_file, diagnostics=tuple(found))


def read_texts(
    paths: Sequence[str], *, stdin: BinaryIO | None = None
) -> tuple[Mapping[str, str], list[Diagnostic]]:
    """The texts alone, by file, and what is wrong with them as YAML."""
    found: list[Diagnostic] = []
    by_file = dict(texts(paths, stdin, found))
    for file, text in by_file.items():
        found += _faults(file, text, compose(text))
    return by_file, found


def _faults(file: str, text: str, composed: Composed) -> list[Diagnostic]:
    if not composed.faults and not composed.has_duplicates:
        return []
    lines = Lines(file, text)
    found = [
        diagnostic(one.code, one.message, hint=one.hint, place=lines.place(one.start, one.end))
        for one in composed.faults
    ]
    if composed.has_duplicates:
        found += duplicate_keys(lines)
    return found


def _documents(file: str, text: str, composed: Composed, found: list[Diagnostic]) -> Iterable[Document]:
    for index, value in enumerate(composed.values):
        if isinstance(value, dict):
            found += _top_level(file, index, value)
            if TASKS in value:
                tasks = value[TASKS]
                starts = starts_of(text, composed.starts.get(id(tasks), ()))
                yield Document(file=file, index=index, tasks=tasks, starts=starts, unread=composed.unread)
            elif TASKS in composed.unread.get(id(value), ()):
                yield Document(file=file, index=index, tasks=[], starts=())
        elif value is not None:
            message = "a document is a mapping with `Tasks:` in it"
            pointer = Pointer(file=file, document=index)
            found.append(diagnostic("F004", message, hint="start the file with `Tasks:`", pointer=pointer))


def _top_level(file: str, index: int, value: Mapping[Any, Any]) -> Iterable[Diagnostic]:
    for key in value:
        if key == TASKS:
            if PurePath(file).name.startswith("schema_"):
                yield _schema_file(_key(file, index, key))
        elif key not in DAPTIN_KEYS and not str(key).startswith("x-"):
            yield _unknown(_key(file, index, key), key, TASKS in value)


def _key(file: str, index: int, key: Any) -> Pointer:
    return Pointer(file=file, document=index, path=(key,), on_key=True)


def _schema_file(pointer: Pointer) -> Diagnostic:
    message = "the name of this file starts with `schema_`: a Daptin that starts beside it loads it too"
    return diagnostic("D001", message, hint="give the file another name", pointer=pointer)


def _unknown(pointer: Pointer, key: object, has_tasks: bool) -> Diagnostic:
    meant = did_you_mean(str(key), (TASKS, *sorted(DAPTIN_KEYS)))
    hint = f"did you mean `{meant}`?" if meant else "a key of your own starts with `x-`"
    if meant == TASKS and not has_tasks:
        return diagnostic(
            "F007", f"`{key}:` is not `{TASKS}:`, so no task is read", hint=hint, pointer=pointer
        )
    return diagnostic("F009", f"unknown top-level key `{key}`: it is passed over", hint=hint, pointer=pointer)


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
