"""Who a run executes as, and what that user may: read for each run, so that a revocation works at once."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gate:
    """The row of an entity, of an action or of a subject: its access, and its other columns."""

    access: Access
    columns: tuple[Any, ...] = field(default=())


def read_identity(target: Target, user_id: int | None, entity_name: str, action_name: str) -> Identity:
    """The user, the entity and the action, with the groups of each. Raises TargetError."""
    user, groups = _read_user(target, user_id)
    world = _gate(query(target, _ENTITY, (entity_name,)), entity_name)
    action = _gate(query(target, _ACTION, (entity_name, action_name)), action_name) if world else None
    entities = {entity_name: Entity(name=entity_name, access=world.access)} if world else {}
    found = action and Action(
        name=action_name,
        entity_name=entity_name,
        access=action.access,
        instance_optional=bool(action.columns[0]),
    )
    return Identity(
        user=user,
        action=found or None,
        catalogue=Catalogue(users={}, entities=entities, actions={}, groups=groups),
    )


_USER = """
SELECT u.id, u.email, u.name, g.usergroup_id, n.name
FROM user_account u
LEFT JOIN user_account_user_account_id_has_usergroup_usergroup_id g ON g.user_account_id = u.id
LEFT JOIN usergroup n ON n.id = g.usergroup_id
WHERE u.id = %s
"""
_ENTITY = """
SELECT w.table_name, w.user_account_id, w.permission, g.usergroup_id, g.permission
FROM world w LEFT JOIN world_world_id_has_usergroup_usergroup_id g ON g.world_id = w.id
WHERE w.table_name = %s
"""
_ACTION = """
SELECT a.action_name, a.user_account_id, a.permission, g.usergroup_id, g.permission, a.instance_optional
FROM action a JOIN world w ON w.id = a.world_id
LEFT JOIN action_action_id_has_usergroup_usergroup_id g ON g.action_id = a.id
WHERE w.table_name = %s AND a.action_name = %s
"""


def _read_user(target: Target, user_id: int | None) -> tuple[User | None, Mapping[int, str]]:
    rows = query(target, _USER, (user_id,)) if user_id is not None else []
    if not rows:
        return None, NOBODY
    groups = {group: name or "" for *_, group, name in rows if group is not None}
    id_, email, name = rows[0][:3]
    user = User(id=id_, email=str(email), name=str(name or ""), groups=frozenset(groups))
    return user, groups


def _gate(rows: Sequence[tuple[Any, ...]], name: str) -> _Gate | None:
    """One row for each group of the object. The name is compared here: a collation may take Job for job."""
    rows = [row for row in rows if row[0] == name]
    if not rows:
        return None
    granted: dict[int, int] = {}
    for row in rows:
        if row[3] is not None:
            granted[row[3]] = granted.get(row[3], 0) | (row[4] or 0)
    access = Access(owner_id=rows[0][1], permission=rows[0][2] or 0, groups=granted)
    return _Gate(access=access, columns=tuple(rows[0][5:]))


def read_subject(target: Target, entity_name: str, reference: str) -> Access | None:
    """The access of the row that an action runs on, named by its UUID; None where there is no such row.

    `entity_name` is one that `world` has, so its table exists. Raises TargetError.
    """
    try:
        key = uuid.UUID(reference)
    except ValueError:
        return None
    rows = table(entity_name, *map(column, ("id", "reference_id", "user_account_id", "permission")))
    joined = f"{entity_name}_{entity_name}_id_has_usergroup_usergroup_id"
    groups = table(joined, *map(column, (f"{entity_name}_id", "usergroup_id", "permission")))
    with worded(target.url):
        of_subject = select(rows.c.id, rows.c.user_account_id, rows.c.permission)
        found = target.connection.execute(of_subject.where(rows.c.reference_id == key.bytes)).first()
        if found is None:
            return None
        granted = select(groups.c.usergroup_id, groups.c.permission)
        granted = granted.where(groups.c[f"{entity_name}_id"] == found[0])
        bits = {group: permission or 0 for group, permission in target.connection.execute(granted)}
    return Access(owner_id=found[1], permission=found[2] or 0, groups=bits)


def first_administrator(target: Target) -> tuple[int, str] | None:
    """Id and e-mail of the first member of the administrators' group. Raises TargetError."""
    rows = query(target, _ADMINISTRATOR, (ADMINISTRATORS,))
    return (rows[0][0], str(rows[0][1])) if rows else None


_ADMINISTRATOR = """
SELECT u.id, u.email
FROM user_account u JOIN user_account_user_account_id_has_usergroup_usergroup_id g ON g.user_account_id = u.id
WHERE g.usergroup_id = %s ORDER BY u.id LIMIT 1
"""
