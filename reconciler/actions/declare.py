"""How a function becomes an action."""

import inspect
from collections.abc import Callable
from typing import TypeVar

from reconciler.actions.run import ActionKey, Function

MARK = "__reconciler_actions__"
"""The attribute of a function that holds the actions that it is."""

Marked = TypeVar("Marked", bound=Function)


def action(name: str, *, entity: str) -> Callable[[Marked], Marked]:
    """Make a function the action of a name on an entity. Stacked, it is several actions.

    Raises TypeError for a coroutine or a generator function: called, it would do nothing and seem to succeed.
    """

    def mark(function: Marked) -> Marked:
        if _does_nothing_when_called(function):
            raise TypeError(f"{entity}/{name}: an action is an ordinary function, without async or yield")
        keys: tuple[ActionKey, ...] = getattr(function, MARK, ())
        setattr(function, MARK, (*keys, (entity, name)))
        return function

    return mark


def _does_nothing_when_called(function: object) -> bool:
    tests = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)
    return any(test(function) for test in tests)
