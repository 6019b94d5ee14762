"""Who a run executes as, and what that user may: read for each run, so that a revocation works at once."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import column, select, table

from reconciler.catalogue import ADMINISTRATORS, Access, Action, Catalogue, Entity, User
from reconciler.database.statements import query
from reconciler.database.target import Target, worded

NOBODY: Mapping[int, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The user of a run with its groups, the action, and the catalogue as far as it is about them."""

    user: User | None
    action: Action | None
    catalogue: Catalogue

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of the user's groups."""
        return tuple(sorted(self.catalogue.groups.values()))


def read_identity(target: Target, user_id: int | None, entity_name: str, action_name: str) -> Identity:
    """The user, the entity and the action, with the groups of each: two questions. Raises TargetError."""
    user, groups = _read_user(target, user_id)
    rows = query(target, GATES, (action_name, entity_name))
    rows = [row for row in rows if row[0] == entity_name]  # a collation may take Job for job
    entities = {entity_name: Entity(name=entity_name, access=_access(rows, 1))} if rows else {}
    rows = [row for row in rows if row[5] == action_name]
    return Identity(
        user=user,
        action=_action(rows) if rows else None,
        catalogue=Catalogue(users={}, entities=entities, actions={}, groups=groups),
    )


USER = """
SELECT u.id, u.email, u.name, g.usergroup_id, n.name
FROM user_account u
LEFT JOIN user_account_user_account_id_has_usergroup_usergroup_id g ON g.user_account_id = u.id
LEFT JOIN usergroup n ON n.id = g.usergroup_id
WHERE u.id = %s
"""
GATES = """
SELECT w.table_name, w.user_account_id, w.permission, e.usergroup_id, e.permission,
       a.action_name, a.user_account_id, a.permission, g.usergroup_id, g.permission, a.instance_optional
FROM world w
LEFT JOIN world_world_id_has_usergroup_usergroup_id e ON e.world_id = w.id
LEFT JOIN action a ON a.world_id = w.id AND a.action_name = %s
LEFT JOIN action_action_id_has_usergroup_usergroup_id g ON g.action_id = a.id
WHERE w.table_name = %s
"""


def _read_user(target: Target, user_id: int | None) -> tuple[User | None, Mapping[int, str]]:
    rows = query(target, USER, (user_id,)) if user_id is not None else []
    if not rows:
        return None, NOBODY
    groups = {group: name or "" for *_, group, name in rows if group is not None}
    id_, email, name = rows[0][:3]
    user = User(id=id_, email=str(email), name=str(name or ""), groups=frozenset(groups))
    return user, groups


def _action(rows: Sequence[tuple[Any, ...]]) -> Action:
    entity_name, name, instance_optional = rows[0][0], rows[0][5], rows[0][10]
    return Action(
        name=name,
        entity_name=entity_name,
        access=_access(rows, 6),
        instance_optional=bool(instance_optional),
    )


def _access(rows: Sequence[tuple[Any, ...]], at: int) -> Access:
    """Owner, permission, group and the group's permission stand at a place of each row.

    There is a row for each pair of a group of the entity and one of the action, so each comes several times.
    """
    granted: dict[int, int] = {}
    for row in rows:
        group, permission = row[at + 2], row[at + 3]
        if group is not None:
            granted[group] = granted.get(group, 0) | (permission or 0)
    return Access(owner_id=rows[0][at], permission=rows[0][at + 1] or 0, groups=granted)


def read_subject(target: Target, entity_name: str, reference: str, *, exact: bool) -> Access | None:
    """The access of the row that an action runs on, named by its UUID; None where there is no such row.

    `exact` takes a UUID in its canonical spelling only. `entity_name` is one that `world` has, so its table
    exists. Raises TargetError.
    """
    try:
        key = uuid.UUID(reference)
    except ValueError:
        return None
    if exact and str(key) != reference:
        return None
    own = f"{entity_name}_id"
    subject = table(entity_name, *map(column, ("id", "reference_id", "user_account_id", "permission")))
    joined = f"{entity_name}_{own}_has_usergroup_usergroup_id"
    groups = table(joined, *map(column, (own, "usergroup_id", "permission")))
    statement = (
        select(subject.c.user_account_id, subject.c.permission, groups.c.usergroup_id, groups.c.permission)
        .select_from(subject.outerjoin(groups, groups.c[own] == subject.c.id))
        .where(subject.c.reference_id == key.bytes)
    )
    with worded(target.url):
        rows = [tuple(row) for row in target.connection.execute(statement)]
    return _access(rows, 0) if rows else None


def first_administrator(target: Target) -> tuple[int, str] | None:
    """Id and e-mail of the first member of the administrators' group. Raises TargetError."""
    rows = query(target, _ADMINISTRATOR, (ADMINISTRATORS,))
    return (rows[0][0], str(rows[0][1])) if rows else None


_ADMINISTRATOR = """
SELECT u.id, u.email
FROM user_account u JOIN user_account_user_account_id_has_usergroup_usergroup_id g ON g.user_account_id = u.id
WHERE g.usergroup_id = %s ORDER BY u.id LIMIT 1
"""
