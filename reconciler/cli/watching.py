"""Progress on stderr: a bar on a terminal once a run takes long, a line a stage with -v, else silence."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import click

from reconciler.request import Watch

STAGES = ("reading", "checking", "planning", "writing", "verifying")
PATIENCE = 0.4
"""Seconds that a run may take before a bar is worth its while."""


@contextmanager
def watching(given: Mapping[str, Any], clock: Callable[[], float] = time.monotonic) -> Iterator[Watch]:
    """What to call at the start of each stage; what it shows is gone at the end of the block."""
    if given["verbose"]:
        yield _line
    elif given["quiet"] or not sys.stderr.isatty():
        yield lambda stage: None
    else:
        with ExitStack() as stack:
            yield _bar_after(PATIENCE, stack, clock)


def _line(stage: str) -> None:
    with suppress(OSError):  # a stderr that is full or gone stops no apply
        click.echo(f"{stage} ...", err=True)


def _bar_after(patience: float, stack: ExitStack, clock: Callable[[], float]) -> Watch:
    began = clock()
    advance: Watch | None = None

    def watch(stage: str) -> None:
        nonlocal advance
        if advance is None and clock() - began > patience:
            advance = _bar(stack)
        if advance is not None:
            advance(stage)

    return watch


def _bar(stack: ExitStack) -> Watch:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<10}"), BarColumn(), TimeElapsedColumn())
    progress = stack.enter_context(Progress(*columns, console=Console(stderr=True), transient=True))
    bar = progress.add_task("", total=len(STAGES))

    def advance(stage: str) -> None:
        progress.update(bar, description=stage, completed=STAGES.index(stage), refresh=True)

    return advance
