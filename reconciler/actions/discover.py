"""Which actions are installed: those of the entry points, and of modules that are named."""

import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any

from reconciler.actions.declare import MARK
from reconciler.actions.run import ActionKey, Function
from reconciler.errors import UsageError

GROUP = "reconciler.actions"
"""The group of entry points; each names a module or a function."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    functions: Mapping[ActionKey, Function]
    problems: tuple[str, ...] = ()  # packages that could not be loaded, actions that two packages claim


def find(modules: Sequence[str] = (), installed: Iterable[EntryPoint] | None = None) -> Found:
    """All actions. One that a named module defines comes before one that is installed.

    Raises UsageError for a named module that cannot be imported; an installed package that cannot is only a
    problem, for the rest goes on without it.
    """
    functions: dict[ActionKey, Function] = {}
    problems: list[str] = []
    for name in modules:
        for key, function in _actions_of(_import(name)):
            functions.setdefault(key, function)
    named = frozenset(functions)
    for point in sorted(_points(installed), key=lambda one: one.name):
        try:
            loaded = list(_actions_of(point.load()))
        except Exception as error:
            problems.append(f"the actions of {point.value} cannot be loaded: {type(error).__name__}: {error}")
            continue
        problems += _add(functions, named, loaded)
    return Found(functions=functions, problems=tuple(problems))


def _points(installed: Iterable[EntryPoint] | None) -> Iterable[EntryPoint]:
    return entry_points(group=GROUP) if installed is None else installed


def _add(
    functions: dict[ActionKey, Function], named: frozenset[ActionKey], found: list[tuple[ActionKey, Function]]
) -> Iterator[str]:
    for key, function in found:
        known = functions.setdefault(key, function)
        if known is not function and key not in named:
            places = f"{known.__module__} and by {function.__module__}"
            yield f"{'/'.join(key)} is defined by {places}: the first runs"


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise UsageError(
            f"the module {name!r} of --actions cannot be imported: {type(error).__name__}: {error}",
            hint="is it installed, or in a folder of PYTHONPATH?",
        ) from None


def _actions_of(loaded: Any) -> Iterator[tuple[ActionKey, Function]]:
    """The actions that a module defines, or that a function is."""
    members = vars(loaded).values() if isinstance(loaded, ModuleType) else (loaded,)
    for member in members:
        for key in getattr(member, MARK, ()) if callable(member) else ():
            yield key, member
