"""From the options of a command about what was applied to a shown report."""

from typing import Any

from reconciler import commands
from reconciler.cli.plan_steps import applied
from reconciler.cli.steps import Given, clock_of, request_of, shown, url_of
from reconciler.cli.watching import watching
from reconciler.report import PlanReport
from reconciler.request import Request


def history(given: Given) -> int:
    def step() -> Any:
        _, zone = clock_of(given)
        if given["apply"] is None:
            return commands.history(url_of(given), given["owner"], given["count"], zone)
        return commands.history_of(url_of(given), given["apply"], given["owner"], zone)

    return shown(step, given)


def undo(given: Given) -> int:
    whole: bool = given["all_or_nothing"]

    def step(request: Request, confirm: commands.Confirm | None) -> PlanReport:
        return commands.undo(given["apply"], request, url_of(given), confirm=confirm, all_or_nothing=whole)

    def dry_run() -> Any:
        with watching(given) as watch:
            return commands.plan_undo(
                given["apply"], request_of(given, watch, is_dry=True), url_of(given), all_or_nothing=whole
            )

    return shown(dry_run, given) if given["dry_run"] else applied(step, given)
