"""Commands about snapshots of users and actions."""

from typing import Any

import click

from reconciler.cli import options


@click.group(short_help="Users and actions as a file, for checks without a database.")
def refs() -> None:
    """Users, groups, entities, actions and permissions as a file, for checks where there is no database."""


@refs.command("export")
@click.argument("file", required=False, callback=options.named_file)
@click.option("--hash-emails", is_flag=True, help="Write hashes in place of e-mails.")
@options.target
@options.clock
@options.output
def refs_export(**given: Any) -> int:
    """Write what `reconcile validate --refs FILE` asks: no rows of `task`, no passwords.

    FILE is - for standard output; without one the `refs` of reconcile.yaml.
    """
    from reconciler.cli import refs_steps

    return refs_steps.export(given)


@refs.command("import")
@click.argument("file", callback=options.named_file)
@options.target
@options.output
def refs_import(**given: Any) -> int:
    """Make an embedded database say what FILE says; what it holds besides stays."""
    from reconciler.cli import refs_steps

    return refs_steps.take_up(given)


COMMANDS = (refs,)
