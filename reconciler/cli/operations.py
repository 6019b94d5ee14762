"""Commands for those who operate the table."""

from typing import Any

import click

from reconciler.cli import options


@click.command(short_help="Git, the table and what each scheduler has loaded.")
@options.paths
@options.asking
@options.output
@options.detailed_exitcode
def status(**given: Any) -> int:
    """Git, the table, and what each live scheduler has loaded, side by side."""
    from reconciler.cli import operations_steps

    return operations_steps.status(given)


COMMANDS = (status,)
