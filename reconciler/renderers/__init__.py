"""One file = one format = render(report, look) -> str."""

from collections.abc import Callable, Mapping
from typing import Any

from reconciler.renderers import json_, text
from reconciler.renderers.export_text import yaml_pieces
from reconciler.renderers.look import Look

Renderer = Callable[[Any, Look], str]

RENDERERS: Mapping[str, Renderer] = {"text": text.render, "json": json_.render}

__all__ = ["RENDERERS", "Look", "Renderer", "yaml_pieces"]
