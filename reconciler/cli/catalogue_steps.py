"""From the options of a command about an embedded database to a shown report."""

from typing import Any

from reconciler import commands
from reconciler.cli.steps import Given, shown, url_of


def init(given: Given) -> int:
    return shown(lambda: commands.init(url_of(given), given["refs"]), given)


def users_add(given: Given) -> int:
    return shown(lambda: commands.users_add(url_of(given), given["email"], given["groups"]), given)


def users_list(given: Given) -> int:
    return shown(lambda: commands.users_list(url_of(given)), given)


def actions_add(given: Given) -> int:
    def step() -> Any:
        entity, action, inputs = given["entity"], given["action"], given["inputs"]
        return commands.actions_add(
            url_of(given), entity, action, inputs, needs_subject=given["needs_subject"]
        )

    return shown(step, given)


def actions_list(given: Given) -> int:
    return shown(lambda: commands.actions_list(url_of(given)), given)
