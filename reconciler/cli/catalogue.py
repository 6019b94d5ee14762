"""Commands that make an embedded database and fill its catalogue."""

from typing import Any

import click

from reconciler.cli import options


@click.command(short_help="Make the tables, or add the bookkeeping.")
@click.option(
    "--refs", metavar="FILE", callback=options.named_file, help="Users and actions of this snapshot."
)
@options.target
@options.output
def init(**given: Any) -> int:
    """Make the tables on an empty database, or add the bookkeeping to one that Daptin made."""
    from reconciler.cli import catalogue_steps

    return catalogue_steps.init(given)


@click.group()
def users() -> None:
    """The users of an embedded database."""


@users.command("add")
@click.argument("email")
@click.option("--group", "groups", metavar="NAME", multiple=True, help="A group to be in, beside users.")
@options.target
@options.output
def users_add(**given: Any) -> int:
    """Add a user whom tasks can run as."""
    from reconciler.cli import catalogue_steps

    return catalogue_steps.users_add(given)


@users.command("list")
@options.target
@options.output
def users_list(**given: Any) -> int:
    """List the users and their groups."""
    from reconciler.cli import catalogue_steps

    return catalogue_steps.users_list(given)


@click.group()
def actions() -> None:
    """The actions of an embedded database."""


@actions.command("add")
@click.argument("entity")
@click.argument("action")
@click.option(
    "--input", "inputs", metavar="NAME", multiple=True, help="An input; NAME? where it is optional."
)
@click.option("--needs-subject", is_flag=True, help="It runs on one row, which tasks name as ENTITY_id.")
@options.target
@options.output
def actions_add(**given: Any) -> int:
    """Add an action that tasks can name, and its entity where that is new."""
    from reconciler.cli import catalogue_steps

    return catalogue_steps.actions_add(given)


@actions.command("list")
@options.target
@options.output
def actions_list(**given: Any) -> int:
    """List the actions, entity by entity, with their inputs."""
    from reconciler.cli import catalogue_steps

    return catalogue_steps.actions_list(given)


COMMANDS = (
    init,
    users,
    actions,
)
