"""The attributes of a task: JSON (J001, J004, J005), and what the action asks for (J002, J003)."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

from reconciler.catalogue import Action
from reconciler.checks.actions import is_unread, misspelt_subject, subject_key
from reconciler.checks.context import Context
from reconciler.checks.quoting import listed
from reconciler.config.declarations import Declaration
from reconciler.diagnostics import Diagnostic, diagnostic, did_you_mean, some_of
from reconciler.task import json_text

EXACT = 2**53
"""The largest magnitude up to which a 64-bit float holds every integer. Source: IEEE 754, as Go's float64."""

ABSURD = 10**1000
"""From here on an integer is taken for a mistake: hardly any reader of JSON takes it."""

_MOST_BYTES = 6  # that one code point of a value's repr becomes as JSON: \u0000
_MOST_LISTED = 8

Path = tuple[str | int, ...]


def check(declarations: Sequence[Declaration], context: Context) -> list[Diagnostic]:
    """J001, J004 and J005 of the values; J002 and J003 of what the action asks for, where it is known."""
    found: list[Diagnostic] = []
    actions = context.catalogue.actions if context.catalogue else {}
    limit = context.attributes_limit
    clean: set[tuple[object, ...]] = set()  # (entity, action, names of the attributes) without a fault
    for declaration in declarations:
        task = declaration.task
        attributes = task.attributes
        faults = [] if _is_flat(attributes) else list(_faults(declaration, attributes, ()))
        found += faults
        if limit is not None and not any(fault.code == "J001" for fault in faults):
            found += _size(declaration, limit)
        shape = (task.entity_name, task.action_name, *attributes)
        if shape in clean and None not in attributes.values():
            continue
        action = actions.get((task.entity_name, task.action_name))
        if action is None or is_unread(declaration):
            continue
        unfit = [*_unknown(declaration, action), *_missing(declaration, action)]
        found += unfit
        if not unfit:
            clean.add(shape)
    return found


def _is_flat(attributes: Mapping[str, Any]) -> bool:
    """Whether a glance tells that nothing is wrong: texts, small integers, lists of texts."""
    for key, value in attributes.items():
        kind = type(value)
        if type(key) is not str:
            return False
        if kind is str or kind is bool or (kind is int and -EXACT <= value <= EXACT):
            continue
        if kind is not list or any(type(item) is not str for item in value):
            return False
    return True


