"""What `reconcile fmt` did, for people: the files by name, or how each would change."""

import difflib
from collections.abc import Iterator

from reconciler.renderers.diagnostics_text import counts, render_diagnostics
from reconciler.renderers.look import Colour, Look, counted, visible
from reconciler.report.formatting import FormatReport, FormattedFile

_COLOURS: dict[str, Colour] = {"-": "red", "+": "green", "@": "cyan"}


def diff(file: FormattedFile) -> str:
    """How the file changes, as a unified diff."""
    lines = difflib.unified_diff(
        file.before.splitlines(keepends=True),
        file.after.splitlines(keepends=True),
        file.path,
        file.path,
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def format_parts(report: FormatReport, look: Look) -> Iterator[str]:
    yield render_diagnostics(report.diagnostics, look)
    if report.is_check:
        yield from (_painted(diff(file), look) for file in report.changed)
    yield "\n".join(_line(file) for file in report.files if _is_told(file, report, look))
    yield _total(report)


def _is_told(file: FormattedFile, report: FormatReport, look: Look) -> bool:
    """Not what a diagnostic or a diff tells already."""
    if file.state == "left alone":
        return file.reason is not None
    if file.state == "canonical":
        return look.verbose
    return not (report.is_check or look.quiet)


def _line(file: FormattedFile) -> str:
    reason = f": {file.reason}" if file.reason else ""
    return f"{visible(file.path)}: {file.state}{reason}"


def _total(report: FormatReport) -> str:
    changed = len(report.changed)
    verb = "would be formatted" if report.is_check else "formatted"
    wrong = counts(report.diagnostics)
    others = f"{len(report.files) - changed:,} unchanged"
    return f"{counted(changed, 'file')} {verb}, {others}{f', {wrong}' if wrong else ''}."


def _painted(text: str, look: Look) -> str:
    lines = text.rstrip("\n").split("\n")
    return "\n".join(
        look.paint(visible(line), "bold") if index < 2 else look.paint(visible(line), *_colours(line))
        for index, line in enumerate(lines)
    )


def _colours(line: str) -> tuple[Colour, ...]:
    colour = _COLOURS.get(line[:1])
    return (colour,) if colour else ()
