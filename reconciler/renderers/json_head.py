"""What every JSON document of ours begins with."""

from typing import Any

from reconciler import __version__

FORMAT_VERSION = "1.0"


def headed(**content: Any) -> dict[str, Any]:
    """The document of a content."""
    return {"format_version": FORMAT_VERSION, "tool": tool(), **content}


def tool() -> dict[str, str]:
    return {"name": "task-reconciler", "version": __version__}
