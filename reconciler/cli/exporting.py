"""Commands that write task files."""

from typing import Any

import click

from reconciler.cli import options


def _select(name: str, help_text: str) -> options.Decorator:
    return click.option(f"--{name}", "selection", flag_value=name, help=help_text)


@click.command(short_help="The rows of the table as YAML.")
@click.option(
    "-o", "--directory", metavar="DIR", callback=options.said, help="Write files below it instead of stdout."
)
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
@_select("all", "Rows of the owner and of nobody: the default.")
@_select("owned", "Rows of the owner alone.")
@_select("unmanaged", "Rows of nobody alone.")
@options.target
@options.owner
@options.strict
@options.clock
@options.output
def export(**given: Any) -> int:
    """Write the rows of the `task` table as the YAML that declares them.

    A plan of it is empty, or adopts rows as they are. What cannot be declared stands there as a comment.
    """
    from reconciler.cli import exporting_steps

    return exporting_steps.export(given)


@click.command(short_help="Bring task files to their canonical form.")
@options.paths
@click.option("--check", "is_check", is_flag=True, help="Show what would change and write nothing; exit 1.")
@options.output
def fmt(**given: Any) -> int:
    """Bring task files to their canonical form: order of keys, indentation, quotes. Comments are kept.

    What the tasks say is unchanged; what is not about tasks is left as it is. With - standard input is read
    and its canonical form goes to standard output.
    """
    from reconciler.cli import exporting_steps

    return exporting_steps.fmt(given)


COMMANDS = (export, fmt)
