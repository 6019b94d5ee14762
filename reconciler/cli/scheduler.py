"""`task-scheduler`: loads the task table when it starts, and runs each task as its user."""

import gc
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from reconciler import __version__
from reconciler.cli import options
from reconciler.cli.ending import ending
from reconciler.cli.main import CONTEXT, leave
from reconciler.cli.streams import prepare_streams


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
@click.option(
    "--state",
    "states",
    metavar="STATE",
    multiple=True,
    help="Only runs in it: ok, failed, missed, ...",
)
@click.option("--since", metavar="TIME", help="Only runs due from this moment on.")
@click.option(
    "-n", "--limit", default=20, show_default=True, type=click.IntRange(1, 100_000), help="How many."
)
@options.target
@options.clock
@options.output
def runs(**given: Any) -> int:
    """The history of runs, of one task or of all, the newest first."""
    from reconciler.cli import serving

    return serving.runs(given)


@scheduler.command("run", short_help="Run a task now.")
@click.argument("name")
@options.target
@options.timezone
@options.executing
@options.daptin
@options.output
def run_now(**given: Any) -> int:
    """Run a task now, as its user, in this process. It is recorded as manual; exit 1 if it fails."""
    from reconciler.cli import serving

    return serving.run_now(given)


@scheduler.command("simulate", short_help="What would fire between two moments.")
@click.option("--from", "since", metavar="TIME", help="From when; else now.")
@click.option("--until", metavar="TIME", required=True, help="Until when: 2026-12-01T06:00.")
@click.option("--task", "pattern", metavar="GLOB", default="*", help="Only tasks of such names.")
@click.option(
    "-n", "--limit", default=50, show_default=True, type=click.IntRange(0, 10_000_000), help="Fires shown."
)
@options.target
@options.timezone
@options.output
def simulate(**given: Any) -> int:
    """What would fire between two moments. Nothing is executed and nothing written."""
    from reconciler.cli import serving

    return serving.simulate(given)


@scheduler.command("status", short_help="What runs, and what it has loaded.")
@options.target
@options.clock
@options.detailed_exitcode
@options.output
def status(**given: Any) -> int:
    """The table and what each live scheduler has loaded: does one need a restart?"""
    from reconciler.cli import serving

    return serving.status(given)
