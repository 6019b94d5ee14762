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
@options.yes
@options.expect_plan
@options.notify
@options.planning
def apply_paths(**given: Any) -> int:
    """Make the `task` table say what the YAML files say.

    PATH is a file, a directory (every *.yaml and *.yml below it) or - for standard input; without one the
    `paths` of reconcile.yaml, else tasks/ or tasks.yaml.
    """
    from reconciler.cli import plan_steps

    return plan_steps.plan(given) if given["dry_run"] else plan_steps.apply(given)


SECTIONS = {
    "Plan and apply": {
        "plan": "plans",
        "apply": "plans",
        "drift": "operations",
        "history": "history",
        "undo": "history",
    },
    "Task files": {
        "validate": "files",
        "render": "files",
        "fmt": "exporting",
        "export": "exporting",
        "preview": "files",
        "rules": "files",
        "schema": "files",
    },
    "The table": {
        "status": "operations",
        "explain": "inquiries",
        "impact": "inquiries",
        "calendar": "times",
        "hold": "holds",
        "unhold": "holds",
        "holds": "holds",
        "adopt": "ownership",
        "release": "ownership",
    },
    "Users and actions": {
        "init": "catalogue",
        "users": "catalogue",
        "actions": "catalogue",
        "refs": "refs",
    },
    "The shell": {"completion": "completion"},
}
"""The commands as `--help` lists them, and the file of each, which is imported when the command is wanted."""

reconcile = ReconcileGroup(name="reconcile", default=apply_paths, sections=SECTIONS, context_settings=CONTEXT)
reconcile = click.version_option(__version__, message="task-reconciler %(version)s")(reconcile)
