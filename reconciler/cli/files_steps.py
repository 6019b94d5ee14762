"""From the options of a command about files or rules to a shown report."""

from typing import Any

import click

from reconciler import commands
from reconciler.cli.steps import Given, clock_of, request_of, shown, url_of


def validate(given: Given) -> int:
    return shown(lambda: commands.validate(request_of(given)), given)


def render(given: Given) -> int:
    return shown(lambda: commands.render(request_of(given)), given)


def preview(given: Given) -> int:
    def step() -> Any:
        now, zone = clock_of(given)
        return commands.preview(given["schedule"], given["count"], now, zone, url_of(given), given["name"])

    return shown(step, given)


def rules(code: str | None, given: Given) -> int:
    return shown(lambda: commands.rules(code), given)


def schema(name: str) -> int:
    click.echo(commands.schema(name), nl=False)
    return 0
