"""Variables within a task: where they may stand, and their values put in their places."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from reconciler.config.layers import Path
from reconciler.config.shape import below
from reconciler.config.variables import Allowed, Problem, read_variable, takes_default
from reconciler.diagnostics import Diagnostic, Pointer, diagnostic
from reconciler.task import Secret, Variable

PLACE = "Attributes"
"""The one key below which values may come from the environment.

What else a task says is told by many commands that know nothing of files: whoever lists the table tells its
schedules and users.
"""


class Resolved(NamedTuple):
    """Attributes with the values of their variables."""

    attributes: Mapping[str, Any]
    secrets: tuple[Secret, ...]
    problems: tuple[tuple[Path, Problem], ...]  # by the path of the variable in the task


def without_misplaced(keys: Mapping[Any, Any], at: Pointer, found: list[Diagnostic]) -> dict[Any, Any]:
    """The keys of a layer but those with a variable where none may stand (E005)."""
    fit = {}
    for key, value in keys.items():
        path = next(_paths(value, (key,)), None) if key != PLACE or isinstance(value, Variable) else None
        if path is None:
            fit[key] = value
        else:
            found.append(_misplaced(path, at))
    return fit


def _misplaced(path: Path, at: Pointer) -> Diagnostic:
    pointer = below(at, *path)
    if path == (PLACE,):
        message = "`Attributes` as a whole cannot come from the environment"
        return diagnostic("E005", message, hint="name its keys here, and take their values", pointer=pointer)
    message = f"`{path[0]}` cannot come from the environment: only values within `{PLACE}` can"
    hint = "what differs between environments, and is no secret, belongs in an overlay: env/NAME/"
    return diagnostic("E005", message, hint=hint, pointer=pointer)


def resolve(attributes: Mapping[str, Any], allowed: Allowed) -> Resolved:
    """The attributes with the values of their variables; a placeholder where there is no value."""
    secrets: list[Secret] = []
    problems: list[tuple[Path, Problem]] = []

    def value_of(variable: Variable, path: Path) -> Any:
        if takes_default(variable, allowed):
            return variable.default
        value = read_variable(variable, allowed)
        secret = Secret(path, variable.name, variable.type)
        secrets.append(secret)
        if isinstance(value, Problem):
            problems.append((path, value))
            return secret.placeholder
        return value

    def filled(value: Any, path: Path) -> Any:
        if isinstance(value, Variable):
            return value_of(value, path)
        if isinstance(value, dict):
            return {key: filled(one, (*path, key)) for key, one in value.items()}
        if isinstance(value, list):
            return [filled(one, (*path, index)) for index, one in enumerate(value)]
        return value

    return Resolved(filled(attributes, (PLACE,)), tuple(secrets), tuple(problems))


def _paths(value: Any, path: Path) -> Iterator[Path]:
    """Where variables stand."""
    if isinstance(value, Variable):
        yield path
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _paths(one, (*path, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _paths(one, (*path, index))
