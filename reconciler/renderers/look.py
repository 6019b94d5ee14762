"""How a text is to look: for which screen, and how much of it."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Colour = Literal["red", "green", "yellow", "cyan", "bold", "dim"]

_CODES: dict[Colour, str] = {
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
    "bold": "1",
    "dim": "2",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    color: bool = False
    width: int = 80  # columns
    verbose: bool = False  # lists whole instead of their beginning
    quiet: bool = False  # changes and problems only
    was_shown: bool = False  # the plan of an apply, before the question

    def paint(self, text: str, *colours: Colour) -> str:
        if not self.color or not colours:
            return text
        return f"\x1b[{';'.join(_CODES[one] for one in colours)}m{text}\x1b[0m"


PLAIN = Look(width=100)
"""For text within another format."""


def visible(text: str) -> str:
    """The text with one harmless character for each that a terminal would act upon or hide."""
    return text if text.isprintable() else "".join(_shown(character) for character in text)


def columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(_columns_of(character) for character in text)


def _shown(character: str) -> str:
    if character == "\t":
        return " "
    return character if character.isprintable() else "�"


def _columns_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def in_utc(moment: datetime) -> str:
    """`2026-12-01 06:00 UTC`: by a clock that cannot be mistaken."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def counted(number: int, noun: str) -> str:
    """`1 task`, `1,000 tasks`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
