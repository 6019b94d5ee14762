"""Commands about when tasks run."""

from pathlib import Path
from typing import Any

import click

from reconciler.cli import options


@click.command(short_help="When tasks run, hour by hour.")
@options.paths
@click.option("--week", "days", flag_value=7, type=int, default=7, help="Seven days from today. [default]")
@click.option("--month", "days", flag_value=31, type=int, help="Thirty-one days from today.")
@click.option("--task", "pattern", metavar="GLOB", default="*", help="Only tasks of such names.")
@click.option(
    "--herd",
    "many",
    metavar="N",
    type=click.IntRange(2),
    help="Mark minutes in which so many tasks start.",
)
@click.option("--offline", is_flag=True, help="Draw the files alone, whatever database there is.")
@click.option(
    "--html", metavar="FILE", type=click.Path(path_type=Path), help="Write a page for a browser besides."
)
@options.asking
@options.output
def calendar(**given: Any) -> int:
    """Draw when tasks run: hours by days, and the minutes in which many start at once.

    With files and a database: the table as it is, and as it is after an apply. Without a database the files,
    without files the table.
    """
    from reconciler.cli import times_steps

    return times_steps.calendar(given)


COMMANDS = (calendar,)
