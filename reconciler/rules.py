"""What each code means: the sections of docs/diagnostics.md, which ships with the program."""

import re
from dataclasses import dataclass

from reconciler.diagnostics import Severity
from reconciler.errors import ReconcilerError
from reconciler.shipped import shipped_text

_HEADING = re.compile(r"^## ([A-Z]\d{3}): (.+) \((error|warning)\)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    code: str
    severity: Severity
    title: str
    text: str  # Markdown


def every_rule() -> tuple[Rule, ...]:
    """In the order of the documentation. Raises ReconcilerError where that is not there."""
    try:
        text = shipped_text("docs/diagnostics.md")
    except KeyError:
        message = "this installation has no docs/diagnostics.md"
        raise ReconcilerError(message, hint="install the program again") from None
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
