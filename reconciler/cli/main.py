"""`reconcile`: options in, one command called, its result rendered, exit code out."""

import contextlib
import gc
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from reconciler import __version__
from reconciler.cli import options
from reconciler.cli.ending import ending
from reconciler.cli.group import ReconcileGroup
from reconciler.cli.streams import prepare_streams

CONTEXT = {"help_option_names": ["-h", "--help"], "auto_envvar_prefix": None}


def main() -> NoReturn:
    """The program."""
    # One run makes millions of values that live to its end and none in cycles: looking for garbage among
    # them costs a fifth of the time and finds nothing.
    gc.disable()
    try:
        run()
    except SystemExit as end:
        leave(end.code)


def leave(code: str | int | None) -> NoReturn:
    """End the process at once: the system takes its memory back faster than Python frees value by value."""
    with contextlib.suppress(OSError, ValueError):  # a closed stream has nothing left to say
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """The command line given, else the process's own; ends with SystemExit."""
    prepare_streams()
    with ending():
        sys.exit(reconcile(arguments, prog_name="reconcile", standalone_mode=False))


@click.command(context_settings=CONTEXT)
@options.paths
@click.option("--dry-run", is_flag=True, help="Show what is wrong and what would change; write nothing.")
@click.option("--yes", "-y", is_flag=True, help="Apply without asking on a terminal.")
@options.planning
def apply_paths(**given: Any) -> int:
    """Make the `task` table say what the YAML files say.

    PATH is a file, a directory (every *.yaml and *.yml below it) or - for standard input; without one the
    `paths` of reconcile.yaml, else tasks/ or tasks.yaml.
    """
    from reconciler.cli import steps

    return steps.plan(given) if given["dry_run"] else steps.apply(given)


reconcile = ReconcileGroup(name="reconcile", default=apply_paths, context_settings=CONTEXT)
reconcile = click.version_option(__version__, message="task-reconciler %(version)s")(reconcile)


@reconcile.command()
@options.paths
@options.validating
def validate(**given: Any) -> int:
    """Check the files without any database."""
    from reconciler.cli import steps

    return steps.validate(given)


@reconcile.command(short_help="When a schedule or a task fires next.")
@click.argument("schedule", metavar="SCHEDULE|NAME")
@click.option("-n", "--count", default=10, show_default=True, type=click.IntRange(1, 1000), help="How many.")
@options.target
@options.clock
@options.output
def preview(**given: Any) -> int:
    """When a schedule fires next, in local time and UTC, and what it says in plain English.

    NAME is a task of the table.
    """
    from reconciler.cli import steps

    return steps.preview(given)


@reconcile.command(short_help="What a code means, and the fix.")
@click.argument("code", required=False)
@options.output
def rules(code: str | None, **given: Any) -> int:
    """List the codes of diagnostics, or explain one with an example and the fix."""
    from reconciler.cli import steps

    return steps.rules(code, given)


@reconcile.command(short_help="Print a JSON Schema.")
@click.argument("name", default="tasks", type=click.Choice(["tasks", "plan", "failure", "reconcile"]))
def schema(name: str) -> int:
    """Print a JSON Schema: of the task files, of what `--format json` prints, of reconcile.yaml."""
    from reconciler.cli import steps

    return steps.schema(name)


@reconcile.command(short_help="Make the tables, or add the bookkeeping.")
@options.target
@options.output
def init(**given: Any) -> int:
    """Make the tables on an empty database, or add the bookkeeping to one that Daptin made."""
    from reconciler.cli import steps

    return steps.init(given)


@reconcile.command(short_help="Git, the table and what each scheduler has loaded.")
@options.paths
@options.planning
def status(**given: Any) -> int:
    """Git, the table, and what each live scheduler has loaded, side by side."""
    from reconciler.cli import steps

    return steps.status(given)


@reconcile.group()
def users() -> None:
    """The users of an embedded database."""


@users.command("add")
@click.argument("email")
@click.option("--group", "groups", metavar="NAME", multiple=True, help="A group to be in, beside users.")
@options.target
@options.output
def users_add(**given: Any) -> int:
    """Add a user whom tasks can run as."""
    from reconciler.cli import steps

    return steps.users_add(given)


@users.command("list")
@options.target
@options.output
def users_list(**given: Any) -> int:
    """List the users and their groups."""
    from reconciler.cli import steps

    return steps.users_list(given)


@reconcile.group()
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
    from reconciler.cli import steps

    return steps.actions_add(given)


@actions.command("list")
@options.target
@options.output
def actions_list(**given: Any) -> int:
    """List the actions, entity by entity, with their inputs."""
    from reconciler.cli import steps

    return steps.actions_list(given)
