"""From options to a shown plan, or apply."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from reconciler import commands
from reconciler.cli.ending import say
from reconciler.cli.show import look
from reconciler.cli.steps import Given, request_of, shown, url_of
from reconciler.cli.watching import watching
from reconciler.commands.plan import plan as plan_command
from reconciler.renderers import Look, renderer, text
from reconciler.report.plan import PlanReport
from reconciler.request import Request

Apply = Callable[[Request, commands.Confirm | None], PlanReport]


def plan(given: Given) -> int:
    def step() -> Any:
        with watching(given) as watch:
            return plan_command(
                request_of(given, watch, is_dry=True),
                url_of(given),
                expected=given["expect_plan"],
                is_saved=given.get("out") is not None,
            )

    return shown(step, given)


def apply(given: Given) -> int:
    from reconciler.commands.apply import apply as command

    def step(request: Request, confirm: commands.Confirm | None) -> PlanReport:
        return command(request, url_of(given), confirm, given["expect_plan"])

    return applied(step, given)


def drift_fix(given: Given) -> int:
    from reconciler.commands.drift import drift_fix as command

    def step(request: Request, confirm: commands.Confirm | None) -> PlanReport:
        return command(request, url_of(given), confirm)

    return applied(step, given)


def apply_saved(given: Given) -> int:
    from reconciler.commands.apply_saved import apply_saved as command

    def step(request: Request, confirm: commands.Confirm | None) -> PlanReport:
        return command(given["file"], request, url_of(given), confirm)

    return applied(step, given)


def applied(apply: Apply, given: Given) -> int:
    """Shows the plan on a terminal and asks, unless --yes; then applies, and shows what became of it."""
    asks = sys.stdin.isatty() and sys.stdout.isatty() and not given["yes"]
    view = dict(given)

    def confirm(report: PlanReport) -> bool:
        aside = given["format_"] not in ("text", "github")  # for those who read; others get one document
        click.echo(text.render(report, look(given)), err=aside)
        view["was_shown"] = True
        return click.confirm(f"Apply to {report.target.url} as owner {report.owner}?", err=aside)

    def step() -> Any:
        with watching(given) as watch:
            return apply(request_of(given, watch), confirm if asks else None)

    return shown(step, view, _teller(given))


def _teller(given: Given) -> Callable[[PlanReport], None]:
    """Tells who is to be told of an apply, and says so on stderr where that fails. Raises UsageError."""
    from reconciler.commands.notifying import notify, recipient

    to = recipient(given, commands.read_settings(Path.cwd(), given.get("env")))

    def tell(report: PlanReport) -> None:
        if to is None or report.outcome is None or not report.outcome.applied:
            return
        if wrong := notify(to, renderer("json")(report, Look())):
            say("reconcile", wrong)

    return tell
