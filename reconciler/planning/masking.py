"""Values from the environment: shown by their variables, kept by their variables, never as they are."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reconciler.task import Secret, json_text

Path = tuple[str | int, ...]

HIDDEN = "(hidden)"
"""Shown of a row where a value from the environment is to take the place of one that nothing is known of."""


def secrets_keys(secrets: Iterable[Secret]) -> list[dict[str, Any]]:
    """What documents say of them: `[{"path": ["Attributes", "n"], "variable": ..., "type": "int"}]`."""
    return [{"path": list(one.path), "variable": one.variable, "type": one.type} for one in secrets]


def secrets_text(secrets: Sequence[Secret]) -> str | None:
    """What the bookkeeping keeps of them; None where there are none."""
    return json_text(secrets_keys(secrets)) if secrets else None


def secrets_of(text: str | None) -> tuple[Secret, ...]:
    """The other way round."""
    return secrets_from(json.loads(text)) if text is not None else ()


def secrets_from(keys: Iterable[Mapping[str, Any]]) -> tuple[Secret, ...]:
    """Those that secrets_keys wrote."""
    return tuple(Secret(tuple(one["path"]), one["variable"], one["type"]) for one in keys)


def masked(keys: Mapping[str, Any], secrets: Iterable[Secret]) -> dict[str, Any]:
    """A copy with a placeholder for each secret, each of which stands where its path says."""
    return replaced(keys, ((secret.path, secret.placeholder) for secret in secrets))


def replaced(keys: Mapping[str, Any], values: Iterable[tuple[Path, Any]]) -> dict[str, Any]:
    """A copy with other values at some paths; a path that is not there is passed over."""
    result: Any = dict(keys)
    for path, value in values:
        result = _put(result, path, value)
    return dict(result)


def hidden(keys: Mapping[str, Any], applied: Iterable[Secret], desired: Iterable[Secret]) -> dict[str, Any]:
    """The same for a row, where somebody may have moved a value since its secrets were applied.

    A list that held one is hidden as a whole, so is what stands where a mapping or a list was, and where the
    key of one is gone all that stands beside it. Hidden too is what a secret is to take the place of: a
    value that moves from a file to the environment shall not be told by the plan that moves it.
    """
    result: Any = dict(keys)
    paths = set()
    for secret in applied:
        paths.add(secret.path)
        result = _hidden(result, secret.path, secret.placeholder, was_there=True)
    for secret in desired:
        if secret.path not in paths:
            result = _hidden(result, secret.path, HIDDEN, was_there=False)
    return dict(result)


def _hidden(value: Any, path: Path, placeholder: str, *, was_there: bool) -> Any:
    if not path or not isinstance(value, Mapping):
        return placeholder
    key = path[0]
    if key in value:
        return {**value, key: _hidden(value[key], path[1:], placeholder, was_there=was_there)}
    return dict.fromkeys(value, HIDDEN) if was_there else value


def filled(keys: Mapping[str, Any], secrets: Iterable[Secret], real: Mapping[str, Any]) -> dict[str, Any]:
    """The other way round: a copy of what was masked, with the values that stand in `real`."""
    result: Any = dict(keys)
    for secret in secrets:
        value: Any = real
        for key in secret.path:
            value = value[key]
        result = _put(result, secret.path, value)
    return dict(result)


def _put(value: Any, path: Path, new: Any) -> Any:
    """A copy of a value with another one at a path; where there is no such path, the value itself."""
    if not path:
        return new
    key, rest = path[0], path[1:]
    if isinstance(value, Mapping) and key in value:
        return {**value, key: _put(value[key], rest, new)}
    if isinstance(value, list) and key in range(len(value)):
        return [_put(one, rest, new) if at == key else one for at, one in enumerate(value)]
    return value
