"""`reconcile actions`."""

from collections.abc import Sequence

from reconciler.catalogue import Input
from reconciler.database.embedded import add_action, list_actions
from reconciler.database.target import connect
from reconciler.database.urls import TargetUrl
from reconciler.report.catalogue import ActionsReport


def actions_add(
    url: TargetUrl, entity: str, action: str, inputs: Sequence[str], *, needs_subject: bool
) -> ActionsReport:
    """Add an action to an embedded database, and return it alone. An input `NAME?` may be missing."""
    named = [Input(name=text.removesuffix("?"), nullable=text.endswith("?")) for text in inputs]
    with connect(url, read_only=False) as target:
        added = add_action(target, entity, action, named, instance_optional=not needs_subject)
    return ActionsReport(actions=(added,))


def actions_list(url: TargetUrl) -> ActionsReport:
    """Every action of the target, by entity and name."""
    with connect(url, read_only=True) as target:
        return ActionsReport(actions=list_actions(target))
