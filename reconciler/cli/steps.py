"""What every step from options to a shown report has in common.

Steps are imported when a command runs: `--help` pays for none of it.
"""

import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from reconciler import commands
from reconciler.cli.show import outputs, show
from reconciler.cli.streams import print_text
from reconciler.errors import Declined, Interrupted, ReconcilerError, TargetError, UsageError
from reconciler.request import Request, Watch

Given = Mapping[str, Any]

SILENT = (TargetError, UsageError, Declined, click.ClickException, click.Abort)
"""With these stdout stays empty, whatever the format."""


def shown(step: Callable[[], Any], given: Given, tell: Callable[[Any], None] = lambda report: None) -> int:
    """Runs a step and shows its report. In JSON there is a document even where there is no report.

    `tell` is told of the report afterwards, even where it could not be shown.
    """
    files = outputs(given)
    try:
        report = step()
    except SILENT:
        raise
    except Exception as error:
        if given["format_"] == "json":
            print_text(_failure(error))
        raise
    try:
        return show(report, given, files)
    except KeyboardInterrupt:
        outcome = getattr(report, "outcome", None)
        if outcome is None or not outcome.applied:
            raise
        raise Interrupted(f"interrupted; it was applied as {outcome.apply_id}") from None
    finally:
        tell(report)


def _failure(error: Exception) -> str:
    from reconciler.renderers import json_

    if isinstance(error, ReconcilerError):
        return json_.failure(error.message, error.hint)
    return json_.failure(f"unexpected failure ({type(error).__name__})")


def request_of(given: Given, watch: Watch = lambda stage: None, *, is_dry: bool = False) -> Request:
    return commands.resolve(
        given,
        directory=Path.cwd(),
        stdin=sys.stdin.buffer,
        environ=os.environ,
        clock=clock,
        watch=watch,
        is_dry=is_dry,
    )


def url_of(given: Given) -> commands.TargetUrl:
    return commands.resolve_target(given, os.environ, Path.cwd())


def clock() -> datetime:
    return datetime.now(UTC)


def clock_of(given: Given) -> tuple[datetime, ZoneInfo]:
    """The moment from which schedules are judged, and the zone."""
    return commands.resolve_clock(given, commands.read_settings(Path.cwd(), given.get("env")), clock)
