"""How old the snapshot is that stands in for the database (P006)."""

from collections.abc import Sequence
from datetime import UTC

from reconciler.checks.context import Context
from reconciler.checks.quoting import spelt
from reconciler.config.declarations import Declaration
from reconciler.diagnostics import Diagnostic, Place, diagnostic


def check(declarations: Sequence[Declaration], context: Context) -> list[Diagnostic]:
    """P006, once, at the snapshot's file."""
    snapshot, most = context.snapshot, context.policies.refs_max_age
    if snapshot is None or most is None or context.now - snapshot.exported_at <= most:
        return []
    moment = snapshot.exported_at.astimezone(UTC)
    old = f"the snapshot is of {moment:%Y-%m-%d %H:%M} UTC"
    message = f"{old}; agreed on is that it is not older than {spelt(most)}"
    hint = "write it anew with `reconcile refs export`"
    return [diagnostic("P006", message, hint=hint, place=Place(file=snapshot.file))]
