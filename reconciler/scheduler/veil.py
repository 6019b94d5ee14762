"""What is said of a run, without the values that its task has from the environment."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import takewhile
from operator import eq
from typing import Any
from urllib.parse import quote, quote_plus

from reconciler.scheduler.events import bare, one_line
from reconciler.scheduler.fires import Registered
from reconciler.task import value_at

Veil = Callable[[str], str]
"""A text without the values of a task that are to be seen nowhere."""

SHORTEST = 4
"""Characters of a value that is looked for: a shorter one is in many words."""

TELLING = 16
"""Characters at the beginning of a value by which it is known, wherever somebody has cut it off."""


def veil_of(task: Registered) -> Veil:
    """For what is said of the task's runs; most tasks have nothing to hide."""
    return partial(_veiled, task) if task.secrets else bare


def _veiled(task: Registered, text: str) -> str:
    hidden = {
        spelling: secret.placeholder
        for secret in task.secrets
        for value in _texts(value_at(task.attributes, secret.path[1:]))
        for spelling in _spellings(value)
        if len(spelling) >= SHORTEST
    }
    for spelling in sorted(hidden, key=len, reverse=True):
        text = _cut(_without(text, spelling, hidden[spelling]), spelling, hidden[spelling])
    return text


def _texts(value: Any) -> Iterator[str]:
    """Every text and number within a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(one)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _spellings(value: str) -> Iterator[str]:
    """As it is, in one line, as Python and JSON quote it, and as part of an address."""
    line = one_line(value)
    yield from (value, line, " ".join(line.split()), repr(value)[1:-1], quote_plus(value, errors="replace"))
    yield from (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
    yield quote(value, safe="", errors="replace")


def _without(text: str, value: str, mask: str) -> str:
    at = text.find(value[:TELLING])
    while at >= 0:
        alike = sum(takewhile(bool, map(eq, text[at : at + len(value)], value)))
        text = text[:at] + mask + text[at + alike :]
        at = text.find(value[:TELLING], at + len(mask))
    return text


def _cut(text: str, value: str, mask: str) -> str:
    """Without the beginning of a value at the end of a text that was too long."""
    said = text.rstrip("'\".")
    for length in range(min(TELLING, len(value)) - 1, SHORTEST - 1, -1):
        if said.endswith(value[:length]):
            return said[:-length] + mask + text[len(said) :]
    return text
