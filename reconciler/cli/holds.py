"""Commands that pause tasks, and end the pause."""

from typing import Any

import click

from reconciler.cli import options

names = click.argument("names", nargs=-1, required=True, metavar="NAME...")


@click.command(
    short_help="Pause tasks until a moment.", options_metavar="--until TIME --reason TEXT [OPTIONS]"
)
@names
@click.option(
    "--until",
    metavar="TIME",
    required=True,
    callback=options.said,
    help="The end: 2h, 3d, or 2026-12-01T06:00 in the zone of --timezone.",
)
@click.option("--reason", metavar="TEXT", required=True, callback=options.said, help="Why; plans show it.")
@options.target
@options.reader
@options.lock_timeout
@options.clock
@options.output
def hold(**given: Any) -> int:
    """Pause tasks until a moment; the pause ends by itself.

    NAME is a task of the table or a GLOB in quotes. A scheduler leaves the tasks out from now on, and a plan
    leaves their rows alone until then. Where Daptin reads the table (`reader: daptin` in reconcile.yaml) the
    rows are made inactive and lose their user, until an apply after the end restores them.
    """
    from reconciler.cli import holds_steps

    return holds_steps.hold(given)


@click.command(short_help="End the pause of tasks now.")
@names
@options.target
@options.lock_timeout
@options.clock
@options.output
def unhold(**given: Any) -> int:
    """End the pause of tasks now. NAME is a task on hold, or a GLOB in quotes."""
    from reconciler.cli import holds_steps

    return holds_steps.unhold(given)


@click.command(short_help="What is on hold, until when and why.")
@options.target
@options.clock
@options.output
def holds(**given: Any) -> int:
    """What is on hold, until when, by whom and why; the first to end first."""
    from reconciler.cli import holds_steps

    return holds_steps.holds(given)


COMMANDS = (hold, unhold, holds)
