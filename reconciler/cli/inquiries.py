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


COMMANDS = (explain,)
