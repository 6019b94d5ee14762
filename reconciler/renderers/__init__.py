"""One file = one format = render(report, look) -> str."""

from collections.abc import Callable, Mapping
from typing import Any

from reconciler.renderers import github, gitlab, json_, junit, markdown, sarif, text
from reconciler.renderers.export_text import yaml_pieces
from reconciler.renderers.look import Look

Renderer = Callable[[Any, Look], str]

RENDERERS: Mapping[str, Renderer] = {
    "text": text.render,
    "json": json_.render,
    "markdown": markdown.render,
    "github": github.render,
    "gitlab": gitlab.render,
    "sarif": sarif.render,
    "junit": junit.render,
}
"""Text and JSON show every report, the others a plan, an apply and what is wrong in files."""

__all__ = ["RENDERERS", "Look", "Renderer", "yaml_pieces"]
