"""Values as YAML: block style, in quotes only what some reader would take for something else."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from reconciler.task import Variable, json_text

STEP = 2
"""Columns by which what is nested is indented."""

SIMPLE = 1000
"""A longer key gets a `?`: YAML looks for the colon no further than 1,024 characters on."""

_DIGITS = frozenset("0123456789")

_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf"])
"""Texts that some reader of YAML takes for no text, in whatever case."""

_DOUBTFUL = re.compile(r": |:\Z| #")
"""What ends a plain text: it would be a key, or have a comment."""

_NUMERIC = re.compile(r"[0-9][0-9_,.:]*(?:[eE][-+0-9_]*)?\Z|0[xXoObB][0-9a-fA-F_]*\Z|[0-9]{4}-[0-9]")
"""What some reader takes for a number, a time or a date; a duration and a UUID are none."""

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


def pair(key: str, value: Any, indent: int) -> str:
    """`key: value`, its first line without indentation, further lines for a key in column `indent`."""
    name = scalar(key)
    if len(name) > SIMPLE:
        return f"? {name}\n{' ' * indent}:{after(value, indent)}"
    return f"{name}:{after(value, indent)}"


def after(value: Any, indent: int) -> str:
    """What follows the colon of a key, or the dash of an item, that stands in column `indent`."""
    if isinstance(value, str):
        return f" {literal(value, indent + STEP) or scalar(value)}"
    if isinstance(value, Mapping) and value:
        return "".join(f"\n{' ' * (indent + STEP)}{one}" for one in pairs(value, indent + STEP))
    if isinstance(value, list | tuple) and value:
        return "".join(f"\n{' ' * (indent + STEP)}-{item(one, indent + STEP)}" for one in value)
    return f" {_plain(value)}"


def pairs(value: Mapping[str, Any], indent: int) -> Sequence[str]:
    return [pair(key, one, indent) for key, one in value.items()]


def item(value: Any, indent: int) -> str:
    """What follows the dash of an item: the first key or item of a collection on the same line."""
    below = indent + STEP
    if isinstance(value, Mapping) and value:
        return " " + f"\n{' ' * below}".join(pairs(value, below))
    if isinstance(value, list | tuple) and value:
        return " " + f"\n{' ' * below}".join(f"-{item(one, below)}" for one in value)
    return after(value, indent)


def _plain(value: Any) -> str:
    """Anything but a text or a collection with something in it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, Variable):
        return f"!env {_variable(value)}"
    if isinstance(value, Mapping):
        return "{}"
    return "[]" if isinstance(value, list | tuple) else str(value)


def _variable(value: Variable) -> str:
    """Its name alone, or a mapping of all that is said of it: JSON is YAML too."""
    type_ = f", type: {value.type}" if value.type != "string" else ""
    default = f", default: {json_text(value.default)}" if value.has_default else ""
    return f"{{name: {value.name}{type_}{default}}}" if type_ or default else value.name


def _float(value: float) -> str:
    """With the point that a reader of YAML 1.1 needs: 1.0e+22."""
    mantissa, exponent, power = repr(value).partition("e")
    return f"{mantissa}{'' if '.' in mantissa else '.0'}{exponent}{power}" if exponent else mantissa


@lru_cache(maxsize=5_000)
def scalar(text: str) -> str:
    """A text on one line: as it is where every reader takes it for one, else in quotes."""
    return text if is_plain(text) else quoted(text)


def is_plain(text: str) -> bool:
    """Whether a text needs no quotes, for any reader."""
    first = text[:1]
    return (
        (first.isalpha() or first in ("_", "/") or (first in _DIGITS and not _NUMERIC.match(text)))
        and text.isprintable()
        and text[-1] != " "
        and not _DOUBTFUL.search(text)
        and text.lower() not in _WORDS
    )


def quoted(text: str) -> str:
    """In double quotes, or in single ones where that saves backslashes."""
    if text.isprintable():
        if text.count('"') + text.count("\\") > text.count("'"):
            return "'" + text.replace("'", "''") + "'"
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if escape := _ESCAPES.get(character):
        return escape
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def literal(text: str, indent: int) -> str | None:
    """Several lines as a block; None where they would not stand there as they are."""
    if "\n" not in text:
        return None
    lines = text.removesuffix("\n").split("\n")
    if not all(line.isprintable() and line[-1:] != " " for line in lines) or lines[0][:1] in ("", " "):
        return None
    if not lines[-1]:
        return None
    body = "".join(f"\n{' ' * indent}{line}" if line else "\n" for line in lines)
    return f"{'|' if text.endswith(chr(10)) else '|-'}{body}"
