"""Diagnostics for people: place, code and message, the line with carets under the span, the hint."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from reconciler.diagnostics import Diagnostic, Place
from reconciler.renderers.look import Colour, Look, columns, visible

INDENT = "    "
DOTS = "..."


def render_diagnostics(diagnostics: Iterable[Diagnostic], look: Look) -> str:
    """Every diagnostic, an empty line between two."""
    return "\n\n".join("\n".join(_lines(one, look)) for one in diagnostics)


class Counted(Protocol):
    @property
    def is_error(self) -> bool: ...


def counts(found: Sequence[Counted]) -> str:
    """`2 errors, 1 warning`; empty where there is nothing."""
    errors = sum(one.is_error for one in found)
    parts = [(errors, "error"), (len(found) - errors, "warning")]
    return ", ".join(f"{count:,} {word}{'s' if count > 1 else ''}" for count, word in parts if count)


def _lines(one: Diagnostic, look: Look) -> list[str]:
    colour: Colour = "red" if one.is_error else "yellow"
    severity = look.paint(f"{one.severity}[{one.code}]", colour, "bold")
    lines = [f"{look.paint(_where(one.place), 'bold')}: {severity}: {visible(one.message)}"]
    if one.place and one.place.column is not None and one.place.text:
        lines += _snippet(one.place, look)
    if one.hint:
        lines.append(f"  hint: {visible(one.hint)}")
    return lines


def _where(place: Place | None) -> str:
    if place is None:
        return "-"
    parts = [visible(place.file), place.line, place.column]
    return ":".join(str(part) for part in parts if part is not None)


def _snippet(place: Place, look: Look) -> list[str]:
    """The line and the carets, a window of both where the line is longer than the screen."""
    assert place.column is not None
    start = place.column - 1
    same_line = place.end_line in (None, place.line)
    end = place.end_column - 1 if same_line and place.end_column else len(place.text)
    room = max(look.width - len(INDENT) - 1, 20)
    left = max(0, min(start - room // 3, len(place.text) - room))
    line = visible(_cut(place.text, left, room, start, end))
    spot = visible(place.text[start : max(end, start + 1)])[: max(room - (start - left), 1)]
    carets = "^" * max(columns(spot), 1)
    gap = " " * columns(visible(place.text[left:start]))
    return [f"{INDENT}{line}", f"{INDENT}{gap}{look.paint(carets, 'red' if look.color else 'bold')}"]


def _cut(text: str, left: int, room: int, start: int, end: int) -> str:
    """`room` characters from `left` on; dots stand for what is left out, unless the carets are below them."""
    shown = text[left : left + room].rstrip("\r\n")
    if left > 0 and start - left >= len(DOTS):
        shown = DOTS + shown[len(DOTS) :]
    if left + room < len(text.rstrip()) and end <= left + room - len(DOTS):
        shown = shown[: room - len(DOTS)] + DOTS
    return shown
