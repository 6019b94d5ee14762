"""How a function becomes an action."""

from collections.abc import Callable

from reconciler.actions.run import ActionKey, Function

MARK = "__reconciler_actions__"
"""The attribute of a function that holds the actions that it is."""


def action(name: str, *, entity: str) -> Callable[[Function], Function]:
    """Make a function the action of a name on an entity. It may be more than one."""

    def mark(function: Function) -> Function:
        keys: tuple[ActionKey, ...] = getattr(function, MARK, ())
        setattr(function, MARK, (*keys, (entity, name)))
        return function

    return mark
