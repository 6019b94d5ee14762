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
