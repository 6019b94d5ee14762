"""What a log of GitHub Actions shows: the text, then annotations for the lines that a pull request shows.

Of each kind GitHub shows ten a step, so that the worst are named and the rest is counted.
Source: "Workflow commands for GitHub Actions" in GitHub's documentation, and `ActionCommand` of its runner.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence

from reconciler.renderers import text
from reconciler.renderers.diagnostics_text import counts
from reconciler.renderers.findings import Finding, Report, findings
from reconciler.renderers.look import Look, visible
from reconciler.report.drift import DriftReport

LIMIT = 10
"""Errors, and warnings, of one step that GitHub shows."""

_COMMAND = re.compile(r"^\s*::|##\[", re.MULTILINE)
"""What the runner would obey wherever a line of the log has it."""


def render(report: Report | DriftReport, look: Look) -> str:
    shown = _disarmed(text.render(report, look))
    commands = "".join(f"{line}\n" for line in _annotations(findings(report)))
    return f"{shown}::group::Annotations\n{commands}::endgroup::\n" if commands else shown


def _disarmed(shown: str) -> str:
    """A line of a file that looks like a command is shown, not obeyed: commands are off until a token comes.

    The token is the hash of the text, which the text cannot hold.
    """
    if not _COMMAND.search(shown):
        return shown
    token = hashlib.sha256(shown.encode(errors="replace")).hexdigest()
    return f"::stop-commands::{token}\n{shown}::{token}::\n"


def _annotations(found: Sequence[Finding]) -> Iterator[str]:
    errors = [one for one in found if one.is_error]
    warnings = [one for one in found if not one.is_error]
    yield from map(_annotation, (*errors[:LIMIT], *warnings[:LIMIT]))
    if rest := [*errors[LIMIT:], *warnings[LIMIT:]]:
        yield f"::notice title=reconcile::{counts(rest)} more: the log of this step lists them all"


def _annotation(one: Finding) -> str:
    values = {**_place(one), "title": f"reconcile {one.code}"}
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in values.items())
    return f"::{one.severity} {properties}::{_data(one.text)}"


def _place(one: Finding) -> dict[str, str | int]:
    """GitHub takes columns only where the span is within one line."""
    place = one.place
    if one.path is None or place is None:
        return {}
    spots = {"file": one.path, "line": place.line, "endLine": place.end_line}
    if place.end_line in (None, place.line):
        spots |= {"col": place.column, "endColumn": place.end_column}
    return {name: value for name, value in spots.items() if value is not None}


def _data(message: str) -> str:
    lines = "\n".join(visible(line) for line in message.split("\n"))
    return lines.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
