"""A report to stdout and to files, progress to stderr."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from reconciler.cli.options import output_file
from reconciler.cli.streams import ESCAPE, print_text
from reconciler.errors import ReconcilerError, UsageError
from reconciler.renderers import Look, renderer
from reconciler.report.endings import exit_code
from reconciler.report.plan import PlanReport

SQLITE = b"SQLite format 3\0"
"""How such a file begins."""

SUFFIXES = (".yaml", ".yml")

Outputs = tuple[tuple[str, Path], ...]
"""Format and file."""


def show(report: Any, given: Mapping[str, Any], files: Outputs) -> int:
    """Prints the report in the format asked for, writes it to the files asked for; the exit code."""
    print_text(renderer(given["format_"])(report, look(given)))
    return _written(report, given, files)


def show_aside(report: Any, given: Mapping[str, Any], files: Outputs) -> int:
    """As `show`, but its text on stderr: stdout has something else already."""
    click.echo(renderer("text")(report, look(given)), nl=False, err=True)
    return _written(report, given, files)


def _written(report: Any, given: Mapping[str, Any], files: Outputs) -> int:
    for format_, path in files:
        _write(path, renderer(format_)(report, Look(verbose=True)), "--output")
    if given.get("out") is not None:
        _save(report, given["out"], given)
    if given.get("html") is not None and report.drawings:
        from reconciler.renderers import calendar_html

        _write(given["html"], calendar_html.render(report, Look()), "--html")
    return exit_code(report, detailed=given.get("detailed_exitcode", False))


def _save(report: PlanReport, path: Path, given: Mapping[str, Any]) -> None:
    from reconciler.renderers import saved_plan

    if report.basis is None:
        click.echo(f"{path} was not written: a plan that is refused cannot be applied", err=True)
        return
    _write(path, saved_plan.render(report, Look()), "--out")
    if not given["quiet"]:
        environment = report.basis.environment
        words = ("reconcile", "apply", str(path), *(("--env", environment) if environment else ()))
        click.echo(f"saved: {shlex.join(words)}", err=True)


def outputs(given: Mapping[str, Any]) -> Outputs:
    """The files asked for, before anything is done that could then not be told. Raises UsageError."""
    printed = "text" if given["format_"] == "github" else given["format_"]
    asked = map(output_file, given["outputs"])
    files = tuple((format_ or printed, Path(file)) for format_, file in asked)
    written = [("--output", path) for _, path in files]
    written += [(f"--{name}", given[name]) for name in ("out", "html") if given.get(name) is not None]
    for number, (option, path) in enumerate(written):
        twice = path.resolve() in (other.resolve() for _, other in written[:number])
        if reason := "it is named twice" if twice and not _is_device(path) else _hindrance(path):
            raise UsageError(f"{option}: cannot write {path}: {reason}")
    return files


def _hindrance(path: Path) -> str | None:
    if str(path) == "-":
        return "it is no file; --format says what is printed"
    if path.is_dir():
        return "it is a directory"
    if not path.parent.is_dir():
        return f"there is no directory {path.parent}"
    if path.is_file() and (kind := _precious(path)):
        return f"it is {kind}, which would be lost"
    return None if os.access(path if path.exists() else path.parent, os.W_OK) else "permission denied"


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file()


def _precious(path: Path) -> str | None:
    """What no report is: a slip in an option shall cost neither the tasks nor the table."""
    if path.suffix in SUFFIXES:
        return "a YAML file"
    try:
        with path.open("rb") as stream:
            return "a SQLite database" if stream.read(len(SQLITE)) == SQLITE else None
    except OSError:
        return None


def look(given: Mapping[str, Any]) -> Look:
    """How text is to look on this stdout."""
    color = sys.stdout.isatty() and not given["no_color"] and not os.environ.get("NO_COLOR")
    return Look(
        color=color,
        width=shutil.get_terminal_size().columns,
        verbose=given["verbose"],
        quiet=given["quiet"],
        was_shown=given.get("was_shown", False),
    )


def _write(path: Path, text: str, option: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", errors=ESCAPE)
    except OSError as error:
        raise ReconcilerError(f"{option}: cannot write {path}: {error.strerror}") from error
