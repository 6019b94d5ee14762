"""From the options of a command about times to a shown report."""

import os
from pathlib import Path
from typing import Any

from reconciler import commands
from reconciler.cli.steps import Given, request_of, shown, url_of
from reconciler.cli.watching import watching
from reconciler.errors import UsageError


def calendar(given: Given) -> int:
    from reconciler.commands.calendar import View  # with what only the scheduler needs
    from reconciler.commands.calendar import calendar as command

    view = View(days=given["days"], pattern=given["pattern"], many=given["many"])
    url = _database(given)
    asked = _without_paths(given, url is None)

    def step() -> Any:
        with watching(given) as watch:
            return command(request_of(asked, watch, is_dry=True), url, view)

    return shown(step, given)


def _without_paths(given: Given, is_offline: bool) -> Given:
    """As given, but asking for no files where there are none. Raises UsageError."""
    if commands.has_paths(given, Path.cwd()):
        return given
    if is_offline:
        hint = "name a file or a directory, or a database with --database-url"
        raise UsageError("nothing to draw: there are no files and no database", hint=hint)
    return {name: value for name, value in given.items() if name != "paths"}


def _database(given: Given) -> commands.TargetUrl | None:
    """None where the files alone are to be drawn: it is asked for, or nothing names a database."""
    if given["offline"]:
        return None
    url = url_of(given)
    is_default = url == commands.target_url(None, {})
    return None if is_default and not os.path.exists(url.path) else url
