"""A row of the table of results: two figures of one run, their ratio, and the bound it is held to."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`ours` beside `peer`, both in `unit`. Without a bound the row is there for comparison."""

    name: str
    ours: float
    peer: float
    unit: str
    bound: float | None = None
    is_speedup: bool = False  # the ratio is peer / ours, and the bound is the least it must be

    @property
    def ratio(self) -> float:
        return self.peer / self.ours if self.is_speedup else self.ours / self.peer

    @property
    def passed(self) -> bool:
        if self.bound is None:
            return True
        return self.ratio >= self.bound if self.is_speedup else self.ratio <= self.bound

    @property
    def must(self) -> str:
        return "" if self.bound is None else f"{'>=' if self.is_speedup else '<='} {self.bound:g}"

    @property
    def verdict(self) -> str:
        return "" if self.bound is None else "met" if self.passed else "MISSED"


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table, which is readable as it stands."""
    head = ("what", "ours", "peer", "unit", "ratio", "must", "")
    cells = [head, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    figures = (f"{row.ours:.4g}", f"{row.peer:.4g}", row.unit, f"{row.ratio:.3g}")
    return (row.name, *figures, row.must, row.verdict)
