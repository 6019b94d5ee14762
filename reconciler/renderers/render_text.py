"""Tasks as their layers say them, for people: YAML, with the origin of each value behind it."""

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.canonical.values import STEP, pair, quoted, scalar
from reconciler.renderers.diagnostics_text import counts, render_diagnostics
from reconciler.renderers.look import Look, columns, visible
from reconciler.report.render import FieldOrigin, Layer, RenderedTask, RenderReport

LAYERS: dict[Layer, str] = {
    "overlay": "overlay",
    "task": "task",
    "file": "file defaults",
    "directory": "directory defaults",
}
GAP = 2
WIDEST = 60
"""Columns of YAML beyond which its origin is no longer in line with the others."""

Line = tuple[str, FieldOrigin | None]
Origins = Mapping[tuple[str | int, ...], FieldOrigin]


def render_parts(report: RenderReport, look: Look) -> Iterator[str]:
    errors = [one for one in report.diagnostics if one.is_error]
    if errors:
        yield render_diagnostics(errors, look)
        yield f"{counts(errors)}. Nothing was rendered."
    elif not report.tasks:
        yield "Tasks: []"
    else:
        tasks = "\n\n".join(_task(one, look) for one in report.tasks)
        yield f"Tasks:\n{tasks}"


def _task(task: RenderedTask, look: Look) -> str:
    origins = {one.path: one for one in task.origins}
    (first, origin), *rest = _lines(task.keys, origins, (), 2 * STEP)
    lines = [(f"{' ' * STEP}- {first.lstrip()}", origin), *rest]
    widths = [columns(line) for line, origin in lines if origin is not None]
    width = max((one for one in widths if one <= WIDEST), default=WIDEST)
    return "\n".join(_annotated(line, origin, width, look) for line, origin in lines)


def _lines(keys: Mapping[str, Any], origins: Origins, path: tuple[str, ...], indent: int) -> Iterator[Line]:
    """The lines of a mapping in a column; where several layers are mixed it is opened."""
    for key, value in keys.items():
        here = (*path, key)
        origin = origins.get(here)
        if origin is None and isinstance(value, Mapping) and value:
            yield f"{' ' * indent}{scalar(key)}:", None
            yield from _lines(value, origins, here, indent + STEP)
            continue
        first, *rest = _entry(key, value, indent, is_outer=not path).split("\n")
        yield f"{' ' * indent}{first}", origin
        yield from ((line, None) for line in rest)


def _entry(key: str, value: Any, indent: int, *, is_outer: bool) -> str:
    if is_outer and key == "Schedule":
        return f"{key}: {quoted(value)}"
    return pair(key, value, indent)


def _annotated(line: str, origin: FieldOrigin | None, width: int, look: Look) -> str:
    if origin is None:
        return line
    place = origin.place
    where = f"{visible(place.file)}:{place.line}" if place.line else visible(place.file)
    gap = " " * max(width - columns(line) + GAP, GAP)
    return f"{line}{gap}{look.paint(f'# {LAYERS[origin.layer]} {where}', 'dim')}"
