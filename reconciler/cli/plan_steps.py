"""From options to a shown plan, or apply."""

import sys
from typing import Any

import click

from reconciler import commands
from reconciler.cli.show import look
from reconciler.cli.steps import Given, request_of, shown, url_of
from reconciler.cli.watching import watching
from reconciler.renderers import text
from reconciler.report import PlanReport


def plan(given: Given) -> int:
    def step() -> Any:
        with watching(given) as watch:
            return commands.plan(request_of(given, watch), url_of(given))

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
            return commands.apply(request_of(given, watch), url_of(given), confirm if asks else None)

    return shown(step, view)
