"""`reconcile rules [CODE]`: what a code means, why it matters, an example and the fix."""

from reconciler.diagnostics import did_you_mean
from reconciler.errors import UsageError
from reconciler.report.schedules import RulesReport
from reconciler.rules import every_rule


def rules(code: str | None = None) -> RulesReport:
    """Every rule in the order of the documentation, or the one of a code, in upper or lower case.

    UsageError for a code that does not exist.
    """
    every = every_rule()
    if code is None:
        return RulesReport(rules=every, explained=False)
    chosen = tuple(rule for rule in every if rule.code == code.upper())
    if not chosen:
        raise UsageError(f"no rule {code!r}", hint=_hint(code, [rule.code for rule in every]))
    return RulesReport(rules=chosen, explained=True)


def _hint(code: str, known: list[str]) -> str:
    near = did_you_mean(code, known)
    return f"did you mean {near}?" if near else "`reconcile rules` lists them all"
