"""Columns of text."""

from collections.abc import Sequence

from reconciler.renderers.look import columns, visible


def table(rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell."""
    cells = [[visible(cell) for cell in row] for row in rows]
    widths = [max(map(columns, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (width - columns(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    )
