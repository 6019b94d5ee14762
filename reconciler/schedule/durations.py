"""Durations as Go reads them (`1h30m`), for `@every`."""

import re

from reconciler.schedule.errors import shown

NANOSECONDS = {
    "ns": 1,
    "us": 1_000,
    "\N{MICRO SIGN}s": 1_000,
    "\N{GREEK SMALL LETTER MU}s": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
SECOND = NANOSECONDS["s"]
LONGEST = (1 << 63) - 1
UNITS = "h, m, s, ms, us and ns"

_TERM = re.compile(r"([0-9]*)(?:(\.)([0-9]*))?([^0-9.]*)", re.ASCII)


class DurationError(ValueError):
    """A text that is no duration; `column` and `end` bound the offending part."""

    def __init__(self, message: str, column: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.column = column
        self.end = end


def read_duration(text: str) -> int:
    """Nanoseconds. Source: time.ParseDuration of Go 1.19, whose rounding and limits it follows."""
    sign = 1 if text[:1] in ("-", "+") else 0
    if text[sign:] == "0":
        return 0
    if not text[sign:]:
        raise DurationError(
            "a duration is missing: a number and a unit, such as `90s` or `1h30m`", 0, len(text)
        )
    total, column = 0, sign
    while column < len(text):
        nanoseconds, column = _term(text, column)
        total += nanoseconds
        if total > LONGEST + 1:
            raise _too_long(text)
    if total > LONGEST and text[0] != "-":
        raise _too_long(text)
    return -total if text[0] == "-" else total


def _term(text: str, column: int) -> tuple[int, int]:
    """Nanoseconds of a number with its unit, and the column after it."""
    match = _TERM.match(text, column)
    assert match is not None  # every part of the pattern may be empty
    whole, _, fraction, unit = match.groups()
    if not whole and not fraction:
        message = f"a number with a unit ({UNITS}) is expected, found `{shown(text[column:])}`"
        raise DurationError(message, column, len(text))
    start, end = match.span(4)
    if not unit:
        message = f"`{shown(text[column:end])}` has no unit: write one of {UNITS} after it"
        raise DurationError(message, column, end)
    if unit not in NANOSECONDS:
        raise DurationError(f"`{shown(unit)}` is no unit of time: allowed are {UNITS}", start, end)
    return _nanoseconds(text, whole, fraction or "", NANOSECONDS[unit]), end


def _nanoseconds(text: str, whole: str, fraction: str, unit: int) -> int:
    if len(whole.lstrip("0")) > 19:  # also bounds the conversion of a hostile number
        raise _too_long(text)
    total = int(whole or "0") * unit
    if total > LONGEST + 1 - (LONGEST + 1) % unit:
        raise _too_long(text)
    if fraction:
        digits, scale = _fraction(fraction)
        total += int(float(digits) * (float(unit) / scale))
    if total > LONGEST + 1:
        raise _too_long(text)
    return total


def _fraction(text: str) -> tuple[int, float]:
    """The digits that 63 bits hold, as one number, and the power of ten to divide it by."""
    digits, scale = 0, 1.0
    for digit in text:
        longer = digits * 10 + int(digit)
        if digits > LONGEST // 10 or longer > LONGEST + 1:
            break
        digits, scale = longer, scale * 10
    return digits, scale


def _too_long(text: str) -> DurationError:
    return DurationError("the duration is too long: the longest is 2562047h47m16s", 0, len(text))
