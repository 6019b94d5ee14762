"""From the options of an operator's command to a shown report."""

from typing import Any

from reconciler.cli.steps import Given, request_of, shown, url_of


def status(given: Given) -> int:
    from reconciler.commands.status import status as command  # with what only the scheduler needs

    def step() -> Any:
        request = request_of(given)
        return command(url_of(given), request.now, request.timezone, request)

    return shown(step, given)
