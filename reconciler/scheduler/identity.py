"""Whether a run may go on: closed unless everything says yes. Never as a guest."""

from collections.abc import Mapping
from typing import Any

from reconciler.actions.run import ActionFailed
from reconciler.catalogue import Action, User
from reconciler.database.identity import Identity, read_subject
from reconciler.database.target import Target
from reconciler.task import Row


def require_may_run(target: Target, identity: Identity, row: Row, attributes: Mapping[str, Any]) -> User:
    """The user that a run executes as, who may. Raises ActionFailed with the reason why not."""
    if row.as_user_id is None:
        raise ActionFailed("the task names no user to run as")
    if identity.user is None:
        raise ActionFailed(f"the user {row.as_user_id} that it is to run as does not exist")
    if not identity.catalogue.entities:
        raise ActionFailed(f"there is no entity {row.entity_name!r}")
    if identity.action is None:
        raise ActionFailed(f"there is no action {row.action_name!r} on the entity {row.entity_name!r}")
    _check_subject(target, identity, identity.action, identity.user, attributes)
    if refusals := identity.catalogue.refusals(identity.user, identity.action):
        refused = " and ".join(
            f"the {'action' if isinstance(gate, Action) else 'entity'} {gate.name!r}" for gate in refusals
        )
        raise ActionFailed(f"{identity.user.email} may not execute {refused}")
    return identity.user


def _check_subject(
    target: Target, identity: Identity, action: Action, user: User, attributes: Mapping[str, Any]
) -> None:
    """The row that an action runs on must be there and let the user execute.

    Source: HandleActionRequest of Daptin 0.12.36, which asks for it before anything else, and compares its
    UUID as text where the action needs one.
    """
    key = f"{action.entity_name}_id"
    reference = attributes.get(key)
    if reference is None:
        if not action.instance_optional:
            raise ActionFailed(f"the action {action.name!r} needs a subject: the attribute {key!r}")
        return
    access = read_subject(target, action.entity_name, str(reference), exact=not action.instance_optional)
    if access is None:
        raise ActionFailed(f"{key} {reference!r} names no row of {action.entity_name!r}")
    if not identity.catalogue.is_administrator(user) and not access.may_execute(user):
        raise ActionFailed(f"{user.email} may not execute on {key} {reference!r}")
