"""Faults of a text, and what PyYAML's errors mean to the author of the file."""

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from yaml.error import Mark, MarkedYAMLError, YAMLError

from reconciler.shipped import schema_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong in a text, between two indices of it."""

    code: str
    message: str
    hint: str | None = None
    start: int
    end: int


_NOT_PRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What libyaml does not read."""

_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})(?= |\r?$).*$", re.MULTILINE)
_PLAIN_REST = re.compile(r"[^\n\r#]+")
_FLOW_REST = re.compile(r"(?:[^\n\r#,}\]]|,(?! ))+")


def syntax_fault(error: YAMLError, text: str) -> Fault:
    """The fault that PyYAML stopped at."""
    conflict = _CONFLICT.search(text)
    if conflict is not None:
        return _conflict(conflict)
    if not isinstance(error, MarkedYAMLError):
        return _unreadable(text, error)
    start = _start(error, text)
    problem = error.problem or "not YAML"
    slip = _unquoted(error, text) or _unspaced(error, text)
    if slip is not None:
        return slip
    if text[start : start + 1] == "\t":
        return _fault(start, "a tab where YAML wants spaces", "indent with spaces")
    context = f" {error.context}" if error.context else ""
    return _fault(start, f"not YAML: {problem}{context}", _HINTS.get(problem))


def _conflict(line: re.Match[str]) -> Fault:
    message, hint = "an unresolved merge conflict", "resolve it: keep one side"
    end = line.start() + len(line.group().rstrip())
    return Fault(code="F002", message=message, hint=hint, start=line.start(), end=end)


def _start(error: MarkedYAMLError, text: str) -> int:
    """Where the problem is; if it shows at the end of the text only, where what lacks its end starts."""
    problem, context = error.problem_mark, error.context_mark
    if problem is None or (context is not None and problem.index >= len(text.rstrip())):
        problem = context
    return min(problem.index, len(text)) if problem else 0


_HINTS = {
    "mapping values are not allowed in this context": 'check the indentation; quote a value that holds ": "',
    "did not find expected '-' indicator": "check the indentation: items of a list start in one column",
    "did not find expected key": "check the indentation: keys of a mapping start in one column",
    "found unexpected end of stream": "the closing quote is missing",
    "did not find expected <document start>": "start another document with `---`",
    "found unknown escape character": "a backslash in double quotes starts an escape: double it",
    "found undefined tag handle": "quote a value that starts with `!`",
}


def _unquoted(error: MarkedYAMLError, text: str) -> Fault | None:
    """The fault of a plain scalar whose first character YAML keeps for itself: `@daily`, `*/5 * * * *`."""
    mark = error.context_mark
    if mark is None or error.context not in ("while scanning for the next token", "while scanning an alias"):
        return None
    start = mark.index
    if text[start : start + 1] not in tuple("@`%*&"):
        return None
    value = _plain_rest(text, start)
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return Fault(
        code="F002",
        message=f"not YAML: a value cannot start with `{value[0]}` unless it is quoted",
        hint=f'quote it: "{quoted}"' if len(value) <= 100 else "quote it",
        start=start,
        end=start + len(value),
    )


def _unspaced(error: MarkedYAMLError, text: str) -> Fault | None:
    """The fault of a known key whose colon touches its value, so that both are one text with what follows."""
    marks = [mark for mark in (error.context_mark, error.problem_mark) if mark is not None]
    starts = [start for mark in marks for start in _line_starts(mark, text)]
    key = next(filter(None, (_unspaced_key().match(text, start) for start in starts)), None)
    if key is None:
        return None
    return Fault(
        code="F002",
        message=f"a space is missing after `{key[1]}:`",
        hint=f"write `{key[1]}: {key[2].rstrip()[:100]}`",
        start=key.start(1),
        end=key.end(1) + 1,
    )


def _line_starts(mark: Mark, text: str) -> tuple[int, int]:
    """Where the last line with text before that of the mark starts, and where its own does."""
    own = text.rfind("\n", 0, mark.index) + 1
    before = text[:own].rstrip()
    return before.rfind("\n") + 1, own


@cache
def _unspaced_key() -> re.Pattern[str]:
    keys = "|".join(sorted(_keys(json.loads(schema_text("tasks"))), reverse=True))
    return re.compile(rf"[ ]*(?:-[ ]+)*({keys}):([^\s:,}}\]][^\n\r#]*)")


def _keys(schema: Any) -> set[str]:
    """The keys that a schema knows, at any depth."""
    if isinstance(schema, list):
        return set().union(*map(_keys, schema))
    if not isinstance(schema, dict):
        return set()
    return set(schema.get("properties", ())).union(*map(_keys, schema.values()))


def _plain_rest(text: str, start: int) -> str:
    """What was meant as the value: up to a comment or the end of the line, or of the item inside brackets."""
    before = text[text.rfind("\n", 0, start) + 1 : start]
    is_flow = sum(map(before.count, "{[")) > sum(map(before.count, "}]"))
    match = (_FLOW_REST if is_flow else _PLAIN_REST).match(text, start)
    return match.group().rstrip() if match else text[start]


def _unreadable(text: str, error: YAMLError) -> Fault:
    match = _NOT_PRINTABLE.search(text)
    if match is None:
        return _fault(0, f"not YAML: {error}", None)
    code = ord(match.group())
    hint = f'take it out, or write it as "\\x{code:02x}"' if code < 256 else "take it out"
    return _fault(match.start(), f"the control character U+{code:04X} is not allowed in YAML", hint)


def _fault(start: int, message: str, hint: str | None) -> Fault:
    return Fault(code="F002", message=message, hint=hint, start=start, end=start + 1)
