"""One file = one format = render(report, look) -> str."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from reconciler.renderers.look import Look

Renderer = Callable[[Any, Look], str]

FILES: Mapping[str, str] = {
    "text": "text",
    "json": "json_",
    "markdown": "markdown",
    "github": "github",
    "gitlab": "gitlab",
    "sarif": "sarif",
    "junit": "junit",
}
"""The file of each format. Text and JSON show every report, the others plans, applies and faults of files."""


def renderer(format_: str) -> Renderer:
    """That of a format, imported when it is asked for: a dry run in text pays for no other."""
    module = import_module(f"reconciler.renderers.{FILES[format_]}")
    render: Renderer = module.render
    return render


__all__ = ["FILES", "Look", "Renderer", "renderer"]
