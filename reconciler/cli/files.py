"""Commands about the files and the rules, which need no database."""

from typing import Any

import click

from reconciler.cli import options


@click.command()
@options.paths
@options.refs
@options.validating
def validate(**given: Any) -> int:
    """Check the files without any database."""
    from reconciler.cli import files_steps

    return files_steps.validate(given)


@click.command(short_help="The tasks as defaults and an environment make them.")
@options.paths
@options.env
@options.strict
@options.output
def render(**given: Any) -> int:
    """Print the tasks as YAML, as their layers say them, and behind each value which layer says it.

    Values from the environment are not read: their variables are shown.
    """
    from reconciler.cli import files_steps

    return files_steps.render(given)


@click.command(short_help="When a schedule or a task fires next.")
@click.argument("schedule", metavar="SCHEDULE|NAME")
@click.option("-n", "--count", default=10, show_default=True, type=click.IntRange(1, 1000), help="How many.")
@click.option(
    "--name", metavar="NAME", callback=options.said, help="Of the task, from which an `H` is chosen."
)
@options.target
@options.clock
@options.output
def preview(**given: Any) -> int:
    """When a schedule fires next, in local time and UTC, and what it says in plain English.

    NAME is a task of the table.
    """
    from reconciler.cli import files_steps

    return files_steps.preview(given)


@click.command(short_help="What a code means, and the fix.")
@click.argument("code", required=False)
@options.output
def rules(code: str | None, **given: Any) -> int:
    """List the codes of diagnostics, or explain one with an example and the fix."""
    from reconciler.cli import files_steps

    return files_steps.rules(code, given)


@click.command(short_help="Print a JSON Schema.")
@click.argument("name", default="tasks")
def schema(name: str) -> int:
    """Print a JSON Schema: `tasks` of the task files, `reconcile` of reconcile.yaml, `plan` and one for each
    other command of what `--format json` prints. A name that there is not lists them all.
    """
    from reconciler.cli import files_steps

    return files_steps.schema(name)


COMMANDS = (
    validate,
    render,
    preview,
    rules,
    schema,
)
