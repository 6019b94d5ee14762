"""`!env`: a value that a file takes from the environment, how it is written and how it is read."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, NoReturn, get_args

from reconciler.config.scalars import plain_value
from reconciler.diagnostics import did_you_mean
from reconciler.task import NESTING, Secret, Variable, VariableType

TAG = "!env"
PREFIX = "RECONCILE_VAR_"
"""Of the variables that files may name, where `reconcile.yaml` agrees on no other."""

TYPES: tuple[VariableType, ...] = get_args(VariableType)
DEEPEST = NESTING // 2
"""Levels that JSON from the environment may have: it stands within others."""

_KEYS = ("name", "default", "type")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What of the environment files may read."""

    prefix: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why there is no value: a code and its message, which never quotes one."""

    code: str
    message: str
    hint: str


def variable_of(value: Any) -> Variable | Problem:
    """What stands behind the tag: a name, or a mapping with it."""
    if isinstance(value, str) and value:
        value = {"name": value}
    if not isinstance(value, dict):
        return _misspelt("`!env` takes the name of a variable, or a mapping with it")
    for key in value:
        if key not in _KEYS:
            return _unknown_key(key)
    name, type_ = value.get("name"), value.get("type", "string")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return _misspelt("`!env` needs the `name` of a variable: letters, digits and underscores")
    if type_ not in TYPES:
        return _misspelt(f"the `type` of `!env` must be one of {', '.join(TYPES)}")
    default = value.get("default")
    if "default" in value and not _IS_OF[type_](default):
        return _misspelt(f"the `default` of `{name}` must be {_CALLED[type_]}")
    return Variable(name=name, type=type_, default=default, has_default="default" in value)


def takes_default(variable: Variable, allowed: Allowed) -> bool:
    """Whether the value is the one that stands in the file, which is no secret."""
    name = variable.name
    return variable.has_default and name.startswith(allowed.prefix) and not allowed.values.get(name)


def read_variable(variable: Variable, allowed: Allowed) -> Any:
    """The value of a variable in the environment, or the Problem with it. An empty one counts as not set."""
    name = variable.name
    if not name.startswith(allowed.prefix):
        message = f"`{name}` may not be read: the names of variables for tasks begin with `{allowed.prefix}`"
        return Problem(code="E003", message=message, hint=f"call it `{allowed.prefix}{name}`")
    text = allowed.values.get(name)
    if not text:
        return _unset(name)
    try:
        return _READ[variable.type](text)
    except (ValueError, RecursionError):
        message = f"the value of `{name}` is not {_CALLED[variable.type]}"
        return Problem(code="E002", message=message, hint="it is not shown here: set one that is")


def read_again(secret: Secret, allowed: Allowed) -> Any:
    """The same for a value that came from the environment once, and is kept by its variable."""
    return read_variable(Variable(name=secret.variable, type=secret.type), allowed)


def _unset(name: str) -> Problem:
    hint = f"set it where reconcile is run, or give it a default: `!env {{name: {name}, default: ...}}`"
    return Problem(code="E001", message=f"the variable `{name}` is not set", hint=hint)


def _misspelt(message: str) -> Problem:
    hint = "write `!env RECONCILE_VAR_NAME` or `!env {name: RECONCILE_VAR_NAME, type: int, default: 5}`"
    return Problem(code="E004", message=message, hint=hint)


def _unknown_key(key: object) -> Problem:
    meant = did_you_mean(str(key), _KEYS)
    hint = f"did you mean `{meant}`?" if meant else f"known here: {', '.join(_KEYS)}"
    return Problem(code="E004", message=f"unknown key `{key}` of `!env`", hint=hint)


def _read_text(text: str) -> str:
    text.encode()  # bytes that are no UTF-8 reach us as surrogates
    return text


def _read_int(text: str) -> int:
    value = plain_value(text)
    if type(value) is not int:
        raise ValueError
    return value


def _read_float(text: str) -> float:
    value = plain_value(text)
    if not _is_number(value):
        raise ValueError
    assert isinstance(value, int | float)
    return value


def _read_bool(text: str) -> bool:
    value = plain_value(text)
    if not isinstance(value, bool):
        raise ValueError
    return value


def _read_json(text: str) -> Any:
    value = json.loads(text, parse_constant=_refuse)
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    if not _fits(value, DEEPEST):
        raise ValueError
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError


def _fits(value: Any, levels: int) -> bool:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels >= 0 and all(_fits(item, levels - 1) for item in items)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _is_plain(value: Any) -> bool:
    """Whether a default holds no variable itself."""
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return not isinstance(value, Variable) and all(map(_is_plain, items))


_READ: Mapping[VariableType, Callable[[str], Any]] = {
    "string": _read_text,
    "int": _read_int,
    "float": _read_float,
    "bool": _read_bool,
    "json": _read_json,
}
_IS_OF: Mapping[VariableType, Callable[[object], bool]] = {
    "string": lambda value: isinstance(value, str),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "float": _is_number,
    "bool": lambda value: isinstance(value, bool),
    "json": _is_plain,
}
_CALLED: Mapping[VariableType, str] = {
    "string": "text",
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "json": "JSON",
}
