"""SARIF 2.1.0, as code scanning reads it: the rules with their help, and a result for each finding."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from reconciler import __version__
from reconciler.diagnostics import Severity
from reconciler.renderers.findings import UNVERIFIED, Finding, Report, findings, fingerprints, paths
from reconciler.renderers.json_text import json_text
from reconciler.renderers.look import Look
from reconciler.report.endings import exit_code
from reconciler.rules import Rule, every_rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LIMIT = 5000
"""Results of one run that GitHub shows; the worst come first."""

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning"}
AFTERWARDS = Rule(
    code=UNVERIFIED,
    severity=Severity.ERROR,
    title="the check after the commit found a difference",
    text="Something else wrote to the table between the commit and the check. A dry run shows what.",
)


def render(report: Report, look: Look) -> str:
    found = findings(report)
    run = {
        "tool": {"driver": _driver(found)},
        "invocations": [_invocation(report, len(found))],
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": _results(found, report),
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json_text(log)


def _driver(found: Sequence[Finding]) -> dict[str, Any]:
    used = {one.code for one in found}
    return {
        "name": "task-reconciler",
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in (*every_rule(), AFTERWARDS) if rule.code in used],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "shortDescription": {"text": f"{rule.title[0].upper()}{rule.title[1:]}."},
        "help": {
            "text": f"`reconcile rules {rule.code}` explains it.",
            "markdown": _without_comments(rule.text),
        },
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
    }


def _without_comments(markdown: str) -> str:
    return re.sub(r"<!--.*?-->\n*", "", markdown, flags=re.DOTALL)


def _invocation(report: Report, found: int) -> dict[str, Any]:
    code = exit_code(report)
    invocation: dict[str, Any] = {"executionSuccessful": True, "exitCode": int(code)}
    if found > LIMIT:
        text = f"{found - LIMIT:,} results more are left out; the text and the JSON have them all"
        invocation["toolExecutionNotifications"] = [{"level": "note", "message": {"text": text}}]
    return invocation


def _results(found: Sequence[Finding], report: Report) -> list[dict[str, Any]]:
    first = next(iter(paths(report)), None)
    prints = fingerprints(found)
    return [_result(one, print_, first) for one, print_ in zip(found[:LIMIT], prints, strict=False)]


def _result(one: Finding, fingerprint: str, first: str | None) -> dict[str, Any]:
    """`first`: the file under which stands what has none, since code scanning shows nothing without one."""
    path = one.path or first
    return {
        "ruleId": one.code,
        "level": LEVELS[one.severity],
        "message": {"text": one.text},
        "locations": [] if path is None else [{"physicalLocation": _location(one, path)}],
        "partialFingerprints": {"task-reconciler/v1": fingerprint},
    }


def _location(one: Finding, path: str) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": quote(path.encode(errors="surrogateescape")), "uriBaseId": "%SRCROOT%"},
        "region": _region(one) if one.path else {"startLine": 1},
    }


def _region(one: Finding) -> dict[str, int]:
    place = one.place
    if place is None or place.line is None:
        return {"startLine": 1}
    spots = {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }
    return {name: value for name, value in spots.items() if value is not None}
