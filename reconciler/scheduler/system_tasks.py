"""The tasks that Daptin registers by itself. They are in no table."""

import uuid
from collections.abc import Mapping, Sequence

from reconciler.actions.run import ActionKey, Function
from reconciler.scheduler.fires import Registered
from reconciler.task import Row

_NAMESPACE = uuid.UUID("6f1c2a52-7b1e-5d0c-9c3e-1f2a7d2b9e41")
"""The reference ids of system tasks are made of it and of their names, everywhere the same."""

SYSTEM_TASKS = (
    ("sync_mail_servers", "mail_server", "@every 1h"),
    ("sync_column_storage", "world", "@every 30m"),
    ("sync_site_storage", "site", "@every 1h"),
)
"""Action, entity, schedule. Source: the documentation of Daptin."""


def reference_of(name: str) -> bytes:
    """The reference id of a system task: the same everywhere."""
    return uuid.uuid5(_NAMESPACE, name).bytes


def system_tasks(
    functions: Mapping[ActionKey, Function], administrator: tuple[int, str] | None, *, everywhere: bool
) -> Sequence[Registered]:
    """Those whose action is installed here, or all with `everywhere`; they run as the first administrator."""
    if administrator is None:
        return ()
    return [Registered(_row(*one, administrator), {}) for one in wanted(functions, everywhere=everywhere)]


def wanted(functions: Mapping[ActionKey, Function], *, everywhere: bool) -> Sequence[tuple[str, str, str]]:
    """Action, entity and schedule of those that are to run, if there is an administrator."""
    return [one for one in SYSTEM_TASKS if everywhere or (one[1], one[0]) in functions]


def _row(action: str, entity: str, schedule: str, administrator: tuple[int, str]) -> Row:
    return Row(
        id=0,
        reference_id=reference_of(action),
        version=0,
        name=action,
        schedule=schedule,
        entity_name=entity,
        action_name=action,
        as_user_id=administrator[0],
        as_user_email=administrator[1],
        active=True,
        job_type="system",
        attributes="{}",
    )
