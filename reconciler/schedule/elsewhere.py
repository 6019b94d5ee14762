"""How croniter, and the many tools that are like it, read what this dialect refuses."""

import re

from croniter import croniter

from reconciler.schedule.errors import ScheduleError
from reconciler.schedule.fields import consecutive
from reconciler.schedule.grammar import read

_LONGEST = 100  # a schedule's column holds no more
_LONG_NUMBER = re.compile(r"[0-9]{4}")  # croniter builds a list of every number in a range
_REFUSALS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)


def accepts(text: str) -> bool:
    """Whether croniter takes the text for a schedule."""
    return _expanded(text) is not None


def rewritten(text: str) -> str | None:
    """Five fields in this dialect that mean what croniter takes the text for; None where there are none."""
    expanded = _expanded(text)
    if expanded is None or len(expanded) != 5:
        return None
    fields = [_field(values) for values in expanded]
    if None in fields:
        return None
    candidate = " ".join(field for field in fields if field)
    try:
        read(candidate)
    except ScheduleError:
        return None
    return candidate


def _expanded(text: str) -> list[list[object]] | None:
    if len(text) > _LONGEST or _LONG_NUMBER.search(text) or not text.isascii():
        return None
    try:
        fields, special = croniter.expand(text)
    except _REFUSALS:  # croniter has no one error for what it does not understand
        return None
    return None if special else [list(values) for values in fields]


def _field(values: list[object]) -> str | None:
    """`*`, or the numbers with runs of three and more as ranges."""
    if values == ["*"]:
        return "*"
    numbers = sorted({value for value in values if isinstance(value, int)})
    if not numbers or len(numbers) < len(set(map(str, values))):
        return None
    runs = consecutive(numbers)
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ",".join(map(str, run)) for run in runs)
