"""From the options of an inquiry to a shown report."""

from pathlib import Path
from typing import Any

from reconciler import commands
from reconciler.cli.steps import Given, request_of, shown, url_of
from reconciler.request import Request


def explain(given: Given) -> int:
    from reconciler.commands.explain import explain as command

    return shown(lambda: command(given["name"], _request(given), url_of(given)), given)


def impact(given: Given) -> int:
    from reconciler.commands.impact import impact as command

    def step() -> Any:
        return command(given["users"], given["actions_"], _request(given), url_of(given))

    return shown(step, given)


def _request(given: Given) -> Request:
    """With the files that are given or found here, or without any."""
    if commands.has_paths(given, Path.cwd()):
        return request_of(given)
    return request_of({name: value for name, value in given.items() if name != "paths"})
