"""From the options of a command about snapshots to a shown report."""

from pathlib import Path

from reconciler import commands
from reconciler.cli.show import outputs
from reconciler.cli.steps import Given, clock_of, shown, url_of
from reconciler.cli.streams import print_text
from reconciler.commands.refs import refs_export, refs_import, refs_text
from reconciler.errors import UsageError


def export(given: Given) -> int:
    file = given["file"] or commands.read_settings(Path.cwd(), given["env"]).refs
    if file is None:
        message = "no FILE was given, and reconcile.yaml names no `refs`"
        raise UsageError(message, hint="`reconcile refs export refs.json`, or - for standard output")
    now, _ = clock_of(given)
    hashes = given["hash_emails"]
    if file == "-":
        outputs(given)
        print_text(refs_text(url_of(given), now, hash_emails=hashes))
        return 0
    return shown(lambda: refs_export(url_of(given), file, now, hash_emails=hashes), given)


def take_up(given: Given) -> int:
    return shown(lambda: refs_import(url_of(given), given["file"]), given)
