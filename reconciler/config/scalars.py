"""What a plain (unquoted) scalar means: YAML 1.2's core schema, except that a leading zero makes a string."""

import re

_LEADS = frozenset("-+.~0123456789tTfFnN") | {""}
"""The first characters of plain scalars that may be something else than a string."""

LONGEST = 3000
"""Digits, of any base, from which an integer is only known to be huge: Python prints 4,300 decimal ones."""

HUGE_INTEGER = 10**4000
"""Stands for every integer written with more digits than that: its digits are of no use to anyone."""

_WORDS: dict[str, bool | float | None] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_OCTAL = re.compile(r"0o[0-7]+")
_FLOAT = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


def plain_value(text: str) -> str | int | float | bool | None:
    """The value of a plain scalar; of a string the string itself, the same object."""
    if text[:1] not in _LEADS:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "tTfFnN":
        return text
    if _DECIMAL.fullmatch(text):
        return _integer(text, 10)
    if _HEXADECIMAL.fullmatch(text):
        return _integer(text[2:], 16)
    if _OCTAL.fullmatch(text):
        return _integer(text[2:], 8)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _integer(digits: str, base: int) -> int:
    return int(digits, base) if len(digits) < LONGEST else HUGE_INTEGER
