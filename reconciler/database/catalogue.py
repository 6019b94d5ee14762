"""Reading the catalogue, in one query a table."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import TableClause, select

from reconciler.catalogue import Access, Action, Catalogue, Entity, Input, User
from reconciler.database.tables import (
    action,
    action_groups,
    user_account,
    user_groups,
    usergroup,
    world,
    world_groups,
)
from reconciler.database.target import Target, require_task, worded


def read_catalogue(target: Target) -> Catalogue:
    """Users, groups, entities and actions, with who may execute what. Raises TargetError."""
    with worded(target.url):
        require_task(target)
        entities = _entities(target)
        names = {id_: entity.name for id_, entity in entities.items()}
        return Catalogue(
            users=_users(target),
            entities={entity.name: entity for entity in entities.values()},
            actions=_actions(target, names),
            groups=dict(_all(target, select(usergroup.c.id, usergroup.c.name))),
        )


def _all(target: Target, statement: Any) -> Iterable[Any]:
    return (tuple(row) for row in target.connection.execute(statement))


def _users(target: Target) -> Mapping[str, User]:
    """By e-mail; of two that are spelt alike the older one, since Daptin takes the first it finds."""
    groups = defaultdict(set)
    for user_id, group_id in _all(target, select(user_groups.c.user_account_id, user_groups.c.usergroup_id)):
        groups[user_id].add(group_id)
    users: dict[str, User] = {}
    columns = user_account.c
    statement = select(columns.id, columns.email, columns.name).order_by(columns.id)
    for id_, email, name in _all(target, statement):
        user = User(id=id_, email=str(email), name=str(name or ""), groups=frozenset(groups.get(id_, ())))
        users.setdefault(user.email, user)
    return users


def _group_permissions(target: Target, joins: TableClause, key: str) -> Mapping[int, dict[int, int]]:
    granted: defaultdict[int, dict[int, int]] = defaultdict(dict)
    columns = joins.c
    for id_, group_id, permission in _all(
        target, select(columns[key], columns.usergroup_id, columns.permission)
    ):
        granted[id_][group_id] = granted[id_].get(group_id, 0) | (permission or 0)
    return granted


def _entities(target: Target) -> Mapping[int, Entity]:
    groups = _group_permissions(target, world_groups, "world_id")
    columns = world.c
    statement = select(columns.id, columns.table_name, columns.user_account_id, columns.permission)
    return {
        id_: Entity(name=name, access=_access(owner, permission, groups.get(id_)))
        for id_, name, owner, permission in _all(target, statement)
    }


def _actions(target: Target, names: Mapping[int, str]) -> Mapping[tuple[str, str], Action]:
    groups = _group_permissions(target, action_groups, "action_id")
    columns = action.c
    statement = select(
        columns.id,
        columns.action_name,
        columns.world_id,
        columns.user_account_id,
        columns.permission,
        columns.instance_optional,
        columns.action_schema,
    )
    return {
        (names[world_id], name): Action(
            name=name,
            entity_name=names[world_id],
            access=_access(owner, permission, groups.get(id_)),
            inputs=_inputs(schema),
            instance_optional=bool(instance_optional),
        )
        for id_, name, world_id, owner, permission, instance_optional, schema in _all(target, statement)
        if world_id in names
    }


def _access(owner: int | None, permission: int | None, groups: Mapping[int, int] | None) -> Access:
    return Access(owner_id=owner, permission=permission or 0, groups=groups or {})


def _inputs(schema: str | bytes | None) -> tuple[Input, ...]:
    """The inputs that an action's JSON declares; none where it cannot be read."""
    try:
        declared = json.loads(schema or "{}")["InFields"] or ()
        return tuple(
            Input(name=one.get("ColumnName") or one.get("Name") or "", nullable=bool(one.get("IsNullable")))
            for one in declared
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return ()
