"""Commands about plans that are kept: saved ones, and those that were applied."""

from pathlib import Path
from typing import Any

import click

from reconciler.cli import options
from reconciler.cli.group import YAML_SUFFIXES


@click.command(short_help="Show what would change, and save it to be applied.")
@options.paths
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Save the plan: `reconcile apply FILE` applies it.",
)
@options.expect_plan
@options.planning
def plan(**given: Any) -> int:
    """Show what is wrong and what would change, as --dry-run does; write nothing to the table."""
    from reconciler.cli import plan_steps

    return plan_steps.plan(given)


def _saved_plan(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> Path:
    """Paths of tasks, or none, where a saved plan is wanted: another tool's habit."""
    if value is None:
        message = "apply takes a saved plan; to apply the files themselves run `reconcile [PATH]...`"
        raise click.UsageError(message, ctx)
    if value.is_dir() or value.suffix in YAML_SUFFIXES or str(value) == "-":
        message = (
            f"apply takes a saved plan, and {str(value)!r} is not one; did you mean `reconcile {value}`?"
        )
        raise click.UsageError(message, ctx)
    return value


@click.command("apply", short_help="Apply a saved plan.")
@click.argument("file", metavar="FILE", required=False, type=click.Path(path_type=Path), callback=_saved_plan)
@options.during_freeze
@options.yes
@options.target
@options.lock_timeout
@options.clock
@options.notify
@options.findings
def apply_saved(**given: Any) -> int:
    """Apply a plan that `reconcile plan --out FILE` saved, if it is still true.

    Owner, paths and the words for the guards are those of the plan. Where anything moved since, nothing is
    written, and what moved is shown (exit code 3).
    """
    from reconciler.cli import plan_steps

    return plan_steps.apply_saved(given)


COMMANDS = (
    plan,
    apply_saved,
)
