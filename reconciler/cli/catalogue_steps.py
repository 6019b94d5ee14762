"""From the options of a command about an embedded database to a shown report."""

from typing import Any

from reconciler.cli.steps import Given, shown, url_of
from reconciler.commands.actions import actions_add as actions_add_command
from reconciler.commands.actions import actions_list as actions_list_command
from reconciler.commands.init import init as init_command
from reconciler.commands.users import users_add as users_add_command
from reconciler.commands.users import users_list as users_list_command


def init(given: Given) -> int:
    return shown(lambda: init_command(url_of(given), given["refs"]), given)


def users_add(given: Given) -> int:
    return shown(lambda: users_add_command(url_of(given), given["email"], given["groups"]), given)


def users_list(given: Given) -> int:
    return shown(lambda: users_list_command(url_of(given)), given)


def actions_add(given: Given) -> int:
    def step() -> Any:
        entity, action, inputs = given["entity"], given["action"], given["inputs"]
        return actions_add_command(
            url_of(given), entity, action, inputs, needs_subject=given["needs_subject"]
        )

    return shown(step, given)


def actions_list(given: Given) -> int:
    return shown(lambda: actions_list_command(url_of(given)), given)
