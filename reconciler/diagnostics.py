"""A diagnostic: one thing wrong, at one place, with a stable code."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


WARNINGS = frozenset(
    {
        *("F008", "F009", "S004", "S005", "S006", "S007"),
        *("A004", "J002", "J003", "J004", "D001", "D002", "D003", "D004", "E009"),
    }
)
"""The codes that are warnings unless `--strict` is given; every other code is an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """A spot in a document by its keys: what a check knows. `config.positions` turns it into a Place."""

    file: str
    document: int = 0  # index of the YAML document in the file
    path: tuple[str | int, ...] = ()  # ("Tasks", 3, "Schedule")
    on_key: bool = False  # the key itself rather than its value
    span: tuple[int, int] | None = None  # part of a scalar's value, in code points from 0, end exclusive


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A span of a file as editors count: lines and columns from 1, columns in code points, ends exclusive."""

    file: str
    line: int | None = None  # None: the file as a whole
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    text: str = ""  # the line itself, for the caret


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    code: str
    message: str
    hint: str | None = None
    severity: Severity
    pointer: Pointer | None = None
    place: Place | None = None

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


def diagnostic(
    code: str,
    message: str,
    *,
    hint: str | None = None,
    pointer: Pointer | None = None,
    place: Place | None = None,
) -> Diagnostic:
    """A diagnostic with the severity that its code has by default."""
    severity = Severity.WARNING if code in WARNINGS else Severity.ERROR
    return Diagnostic(code=code, message=message, hint=hint, severity=severity, pointer=pointer, place=place)


def by_place(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorted by file, line, column and code, each once."""
    return sorted(set(diagnostics), key=_order)


def strict(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The same with every warning an error (`--strict`)."""
    return [replace(one, severity=Severity.ERROR) for one in diagnostics]


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that a word most likely stands for: the same but for case first, else the nearest."""
    known = list(candidates)
    folded = word.casefold()
    for candidate in known:
        if candidate.casefold() == folded:
            return candidate
    from difflib import get_close_matches  # here: only a mistake pays for it

    by_folded = {candidate.casefold(): candidate for candidate in known}
    near = get_close_matches(folded, by_folded, n=1, cutoff=0.7)
    return by_folded[near[0]] if near else None


def some_of(words: Sequence[str], most: int, show: Callable[[str], str] = str) -> str:
    """The first of them, and how many there are besides: `a, b and 3 more`."""
    more = f" and {len(words) - most:,} more" if len(words) > most else ""
    return ", ".join(map(show, words[:most])) + more


def _order(one: Diagnostic) -> tuple[str, int, int, str, str]:
    place = one.place
    if place is None:
        return (one.pointer.file if one.pointer else "", 0, 0, one.code, one.message)
    return (place.file, place.line or 0, place.column or 0, one.code, one.message)
