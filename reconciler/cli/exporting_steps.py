"""From the options of a command that writes task files to a shown report."""

from pathlib import Path

import click

from reconciler import commands
from reconciler.cli.show import outputs, show_aside
from reconciler.cli.steps import Given, clock_of, request_of, shown, url_of
from reconciler.cli.streams import print_pieces, print_text
from reconciler.commands.export import Destination
from reconciler.commands.export import export as export_command
from reconciler.commands.fmt import fmt as fmt_command
from reconciler.renderers.export_text import yaml_pieces
from reconciler.report.export import ExportReport
from reconciler.report.formatting import FormatReport


def export(given: Given) -> int:
    if given["overwrite"] and not given["directory"]:
        raise click.UsageError("--overwrite goes with -o DIR alone")

    def step() -> ExportReport:
        now, zone = clock_of(given)
        directory = given["directory"]
        return export_command(
            url_of(given),
            commands.resolve_owner(given, commands.read_settings(Path.cwd(), given["env"])),
            given["selection"] or "all",
            now,
            zone,
            Destination(folder=directory, overwrites=given["overwrite"]) if directory else None,
            is_strict=given["strict"],
        )

    if given["directory"] or given["format_"] != "text":
        return shown(step, given)
    files = outputs(given)
    report = step()
    print_pieces(yaml_pieces(report))
    return show_aside(report, given, files)


def fmt(given: Given) -> int:
    def step() -> FormatReport:
        return fmt_command(request_of(given), is_check=given["is_check"])

    if "-" not in given["paths"] or given["is_check"] or given["format_"] != "text":
        return shown(step, given)
    files = outputs(given)
    report = step()
    print_text("".join(file.after for file in report.files if file.path == "-" and not file.has_failed))
    return show_aside(report, given, files)
