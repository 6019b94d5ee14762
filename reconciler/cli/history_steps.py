"""From the options of a command about what was applied to a shown report."""

from typing import Any

from reconciler import commands
from reconciler.cli.plan_steps import applied
from reconciler.cli.steps import Given, clock_of, request_of, shown, url_of
from reconciler.cli.watching import watching
from reconciler.commands.history import history as history_command
from reconciler.commands.history import history_of
from reconciler.commands.undo import plan_undo
from reconciler.commands.undo import undo as undo_command
from reconciler.report.plan import PlanReport
from reconciler.request import Request


def history(given: Given) -> int:
    def step() -> Any:
        _, zone = clock_of(given)
        if given["apply"] is None:
            return history_command(url_of(given), given["owner"], given["count"], zone)
        return history_of(url_of(given), given["apply"], given["owner"], zone)

    return shown(step, given)


def undo(given: Given) -> int:
    whole: bool = given["all_or_nothing"]

    def step(request: Request, confirm: commands.Confirm | None) -> PlanReport:
        return undo_command(given["apply"], request, url_of(given), confirm=confirm, all_or_nothing=whole)

    def dry_run() -> Any:
        with watching(given) as watch:
            return plan_undo(
                given["apply"], request_of(given, watch, is_dry=True), url_of(given), all_or_nothing=whole
            )

    return shown(dry_run, given) if given["dry_run"] else applied(step, given)
