"""Which actions there are: those of installed packages, and of modules that are named."""

import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any, NamedTuple, NoReturn

from reconciler.actions.declare import MARK
from reconciler.actions.run import ActionFailed, ActionKey, Function, Run
from reconciler.errors import UsageError

GROUP = "reconciler.actions"
"""The group of entry points; each names a module or a function."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The function of each action, and one line for each thing that is wrong with what is installed."""

    functions: Mapping[ActionKey, Function]
    problems: tuple[str, ...] = ()


class _Definition(NamedTuple):
    key: ActionKey
    function: Function
    place: str  # the function's full name, and what it came with


def find(modules: Sequence[str] = (), installed: Iterable[EntryPoint] | None = None) -> Found:
    """All actions: of the modules, as `import` names them, and of the installed packages.

    What a named module defines comes before what is installed. Of two functions for one action neither runs:
    each run of it fails with the names of both. Raises UsageError for a named module that cannot be imported
    or has no action; an installed package of that kind is a problem, and the others are found nevertheless.
    """
    problems: list[str] = []
    given = [one for name in modules for one in _named(name)]
    points = sorted(_points(installed), key=lambda one: (one.value, one.name))
    packaged = [one for point in points for one in _installed(point, problems)]
    functions = dict(_settled(given, problems))
    functions |= _settled([one for one in packaged if one.key not in functions], problems)
    return Found(functions=functions, problems=tuple(problems))


def _points(installed: Iterable[EntryPoint] | None) -> Iterable[EntryPoint]:
    return entry_points(group=GROUP) if installed is None else installed


def _named(name: str) -> list[_Definition]:
    """Raises UsageError."""
    try:
        found = list(_definitions(importlib.import_module(name), "--actions"))
    except (Exception, SystemExit) as error:
        is_path = "/" in name or name.endswith(".py")
        raise UsageError(
            f"the module {name!r} of --actions cannot be imported: {_told(error)}",
            hint="name it as `import` does, without a folder and `.py`, and set PYTHONPATH to its folder"
            if is_path
            else "is it installed, or in a folder of PYTHONPATH?",
        ) from None
    if not found:
        raise UsageError(f"the module {name!r} of --actions has no action", hint=_MARK_IT)
    return found


def _installed(point: EntryPoint, problems: list[str]) -> list[_Definition]:
    package = f"{point.dist.name} {point.dist.version}" if point.dist else point.name
    try:
        found = list(_definitions(point.load(), package))
    except (Exception, SystemExit) as error:
        problems.append(f"the actions of {package} ({point.value}) cannot be loaded: {_told(error)}")
        return []
    if not found:
        problems.append(f"{package} ({point.value}) has no action: {_MARK_IT}")
    return found


_MARK_IT = 'mark a function with @action("NAME", entity="ENTITY")'


def _definitions(loaded: Any, origin: str) -> Iterator[_Definition]:
    """The actions that a module holds, its own or imported, or that a function is."""
    members = vars(loaded).values() if isinstance(loaded, ModuleType) else (loaded,)
    for member in members:
        keys = getattr(member, MARK, ()) if callable(member) else ()
        for key in keys:
            name = f"{member.__module__}.{getattr(member, '__qualname__', type(member).__name__)}"
            yield _Definition(key, member, f"{name} ({origin})")


def _settled(definitions: Iterable[_Definition], problems: list[str]) -> Iterator[tuple[ActionKey, Function]]:
    """One function for each action; a function that is met twice is no conflict."""
    by_key: dict[ActionKey, dict[int, _Definition]] = {}
    for one in definitions:
        by_key.setdefault(one.key, {}).setdefault(id(one.function), one)
    for key, rivals in by_key.items():
        first, *others = rivals.values()
        if others:
            places = " and ".join(rival.place for rival in rivals.values())
            problem = f"{'/'.join(key)} is defined by {places}: neither runs; uninstall one or rename it"
            problems.append(problem)
        yield key, _refusal(problem) if others else first.function


def _refusal(problem: str) -> Function:
    """To run one of the two, or to send the action elsewhere, would be a guess."""

    def refuse(run: Run, attributes: Mapping[str, Any]) -> NoReturn:
        raise ActionFailed(problem)

    return refuse


def _told(error: BaseException) -> str:
    """One line."""
    return " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")
