"""From the options of a command that moves ownership to a shown plan, or apply."""

from typing import Any

import click

from reconciler import commands
from reconciler.cli.plan_steps import applied
from reconciler.cli.steps import Given, request_of, shown, url_of
from reconciler.cli.watching import watching
from reconciler.commands.ownership import adopt as adopt_command
from reconciler.commands.ownership import plan_adopt, plan_release
from reconciler.commands.ownership import release as release_command
from reconciler.report.plan import PlanReport
from reconciler.request import Request


def adopt(given: Given) -> int:
    names, is_all = given["names"], given["is_all"]
    if is_all == bool(names):
        raise click.UsageError("name the rows, or give --all for every row of no owner: one of the two")

    def step(request: Request, confirm: commands.Confirm | None) -> PlanReport:
        return adopt_command(names, request, url_of(given), confirm, is_all=is_all)

    def dry_run() -> Any:
        with watching(given) as watch:
            request = request_of(given, watch, is_dry=True)
            return plan_adopt(names, request, url_of(given), is_all=is_all)

    return shown(dry_run, given) if given["dry_run"] else applied(step, given)


def release(given: Given) -> int:
    names = given["names"]

    def step(request: Request, confirm: commands.Confirm | None) -> PlanReport:
        return release_command(names, request, url_of(given), confirm)

    def dry_run() -> Any:
        with watching(given) as watch:
            return plan_release(names, request_of(given, watch, is_dry=True), url_of(given))

    return shown(dry_run, given) if given["dry_run"] else applied(step, given)
