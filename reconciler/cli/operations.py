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


@click.command(short_help="Rows that are not what was last applied.")
@options.paths
@click.option(
    "--fix", is_flag=True, help="Make the declared ones say what git says: an apply of these alone."
)
@options.yes
@options.comparing
@options.notify
@options.noticed
def drift(**given: Any) -> int:
    """Compare each row with what was last applied to it, and with git: who moved, and what.

    Exit code 0 without drift, 2 with it.
    """
    from reconciler.cli import operations_steps

    return operations_steps.drift(given)


COMMANDS = (status, drift)
