"""Commands that tell what is known, and change nothing."""

from typing import Any

import click

from reconciler.cli import options


@click.command(short_help="All that is known of one task.")
@click.argument("name")
@options.paths
@options.target
@options.owner
@options.reader
@options.clock
@options.output
def explain(**given: Any) -> int:
    """Tell on one page all that is known of a task.

    Where it is declared and by whom, what was applied and when, its hold, its fires and runs, what the
    schedulers have loaded, what is wrong with it, and which other tasks do the same work. Without files only
    the table is asked.
    """
    from reconciler.cli import inquiries_steps

    return inquiries_steps.explain(given)


@click.command(short_help="Which tasks need a user or an action.")
@options.paths
@click.option("--user", "users", metavar="EMAIL", multiple=True, help="A user who is to go.")
@click.option("--action", "actions_", metavar="ENTITY/ACTION", multiple=True, help="An action that is to go.")
@options.target
@options.owner
@options.clock
@options.output
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 if a task would stop working.")
def impact(**given: Any) -> int:
    """Tell which tasks would stop working without a user or an action, and which do not work already.

    Both options may be given several times. Without files only the table is asked.
    """
    from reconciler.cli import inquiries_steps

    return inquiries_steps.impact(given)


COMMANDS = (explain, impact)