def _faults(declaration: Declaration, value: Any, path: Path) -> Iterator[Diagnostic]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                yield _key_fault(declaration, key, path)
            yield from _faults(declaration, item, (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _faults(declaration, item, (*path, index))
    elif isinstance(value, float) and not isfinite(value):
        yield _no_number(declaration, value, path)
    elif isinstance(value, int) and abs(value) > EXACT:
        yield _large(declaration, value, path)


def _key_fault(declaration: Declaration, key: Any, path: Path) -> Diagnostic:
    is_absurd = isinstance(key, int) and abs(key) >= ABSURD
    written = "of thousands of digits" if is_absurd else str(key) if isfinite(key or 0) else repr(key)
    return diagnostic(
        "J001",
        f"the key {written} is no string, as the keys of a JSON object are",
        hint="quote it" if is_absurd else f'quote it: "{written}"',
        pointer=declaration.at("Attributes", *path, key, on_key=True),
    )


def _no_number(declaration: Declaration, value: float, path: Path) -> Diagnostic:
    name = "NaN" if value != value else "infinity"
    return diagnostic(
        "J001",
        f"{name} is no JSON value",
        hint="write null, leave the key out, or quote it if a text is meant",
        pointer=declaration.at("Attributes", *path),
    )


def _large(declaration: Declaration, value: int, path: Path) -> Diagnostic:
    pointer = declaration.at("Attributes", *path)
    if abs(value) >= ABSURD:
        message = "an integer of thousands of digits is no number that a reader of JSON takes"
        return diagnostic("J001", message, hint="quote it if its digits matter", pointer=pointer)
    if declaration.is_secret("Attributes", *path):
        message = "the value of the variable is beyond 2^53: Daptin reads it as a float"
        return diagnostic("J004", message, hint="read it as text, without `type`", pointer=pointer)
    return diagnostic("J004", _rounded(value), hint="quote it if every digit matters", pointer=pointer)


def _rounded(value: int) -> str:
    try:
        read = f"{int(float(value))}"
    except OverflowError:
        return "an integer beyond the largest float, 1.8e308, which Daptin cannot read"
    shown = f"{value}" if len(f"{value}") <= 40 else f"an integer of {len(f'{abs(value)}')} digits"
    if read == f"{value}":
        return (
            f"{shown} is beyond 2^53, where Daptin, which reads it as a float, loses digits of most integers"
        )
    return f"{shown} is beyond 2^53: Daptin reads it as a float" + (f", {read}" if len(read) <= 40 else "")


def _size(declaration: Declaration, limit: int) -> list[Diagnostic]:
    attributes = declaration.task.attributes
    if len(repr(attributes)) * _MOST_BYTES <= limit:
        return []
    size = len(json_text(attributes).encode())
    if size <= limit:
        return []
    return [
        diagnostic(
            "J005",
            f"`Attributes` is {size:,} bytes as JSON; the column of this database holds {limit:,}",
            hint="keep what is large in a table or a file, and name it here",
            pointer=declaration.at("Attributes"),
        )
    ]


def _unknown(declaration: Declaration, action: Action) -> list[Diagnostic]:
    """J002, at each key that the action has no input for."""
    misspelt = _misspelt(declaration.task.attributes, action)
    subject = misspelt_subject(action, declaration.task.attributes)  # A003 speaks of it
    return [
        diagnostic(
            "J002",
            f"`{key}` is not an input of {action.name} of {action.entity_name}",
            hint=f"did you mean `{near}`?" if near else _known(action),
            pointer=declaration.at("Attributes", key, on_key=True),
        )
        for key, near in misspelt.items()
        if key != subject
    ]


def _misspelt(attributes: Mapping[str, Any], action: Action) -> dict[str, str | None]:
    """The attributes that are no input, each with the input that it probably misspells."""
    inputs = {one.name for one in action.inputs} | {subject_key(action.entity_name)}
    free = [name for name in sorted(inputs) if name not in attributes]
    return {key: did_you_mean(key, free) for key in attributes if isinstance(key, str) and key not in inputs}


def _known(action: Action) -> str:
    names = [one.name for one in action.inputs]
    if not names:
        return "the action has no inputs"
    return f"its {'inputs are' if names[1:] else 'only input is'} {some_of(names, _MOST_LISTED)}"


def _missing(declaration: Declaration, action: Action) -> list[Diagnostic]:
    """J003: one for the inputs that are not there, one for each that is null."""
    attributes = declaration.task.attributes
    passed_over = set(_misspelt(attributes, action).values())
    if not action.instance_optional:
        passed_over.add(subject_key(action.entity_name))  # A003 speaks of it
    wanted = [one.name for one in action.inputs if not one.nullable and one.name not in passed_over]
    found = [_null(declaration, name) for name in wanted if name in attributes and attributes[name] is None]
    absent = [name for name in wanted if name not in attributes]
    return [*found, _absent(declaration, action, absent)] if absent else found


def _null(declaration: Declaration, name: str) -> Diagnostic:
    pointer = declaration.at("Attributes", name)
    return diagnostic("J003", f"the input `{name}` may not be null", hint="give it a value", pointer=pointer)


def _absent(declaration: Declaration, action: Action, names: list[str]) -> Diagnostic:
    inputs, them = ("input", "it") if len(names) == 1 else ("inputs", "them")
    missing = listed([f"`{name}`" for name in names])
    return diagnostic(
        "J003",
        f"{action.name} of {action.entity_name} misses the {inputs} {missing}",
        hint=f"add {them} to `Attributes`",
        pointer=declaration.at("Attributes", on_key=True)
        if declaration.task.attributes
        else declaration.at("ActionName"),
    )
