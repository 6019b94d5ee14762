"""When tasks run, for people: a line for each day, a column for each hour."""

import textwrap
from collections.abc import Iterator, Sequence
from datetime import date

from reconciler.diagnostics import some_of
from reconciler.renderers.density import Scale, scale_of
from reconciler.renderers.diagnostics_text import counts, render_diagnostics
from reconciler.renderers.look import Colour, Look, counted, visible
from reconciler.report.calendar import CalendarReport, Drawing, Of
from reconciler.schedule.hours import Herd

SHADES = " ░▒▓█"
COLOURS: tuple[Colour, ...] = ("dim", "green", "cyan", "yellow", "red")
"""By level."""

NONE, MARK = ".", "!"
_NO_FIRE = f"{NONE} no fire"
NAMED = 5
LISTED = 5
"""Names of a herd, and herds, that are told unless all are asked for."""

_SATURDAY = 5


def calendar_parts(report: CalendarReport, look: Look) -> Iterator[str]:
    if not report.drawings:
        yield render_diagnostics(report.diagnostics, look)
        yield f"{counts(report.diagnostics)}. Nothing was drawn."
        return
    first, last = report.days[0], report.days[-1]
    yield f"{first:%a %Y-%m-%d} to {last:%a %Y-%m-%d}, hours of {report.timezone.key}"
    scale = scale_of(report.drawings)
    digits = max(2, len(str(scale.bounds[-1])))
    shaded = LABEL + 24 * (digits + 1) > look.width
    for drawing in report.drawings:
        if drawing is not report.drawings[0] and drawing.hours == report.drawings[0].hours:
            yield look.paint(f"{title(drawing, report)[0]}: the same", "bold")
        else:
            yield "\n".join(_drawing(drawing, report, scale, look, None if shaded else digits))
    yield _legend(report, scale, look, shaded)
    if not look.quiet:
        yield "\n".join(visible(note) for note in report.notes)


LABEL = len("Tue 01  ")


def _drawing(
    drawing: Drawing, report: CalendarReport, scale: Scale, look: Look, digits: int | None
) -> Iterator[str]:
    yield look.paint(": ".join(title(drawing, report)), "bold")
    width = 2 if look.width >= LABEL + 24 * 2 else 1
    yield look.paint(" " * LABEL + (_shaded_head(width) if digits is None else _head(digits)), "dim")
    for number, day in enumerate(report.days):
        cells = (
            _cell(count, (number, hour) in drawing.hours.crowded, scale, look, digits, width)
            for hour, count in enumerate(drawing.hours.counts[number])
        )
        yield (_label(day, look) + "".join(cells)).rstrip()
    yield from _herds(drawing.hours.herds, report, look)


def title(drawing: Drawing, report: CalendarReport) -> tuple[str, str]:
    """What is drawn, and how much of it."""
    url = visible(report.target.url) if report.target else ""
    words: dict[Of, str] = {"table": f"The table of {url}", "plan": "After the plan", "files": "The files"}
    before = report.drawings[0]
    moved = f" (before {before.hours.fires:,})" if drawing.of == "plan" else ""
    fires = counted(drawing.hours.fires, "fire")
    return words[drawing.of], f"{counted(drawing.tasks, 'task')}, {fires}{moved}"


def _head(digits: int) -> str:
    return "".join(f"{hour:02}".rjust(digits) + " " for hour in range(24)).rstrip()


def _shaded_head(width: int) -> str:
    step = 6 // width
    return "".join(f"{hour:02}".ljust(step * width) for hour in range(0, 24, step)).rstrip()


def _label(day: date, look: Look) -> str:
    label = f"{day:%a %d}".ljust(LABEL)
    return look.paint(label, "dim") if day.weekday() >= _SATURDAY else label


def _cell(count: int, is_herd: bool, scale: Scale, look: Look, digits: int | None, width: int) -> str:
    """A number right-aligned and its mark, or shades; the mark is the last column."""
    level = scale.level(count)
    colours: tuple[Colour, ...] = ("bold", COLOURS[level]) if is_herd else (COLOURS[level],)
    if digits is not None:
        text = (str(count) if count else NONE).rjust(digits) + (MARK if is_herd else " ")
    else:
        text = (SHADES[level] if count else NONE) * width
        text = text[:-1] + MARK if is_herd else text
    return look.paint(text, *colours) if text.strip() else text


def _legend(report: CalendarReport, scale: Scale, look: Look, shaded: bool) -> str:
    levels = [_levels(scale, look)] if shaded or look.color else []
    plain = [_levels(scale, Look())] if levels else []
    herd = f"{MARK} {report.many:,} tasks or more start in one minute of the hour"
    fits = len(", ".join((_NO_FIRE, *plain, herd))) <= look.width
    return (", " if fits else "\n").join((_NO_FIRE, *levels, herd))


def _levels(scale: Scale, look: Look) -> str:
    return ", ".join(
        f"{look.paint(SHADES[level] * 2, COLOURS[level])} {words}" for level, words in scale.ranges()
    )


def _herds(herds: Sequence[Herd], report: CalendarReport, look: Look) -> Iterator[str]:
    shown = herds if look.verbose else herds[:LISTED]
    for herd in shown:
        told = textwrap.fill(
            _herd(herd, report, look),
            max(look.width, LABEL * 4),
            subsequent_indent=" " * len("02:00  "),
            break_long_words=False,
            break_on_hyphens=False,
        )
        yield "\n".join(look.paint(line, "yellow") for line in told.split("\n"))
    if shown and not look.quiet:
        yield "hint: with `H` as its minute each task gets one of its own"
    if more := len(herds) - len(shown):
        yield f"and {counted(more, 'time')} of day more at which many start (-v lists them)"


def _herd(herd: Herd, report: CalendarReport, look: Look) -> str:
    names = some_of(herd.names, len(herd.names) if look.verbose else NAMED, visible)
    days = f"{herd.days} of {len(report.days)} days"
    at = f"{herd.moment:%a %d}"
    worst = f"on {at}" if herd.days == 1 else f"on {days}, such as {at}"
    return f"{herd.moment:%H:%M}  {counted(len(herd.names), 'task')} start together {worst}: {names}"
