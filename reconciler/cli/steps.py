"""From options to a shown report. Imported when a command runs: `--help` pays for none of it."""

import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from reconciler import commands
from reconciler.cli.show import look, outputs, show
from reconciler.cli.streams import print_text
from reconciler.cli.watching import watching
from reconciler.errors import Declined, ReconcilerError, TargetError, UsageError
from reconciler.renderers import json_, text
from reconciler.report import PlanReport
from reconciler.request import Request, Watch

Given = Mapping[str, Any]

SILENT = (TargetError, UsageError, Declined, click.ClickException, click.Abort)
"""With these stdout stays empty, whatever the format."""


def plan(given: Given) -> int:
    def step() -> Any:
        with watching(given) as watch:
            return commands.plan(_request(given, watch), _url(given))

    return shown(step, given)


def apply(given: Given) -> int:
    asks = sys.stdin.isatty() and sys.stdout.isatty() and not given["yes"]
    view = dict(given)

    def confirm(report: PlanReport) -> bool:
        aside = given["format_"] == "json"
        click.echo(text.render(report, look(given)), err=aside)
        view["was_shown"] = True
        return click.confirm(f"Apply to {report.target.url} as owner {report.owner}?", err=aside)

    def step() -> Any:
        with watching(given) as watch:
            return commands.apply(_request(given, watch), _url(given), confirm if asks else None)

    return shown(step, view)


def validate(given: Given) -> int:
    return shown(lambda: commands.validate(_request(given)), given)


def preview(given: Given) -> int:
    def step() -> Any:
        now, zone = commands.resolve_clock(given, commands.read_settings(Path.cwd()), _now)
        return commands.preview(given["schedule"], given["count"], now, zone, _url(given))

    return shown(step, given)


def rules(code: str | None, given: Given) -> int:
    return shown(lambda: commands.rules(code), given)


def schema(name: str) -> int:
    click.echo(commands.schema(name), nl=False)
    return 0


def init(given: Given) -> int:
    return shown(lambda: commands.init(_url(given)), given)


def status(given: Given) -> int:
    from reconciler.commands.status import status as command  # with what only the scheduler needs

    def step() -> Any:
        request = _request(given)
        return command(_url(given), request.now, request.timezone, request)

    return shown(step, given)


def users_add(given: Given) -> int:
    return shown(lambda: commands.users_add(_url(given), given["email"], given["groups"]), given)


def users_list(given: Given) -> int:
    return shown(lambda: commands.users_list(_url(given)), given)


def actions_add(given: Given) -> int:
    def step() -> Any:
        entity, action, inputs = given["entity"], given["action"], given["inputs"]
        return commands.actions_add(_url(given), entity, action, inputs, needs_subject=given["needs_subject"])

    return shown(step, given)


def actions_list(given: Given) -> int:
    return shown(lambda: commands.actions_list(_url(given)), given)


def shown(step: Callable[[], Any], given: Given) -> int:
    """Runs a step and shows its report. In JSON there is a document even where there is no report."""
    files = outputs(given)
    try:
        report = step()
    except SILENT:
        raise
    except Exception as error:
        if given["format_"] == "json":
            print_text(_failure(error))
        raise
    return show(report, given, files)


def _failure(error: Exception) -> str:
    if isinstance(error, ReconcilerError):
        return json_.failure(error.message, error.hint)
    return json_.failure(f"unexpected failure ({type(error).__name__})")


def _request(given: Given, watch: Watch = lambda stage: None) -> Request:
    return commands.resolve(given, directory=Path.cwd(), stdin=sys.stdin.buffer, clock=_now, watch=watch)


def _now() -> datetime:
    return datetime.now(UTC)


def _url(given: Given) -> commands.TargetUrl:
    return commands.target_url(given["database_url"], os.environ)
