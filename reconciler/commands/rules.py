"""`reconcile rules [CODE]`: what a code means, why it matters, an example and the fix."""

import re

from reconciler.config.schema import shipped_text
from reconciler.diagnostics import Severity, did_you_mean
from reconciler.errors import ReconcilerError, UsageError
from reconciler.report import Rule, RulesReport

_HEADING = re.compile(r"^## ([A-Z]\d{3}): (.+) \((error|warning)\)$", re.MULTILINE)


def rules(code: str | None = None) -> RulesReport:
    """Every rule in the order of the documentation, or the one of a code, in upper or lower case.

    UsageError for a code that does not exist.
    """
    every = sections(_documentation())
    if code is None:
        return RulesReport(rules=every, explained=False)
    chosen = tuple(rule for rule in every if rule.code == code.upper())
    if not chosen:
        raise UsageError(f"no rule {code!r}", hint=_hint(code, [rule.code for rule in every]))
    return RulesReport(rules=chosen, explained=True)


def sections(text: str) -> tuple[Rule, ...]:
    """The rules that a text like docs/diagnostics.md explains."""
    headings = list(_HEADING.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    return tuple(
        Rule(
            code=heading[1],
            severity=Severity(heading[3]),
            title=heading[2],
            text=_without_next_group(text[heading.end() : end]),
        )
        for heading, end in zip(headings, ends, strict=True)
    )


def _without_next_group(section: str) -> str:
    """A section up to the `# Group` heading that may follow it."""
    return re.split(r"^# ", section, maxsplit=1, flags=re.MULTILINE)[0].strip()


def _documentation() -> str:
    try:
        return shipped_text("docs/diagnostics.md")
    except KeyError:
        message = "this installation has no docs/diagnostics.md"
        raise ReconcilerError(message, hint="install the program again") from None


def _hint(code: str, known: list[str]) -> str:
    near = did_you_mean(code, known)
    return f"did you mean {near}?" if near else "`reconcile rules` lists them all"
