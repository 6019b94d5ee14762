"""Tasks as the text of a file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from reconciler.canonical.values import STEP, pair, quoted

DEFAULTS: Mapping[str, Any] = {"Active": True, "JobType": "", "Attributes": {}}
"""What a task says that does not say it."""

MARGIN = " " * STEP

Item = tuple[Mapping[str, Any], Sequence[str]]
"""A task by the keys of the YAML; and the reasons for which it is none, then it becomes a comment."""


def file_text(items: Iterable[Item]) -> Iterator[str]:
    """A file, piece by piece; between two tasks stands an empty line."""
    kept = list(items)
    yield "Tasks:\n" if any(not reasons for _, reasons in kept) else "Tasks: []\n"
    for index, (keys, reasons) in enumerate(kept):
        text = _task_text(keys)
        above = "\n" if index else ""
        if reasons:
            above += "".join(f"{MARGIN}# {_one_line(reason)}\n" for reason in reasons)
            text = _commented(text)
        yield above + text


def _task_text(keys: Mapping[str, Any]) -> str:
    """The lines of a task, its keys in the order in which they are given; what is the default is left out."""
    inner = 2 * STEP
    lines = [_entry(key, value, inner) for key, value in keys.items() if not _is_default(key, value)]
    return f"{MARGIN}- " + f"\n{' ' * inner}".join(lines) + "\n"


def _commented(text: str) -> str:
    """Lines as a comment; without its signs they are what they were."""
    return "".join(f"{MARGIN}# {line.removeprefix(MARGIN)}".rstrip() + "\n" for line in text.split("\n")[:-1])


def _one_line(reason: str) -> str:
    return "".join(character if character.isprintable() else "\ufffd" for character in reason)


def _entry(key: str, value: Any, indent: int) -> str:
    if key == "Schedule" and isinstance(value, str):
        return f"{key}: {quoted(value)}"  # always: most of them have to be
    return pair(key, value, indent)


def _is_default(key: str, value: Any) -> bool:
    return key in DEFAULTS and type(value) is type(DEFAULTS[key]) and value == DEFAULTS[key]
