"""The five fields of a cron expression: text -> the values it allows."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from reconciler.schedule.errors import Kind, ScheduleError, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a field may hold."""

    name: str
    low: int
    high: int
    names: Mapping[str, int]
    allowed: str  # in words, for messages


def _numbered(names: str, first: int) -> dict[str, int]:
    return {name: number for number, name in enumerate(names.split(), first)}


MONTHS = _numbered("jan feb mar apr may jun jul aug sep oct nov dec", 1)
WEEKDAYS = _numbered("sun mon tue wed thu fri sat", 0)

MINUTE, HOUR, DAY, MONTH, WEEKDAY = range(5)
LIMITS = (
    Limits(name="minute", low=0, high=59, names={}, allowed="0 to 59"),
    Limits(name="hour", low=0, high=23, names={}, allowed="0 to 23"),
    Limits(name="day of month", low=1, high=31, names={}, allowed="1 to 31"),
    Limits(name="month", low=1, high=12, names=MONTHS, allowed="1 to 12, or jan to dec"),
    Limits(
        name="day of week", low=0, high=6, names=WEEKDAYS, allowed="0 (Sunday) to 6 (Saturday), or sun to sat"
    ),
)


class Field(NamedTuple):
    """The values of one field. The engine's star flag decides how the two day fields combine.

    A tuple: three of them are a key, looked up for each schedule.
    """

    bits: int  # bit n: value n is allowed
    star: bool  # an item of its list is `*` or `?` without a step above 1

    def values(self) -> tuple[int, ...]:
        return tuple(value for value in range(self.bits.bit_length()) if self.bits >> value & 1)


def consecutive(values: Iterable[int]) -> list[list[int]]:
    """Ascending values, in runs of those that follow one another."""
    runs: list[list[int]] = []
    for value in values:
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    return runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a field's list: first, first + step, ... up to last."""

    text: str
    column: int  # in the field's text
    first: int
    last: int
    step: int
    star: bool

    @property
    def bits(self) -> int:
        if self.step == 1:
            return (2 << self.last) - (1 << self.first)
        bits = 0
        for value in range(self.first, self.last + 1, self.step):
            bits |= 1 << value
        return bits


@lru_cache(maxsize=16384)
def read_field(index: int, text: str) -> Field:
    """The values that a field's text allows; ScheduleError with columns within that text.

    An empty list (`,`) is accepted, as the engine does: it allows no value, so the schedule never fires.
    """
    bits, star = 0, False
    for item in items(index, text):
        bits |= item.bits
        star = star or item.star
    return Field(bits=bits, star=star)


def items(index: int, text: str) -> Iterator[Item]:
    """The items of a field's list; empty ones are passed over."""
    column = 0
    for part in text.split(","):
        if part:
            yield _item(index, text, part, column)
        column += len(part) + 1


_PLAIN = re.compile(r"[0-9]{1,2}", re.ASCII)


def _item(index: int, text: str, part: str, column: int) -> Item:
    limits = LIMITS[index]
    span, *steps = part.split("/")
    first, last, star = _span(index, text, span, column)
    step = 1
    if steps:
        step = _step(index, text, part, column)
        if "-" not in span:
            last = limits.high
        star = star and step <= 1
    if first < limits.low:
        raise _outside(index, text, span, column, first)
    if last > limits.high or first > limits.high:
        raise _outside(index, text, span, column, max(first, last))
    if first > last:
        message = f"the range `{shown(span)}` runs backwards: {first} is after {last}"
        raise _error(message, text, column, span, "range", index)
    return Item(text=part, column=column, first=first, last=last, step=step, star=star)


def _span(index: int, text: str, span: str, column: int) -> tuple[int, int, bool]:
    """First value, last value and whether it is a star; what follows a star's hyphen is not looked at."""
    limits = LIMITS[index]
    first, *rest = span.split("-")
    if first in ("*", "?"):
        return limits.low, limits.high, True
    if not first and rest:
        raise _negative(index, text, span, column)
    start = _value(index, text, first, column)
    if not rest:
        return start, start, False
    if len(rest) > 1:
        raise _error(
            f"`{shown(span)}` has too many hyphens: a range is FIRST-LAST", text, column, span, "range", index
        )
    return start, _value(index, text, rest[0], column + len(first) + 1), False


def _value(index: int, text: str, part: str, column: int) -> int:
    limits = LIMITS[index]
    # The engine lower-cases rune by rune, which makes i of the dotted capital I; str.lower makes two of it.
    number = limits.names.get(part.replace("İ", "i").lower()) if limits.names else None
    if number is None:
        number = whole_number(part)
    if number is None:
        what = f"`{shown(part)}` is no {limits.name}" if part else f"a {limits.name} is missing"
        raise _error(f"{what}: allowed are {limits.allowed}", text, column, part, "value", index)
    return number


def _step(index: int, text: str, part: str, column: int) -> int:
    span, _, step = part.partition("/")
    column += len(span) + 1
    if "/" in step:
        raise _error(
            f"`{shown(part)}` has two steps: a step is written once", text, column, step, "step", index
        )
    number = whole_number(step)
    if number is None or number < 1:
        what = f"`{shown(step)}` is no step" if step else "a step is missing after `/`"
        raise _error(f"{what}: it must be a whole number from 1", text, column, step, "step", index)
    return number


_WHOLE = re.compile(r"[+-]?[0-9]+", re.ASCII)


def whole_number(text: str) -> int | None:
    """An integer as Go's strconv.Atoi reads it: ASCII digits, a sign, 64 bits; None for anything else."""
    if _PLAIN.fullmatch(text):
        return int(text)
    if not _WHOLE.fullmatch(text):
        return None
    digits = text.lstrip("+-").lstrip("0") or "0"
    if len(digits) > 19:
        return None
    number = -int(digits) if text[0] == "-" else int(digits)
    return number if -(1 << 63) <= number < 1 << 63 else None


def _outside(index: int, text: str, span: str, column: int, value: int) -> ScheduleError:
    limits = LIMITS[index]
    side = f"below the smallest {limits.name}" if value < limits.low else f"above the largest {limits.name}"
    bound = limits.low if value < limits.low else limits.high
    first, hyphen, second = span.partition("-")
    if hyphen and whole_number(second) == value:
        column, span = column + len(first) + 1, second
    elif hyphen:
        span = first
    message = f"{shown(str(value))} is {side}, {bound}: allowed are {limits.allowed}"
    return _error(message, text, column, span, "value", index)


def _negative(index: int, text: str, span: str, column: int) -> ScheduleError:
    limits = LIMITS[index]
    message = f"`{shown(span)}` lacks what stands before its hyphen: allowed are {limits.allowed}"
    return _error(message, text, column, span, "value", index)


def _error(message: str, text: str, column: int, part: str, kind: Kind, index: int) -> ScheduleError:
    message = f"{LIMITS[index].name}: {message}" if LIMITS[index].name not in message else message
    return ScheduleError(message, text=text, column=column, end=column + len(part), kind=kind, field=index)
