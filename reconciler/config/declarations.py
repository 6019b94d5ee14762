"""A declaration: a task with its place in a document."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from reconciler.config.documents import Document
from reconciler.config.shape import are_tasks, is_task, kind, misshapen
from reconciler.diagnostics import Diagnostic, Pointer, diagnostic
from reconciler.schedule import ScheduleError, compile_hashed, written_span
from reconciler.task import Task, task_of

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    task: Task  # keys without a usable value stand at their empty value ("" or the default)
    file: str  # as given on the command line, "-" for standard input
    document: int  # index of the document in the file
    index: int  # index in `Tasks`
    line: int  # where the task starts, from 1
    column: int = 1
    absent: frozenset[str] = NOTHING  # required keys that are not there, and not misspelt either
    unusable: frozenset[str] = NOTHING  # absent, null, of the wrong type or misspelt: checks pass over them
    written: str | None = None  # the schedule with its `H`, of which the task's was made

    def at(self, *keys: str | int, on_key: bool = False, span: tuple[int, int] | None = None) -> Pointer:
        """The spot of a key of this task: `declaration.at("Attributes", "count")`; without keys the task.

        A span is one of the task's text, even where another one is written.
        """
        if span is not None and self.written is not None and keys == ("Schedule",):
            span = written_span(self.written, self.task.schedule, span)
        return Pointer(
            file=self.file,
            document=self.document,
            path=("Tasks", self.index, *keys),
            on_key=on_key,
            span=span,
        )


def declare(documents: Iterable[Document]) -> tuple[list[Declaration], list[Diagnostic]]:
    """The tasks of the documents, and what is wrong with their shape (F004, F005).

    A task with a fault is declared too, with the faulty keys in `unusable`, so that checks can go on. An `H`
    of a schedule has got its value from the task's name.
    """
    declarations: list[Declaration] = []
    found: list[Diagnostic] = []
    for document in documents:
        if not isinstance(document.tasks, list):
            found.append(_no_list(document))
        elif not document.unread and are_tasks(document.tasks):
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
            declarations += _with_faults(document, found)
    return [_compiled(one) if "H" in one.task.schedule else one for one in declarations], found


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


def _with_faults(document: Document, found: list[Diagnostic]) -> Iterable[Declaration]:
    for index, (value, (line, column)) in _numbered(document):
        one = Declaration(
            task=_EMPTY, file=document.file, document=document.index, index=index, line=line, column=column
        )
        unread = _unread(value, document.unread)
        if not unread and is_task(value):
            yield replace(one, task=task_of(value))
        elif isinstance(value, dict):
            faults = misshapen(value, one.at(), unread)
            found += faults.diagnostics
            usable = {key: item for key, item in value.items() if key not in faults.unusable}
            yield replace(one, task=task_of(usable), absent=faults.absent, unusable=faults.unusable)
        else:
            found.append(_no_mapping(one.at(), value))


def _unread(value: object, unread: Mapping[int, frozenset[Any]]) -> frozenset[Any]:
    """The keys of a task that lack a value, or a part of it, for a fault that is told already."""
    if not unread or not isinstance(value, dict):
        return NOTHING
    parts = (key for key, item in value.items() if id(item) in unread)
    return unread.get(id(value), NOTHING).union(parts)


def _numbered(document: Document) -> Iterable[tuple[int, tuple[Any, tuple[int, int]]]]:
    return enumerate(zip(document.tasks, document.starts, strict=True))


def _no_list(document: Document) -> Diagnostic:
    pointer = Pointer(file=document.file, document=document.index, path=("Tasks",))
    if document.tasks is None:
        message, hint = "`Tasks` has no value (null)", "for no tasks at all write `Tasks: []`"
    else:
        message, hint = (
            f"`Tasks` must be a list, not {kind(document.tasks)}",
            "start each task with `- Name:`",
        )
    return diagnostic("F004", message, hint=hint, pointer=pointer)


def _no_mapping(pointer: Pointer, value: object) -> Diagnostic:
    message = f"a task must be a mapping, not {kind(value)}"
    return diagnostic("F004", message, hint="start each task with `- Name:`", pointer=pointer)


_EMPTY = task_of({})
