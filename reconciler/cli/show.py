"""A report to stdout and to files, progress to stderr."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reconciler.errors import UsageError
from reconciler.renderers import RENDERERS, Look
from reconciler.report import exit_code


def show(report: Any, given: Mapping[str, Any]) -> int:
    """Prints the report in the format asked for, writes it to the files asked for; the exit code."""
    files = [_target(text, given["format_"]) for text in given["outputs"]]
    sys.stdout.write(RENDERERS[given["format_"]](report, look(given)))
    for format_, path in files:
        _write(path, RENDERERS[format_](report, Look(verbose=True)))
    return exit_code(report, detailed=given["detailed_exitcode"])


def look(given: Mapping[str, Any]) -> Look:
    """How text is to look on this stdout."""
    color = sys.stdout.isatty() and not given["no_color"] and not os.environ.get("NO_COLOR")
    return Look(
        color=color,
        width=shutil.get_terminal_size().columns,
        verbose=given["verbose"],
        quiet=given["quiet"],
    )


def _target(text: str, default: str) -> tuple[str, Path]:
    """`json=plan.json`, or a file alone in the format that is printed."""
    format_, separator, file = text.partition("=")
    if not separator:
        return default, Path(text)
    if format_ not in RENDERERS:
        raise UsageError(f"--output: {format_!r} is no format", hint=f"one of {', '.join(RENDERERS)}")
    return format_, Path(file)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--output: cannot write {path}: {error.strerror}") from error
