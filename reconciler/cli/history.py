"""Commands about what was applied."""

from typing import Any

import click

from reconciler.cli import options


@click.command(short_help="What was applied, by whom, from which commit.")
@click.argument("apply", metavar="[APPLY]", required=False)
@click.option(
    "-n", "--count", default=20, show_default=True, type=click.IntRange(1, 100_000), help="How many."
)
@click.option("--owner", metavar="NAME", callback=options.said, help="Only the applies of this owner.")
@options.target
@options.timezone
@options.output
def history(**given: Any) -> int:
    """List what was applied, the newest first, or show one apply change by change.

    APPLY is the beginning of an id, or `last`.
    """
    from reconciler.cli import history_steps

    return history_steps.history(given)


@click.command(short_help="Apply the inverse of an apply.")
@click.argument("apply", metavar="APPLY")
@click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")
@options.yes
@click.option(
    "--all-or-nothing", is_flag=True, help="Refuse if a row moved since, instead of leaving it out."
)
@options.owner
@options.target
@options.limits
@options.during_freeze
@options.lock_timeout
@options.clock
@options.notify
@options.findings
@options.detailed_exitcode
def undo(**given: Any) -> int:
    """Give the rows back what they said before an apply, but for those that moved since.

    APPLY is the beginning of an id, or `last` for the last one of the owner. It is an apply of its own, with
    every guard, and can be undone too. The files are not touched: they still declare what was undone.
    """
    from reconciler.cli import history_steps

    return history_steps.undo(given)


COMMANDS = (
    history,
    undo,
)
