"""From the options of a command about files or rules to a shown report."""

from typing import Any

import click

from reconciler.cli.steps import Given, clock_of, request_of, shown, url_of
from reconciler.commands.preview import preview as preview_command
from reconciler.commands.render import render as render_command
from reconciler.commands.rules import rules as rules_command
from reconciler.commands.schema import schema as schema_command
from reconciler.commands.validate import validate as validate_command


def validate(given: Given) -> int:
    return shown(lambda: validate_command(request_of(given)), given)


def render(given: Given) -> int:
    return shown(lambda: render_command(request_of(given)), given)


def preview(given: Given) -> int:
    def step() -> Any:
        now, zone = clock_of(given)
        return preview_command(given["schedule"], given["count"], now, zone, url_of(given), given["name"])

    return shown(step, given)


def rules(code: str | None, given: Given) -> int:
    return shown(lambda: rules_command(code), given)


def schema(name: str) -> int:
    click.echo(schema_command(name), nl=False)
    return 0
