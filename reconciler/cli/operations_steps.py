"""From the options of an operator's command to a shown report."""

from typing import Any

from reconciler.cli import plan_steps
from reconciler.cli.steps import Given, request_of, shown, url_of
from reconciler.cli.watching import watching
from reconciler.commands.drift import drift as drift_command


def status(given: Given) -> int:
    from reconciler.commands.status import status as command  # with what only the scheduler needs

    def step() -> Any:
        request = request_of(given)
        return command(url_of(given), request.now, request)

    return shown(step, given)


def drift(given: Given) -> int:
    if given["fix"]:
        return plan_steps.drift_fix(given)

    def step() -> Any:
        with watching(given) as watch:
            return drift_command(request_of(given, watch), url_of(given))

    return shown(step, given)
