"""Indices of a text as lines and columns, counted as editors do: LF, CRLF and CR end a line, nothing else."""

import re
from bisect import bisect_right
from collections.abc import Iterable

from reconciler.diagnostics import Place

_BREAK = re.compile(r"\r\n|\r|\n")


class Lines:
    """The lines of one text."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.starts = [0, *(match.end() for match in _BREAK.finditer(text))]

    def line(self, index: int) -> int:
        """The line that an index lies on, from 1."""
        return bisect_right(self.starts, index)

    def line_text(self, line: int) -> str:
        """A line without its end."""
        start = self.starts[line - 1]
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def place(self, start: int, end: int) -> Place:
        """The place between two indices."""
        line, end_line = self.line(start), self.line(end)
        return Place(
            file=self.file,
            line=line,
            column=start - self.starts[line - 1] + 1,
            end_line=end_line,
            end_column=end - self.starts[end_line - 1] + 1,
            text=self.line_text(line),
        )


def starts_of(text: str, indices: Iterable[int]) -> list[tuple[int, int]]:
    """Line and column, from 1, of indices that ascend; faster than Lines where there are many and no CR."""
    if "\r" in text:
        lines = Lines("", text)
        return [(line := lines.line(index), index - lines.starts[line - 1] + 1) for index in indices]
    starts, line, last = [], 1, 0
    for index in indices:
        line += text.count("\n", last, index)
        last = index
        starts.append((line, index - text.rfind("\n", 0, index)))
    return starts
