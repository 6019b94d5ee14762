"""GitLab's code-quality report: one entry for each finding.

Source: "Code Quality report format" in GitLab's documentation.
"""

from typing import Any

from reconciler.diagnostics import Severity
from reconciler.renderers.findings import Finding, Report, findings, fingerprints, paths
from reconciler.renderers.json_text import json_text
from reconciler.renderers.look import Look

SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor"}
REFUSED = "blocker"
"""Of what is no matter of one line: a guard refuses the plan."""


def render(report: Report, look: Look) -> str:
    found = findings(report)
    first = next(iter(paths(report)), "reconcile.yaml")
    entries = [_entry(one, print_, first) for one, print_ in zip(found, fingerprints(found), strict=True)]
    return json_text(entries)


def _entry(one: Finding, fingerprint: str, first: str) -> dict[str, Any]:
    """`first`: the file under which stands what has none, since GitLab wants one."""
    return {
        "description": f"{one.code}: {one.text}",
        "check_name": one.code,
        "fingerprint": fingerprint,
        "severity": REFUSED if one.code.startswith("O") else SEVERITIES[one.severity],
        "location": {
            "path": one.path or first,
            "lines": {"begin": (one.place.line if one.place else None) or 1},
        },
    }
