"""Commands that give rows an owner, or take it from them."""

from typing import Any

import click

from reconciler.cli import options

sharing = options.together(
    click.option("--dry-run", is_flag=True, help="Show what would change hands; write nothing."),
    options.yes,
    click.option(
        "--in",
        "declared_in",
        metavar="PATH",
        multiple=True,
        help="Where tasks are declared. Else the `paths` of reconcile.yaml, tasks/ or tasks.yaml.",
    ),
    options.target,
    options.owner,
    options.during_freeze,
    options.lock_timeout,
    options.notify,
    options.findings,
)


@click.command(short_help="Take rows as they are.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "is_all", is_flag=True, help="Every row of no owner.")
@click.option("--take-over", is_flag=True, help="Rows of other owners too.")
@sharing
def adopt(**given: Any) -> int:
    """Make rows this owner's without touching a field of them.

    NAME may be a glob. What a row says counts as what was last applied to it, so that a plan tells what git
    changes. A row that no file declares is left alone by every apply until one does.
    """
    from reconciler.cli import ownership_steps

    return ownership_steps.adopt(given)


@click.command(short_help="Give rows up as they are.")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("--take-over", is_flag=True, help="Rows of other owners too.")
@sharing
def release(**given: Any) -> int:
    """Make rows nobody's without touching a field of them: no plan changes or deletes them any more.

    NAME may be a glob. A row whose task is still declared is adopted again by the next apply.
    """
    from reconciler.cli import ownership_steps

    return ownership_steps.release(given)


COMMANDS = (
    adopt,
    release,
)
