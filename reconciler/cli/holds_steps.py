"""From the options of a command about holds to a shown report."""

from typing import Any

from reconciler.cli.steps import Given, clock_of, request_of, shown, url_of
from reconciler.commands import holds as commands


def hold(given: Given) -> int:
    def step() -> Any:
        request = request_of(given)
        return commands.hold(request, url_of(given), given["names"], given["until"], given["reason"])

    return shown(step, given)


def unhold(given: Given) -> int:
    def step() -> Any:
        return commands.unhold(request_of(given), url_of(given), given["names"])

    return shown(step, given)


def holds(given: Given) -> int:
    return shown(lambda: commands.holds(url_of(given), *clock_of(given)), given)
