"""`task-scheduler`: loads the task table when it starts, and runs each task as its user."""

import gc
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from reconciler import __version__
from reconciler.cli import completion, options
from reconciler.cli.ending import ending
from reconciler.cli.main import CONTEXT, leave
from reconciler.cli.streams import prepare_streams

STATES = ("claimed", "running", "ok", "failed", "cancelled", "lost", "skipped", "missed")


def main() -> NoReturn:
    """The program."""
    gc.freeze()
    try:
        run()
    except SystemExit as end:
        leave(end.code)


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """The command line given, else the process's own; ends with SystemExit."""
    prepare_streams()
    with ending("task-scheduler"):
        sys.exit(scheduler(arguments, prog_name="task-scheduler", standalone_mode=False))


@click.group(invoke_without_command=True, context_settings=CONTEXT)
@options.target
@options.timezone
@options.serving
@options.daptin
@click.version_option(__version__, message="task-reconciler %(version)s")
@click.pass_context
def scheduler(ctx: click.Context, /, **given: Any) -> int | None:
    """Load the tasks of the table and run each as the user that it names, until SIGTERM or SIGINT.

    Without a command it serves. Changes of the table take effect at the next start, or with --reload-every.
    """
    if ctx.invoked_subcommand is not None:
        defaults = {
            name: value
            for name, value in given.items()
            if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        }
        ctx.default_map = dict.fromkeys(scheduler.commands, defaults)
        return None
    from reconciler.cli import serving

    return serving.serve(given)


@scheduler.command("runs", short_help="The history of runs.")
@click.argument("name", required=False)
@click.option("--state", "states", type=click.Choice(STATES), multiple=True, help="Only runs in this state.")
@click.option(
    "--since",
    metavar="TIME",
    callback=options.said,
    help="Only runs due from this moment on, or from 24h ago.",
)
@click.option(
    "-n", "--limit", default=20, show_default=True, type=click.IntRange(1, 100_000), help="How many."
)
@options.target
@options.clock
@options.output
def runs(**given: Any) -> int:
    """The history of runs, of one task or of all, the newest first."""
    from reconciler.cli import scheduler_steps

    return scheduler_steps.runs(given)


@scheduler.command("run", short_help="Run a task now.")
@click.argument("name")
@options.target
@options.timezone
@options.executing
@options.daptin
@options.output
def run_now(**given: Any) -> int:
    """Run a task now, as its user, in this process.

    It is recorded as manual; exit 1 if it fails. An inactive task, or one on hold, runs too.
    """
    from reconciler.cli import scheduler_steps

    return scheduler_steps.run_now(given)


@scheduler.command("simulate", short_help="What would fire between two moments.")
@click.option("--from", "since", metavar="TIME", callback=options.said, help="From when; else now.")
@click.option("--until", metavar="TIME", required=True, help="Until when: 2026-12-01T06:00.")
@click.option("--task", "pattern", metavar="GLOB", default="*", help="Only tasks of such names.")
@click.option(
    "-n", "--limit", default=50, show_default=True, type=click.IntRange(1, 10_000_000), help="How many fires."
)
@click.option("--summary", is_flag=True, help="How often each task would fire, instead of when.")
@options.target
@options.clock
@options.output
def simulate(**given: Any) -> int:
    """What would fire after one moment and up to another. Nothing is executed and nothing written."""
    from reconciler.cli import scheduler_steps

    return scheduler_steps.simulate(given)


@scheduler.command("status", short_help="What runs, and what it has loaded.")
@options.target
@options.clock
@options.detailed_exitcode
@options.output
def status(**given: Any) -> int:
    """The table and what each live scheduler has loaded: does one need a restart?"""
    from reconciler.cli import scheduler_steps

    return scheduler_steps.status(given)


for one in completion.COMMANDS:
    scheduler.add_command(one)
