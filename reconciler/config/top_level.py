"""What may stand in a file at the top level, and what else does."""

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

from reconciler.diagnostics import Diagnostic, Pointer, diagnostic, did_you_mean

TASKS = "Tasks"
DEFAULTS = "Defaults"
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


def top_level(file: str, index: int, value: Mapping[Any, Any]) -> Iterable[Diagnostic]:
    """What is odd about the keys of a document."""
    for key in value:
        if key == TASKS:
            if PurePath(file).name.startswith("schema_"):
                yield _schema_file(_key(file, index, key))
        elif key != DEFAULTS and key not in DAPTIN_KEYS and not str(key).startswith("x-"):
            yield unknown_key(_key(file, index, key), key, needs_tasks=TASKS not in value)


def _key(file: str, index: int, key: Any) -> Pointer:
    return Pointer(file=file, document=index, path=(key,), on_key=True)


def _schema_file(pointer: Pointer) -> Diagnostic:
    message = "the name of this file starts with `schema_`: a Daptin that starts beside it loads it too"
    return diagnostic("D001", message, hint="give the file another name", pointer=pointer)


def unknown_key(pointer: Pointer, key: object, *, needs_tasks: bool = False) -> Diagnostic:
    """F009; an error where it was to be `Defaults`, or `Tasks` in a document that `needs_tasks`."""
    meant = did_you_mean(str(key), (TASKS, DEFAULTS, *sorted(DAPTIN_KEYS)))
    hint = f"did you mean `{meant}`?" if meant else "a key of your own starts with `x-`"
    if meant == DEFAULTS:
        message = f"`{key}:` is not `{DEFAULTS}:`, so no default is read"
        return diagnostic("F005", message, hint=hint, pointer=pointer)
    if meant == TASKS and needs_tasks:
        return diagnostic(
            "F007", f"`{key}:` is not `{TASKS}:`, so no task is read", hint=hint, pointer=pointer
        )
    return diagnostic("F009", f"unknown top-level key `{key}`: it is passed over", hint=hint, pointer=pointer)
