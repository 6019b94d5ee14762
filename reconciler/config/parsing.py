"""A file's text to values, its faults to diagnostics."""

from reconciler.config.composer import Composed, compose
from reconciler.config.lines import Lines
from reconciler.config.positions import duplicate_keys
from reconciler.diagnostics import Diagnostic, diagnostic


def parse(file: str, text: str, found: list[Diagnostic]) -> Composed | None:
    """What a file holds; None where nothing of it is of use. What is wrong with it is added to `found`."""
    composed = compose(text)
    if composed.faults or composed.has_duplicates:
        lines = Lines(file, text)
        for one in composed.faults:
            place = lines.place(one.start, one.end)
            found.append(diagnostic(one.code, one.message, hint=one.hint, place=place))
        if composed.has_duplicates:
            found += duplicate_keys(lines)
    return composed if composed.is_whole else None
