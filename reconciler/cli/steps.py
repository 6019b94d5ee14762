"""From options to a shown report. Imported when a command runs: `--help` pays for none of it."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from reconciler import commands
from reconciler.cli.show import look, show
from reconciler.cli.watching import watching
from reconciler.commands.request import resolve
from reconciler.database import TargetUrl, target_url
from reconciler.renderers import text
from reconciler.report import PlanReport
from reconciler.request import Request, Watch

Given = Mapping[str, Any]


def plan(given: Given) -> int:
    with watching(given) as watch:
        report = commands.plan(_request(given, watch), _url(given))
    return show(report, given)


def apply(given: Given) -> int:
    asks = sys.stdin.isatty() and sys.stdout.isatty() and not given["yes"]
    with watching(given) as watch:
        request = _request(given, watch)
        report = commands.apply(request, _url(given), _confirm(given) if asks else None)
    return show(report, given)


def validate(given: Given) -> int:
    return show(commands.validate(_request(given)), given)


def _request(given: Given, watch: Watch = lambda stage: None) -> Request:
    return resolve(given, directory=Path.cwd(), stdin=sys.stdin.buffer, watch=watch)


def _url(given: Given) -> TargetUrl:
    return target_url(given["database_url"], os.environ)


def _confirm(given: Given) -> commands.Confirm:
    def confirm(report: PlanReport) -> bool:
        click.echo(text.render(report, look(given)))
        return click.confirm("Apply this plan?")

    return confirm
