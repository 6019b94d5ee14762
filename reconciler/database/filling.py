"""The catalogue of an embedded database, filled from another one."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import TableClause, bindparam, select, update

from reconciler.catalogue import ADMINISTRATORS, Access, Catalogue
from reconciler.database.catalogue import read_catalogue
from reconciler.database.embedded import action_columns, insert_entity, insert_row, refuse_daptins
from reconciler.database.tables import (
    action,
    action_groups,
    user_account,
    user_groups,
    world,
    world_groups,
)
from reconciler.database.target import LOCK_TIMEOUT, Target, worded
from reconciler.database.transactions import locked, transaction
from reconciler.database.writing import DEFAULT_PERMISSION
from reconciler.uuid7 import uuid7

Ids = Mapping[int, int]
"""From an id of the other catalogue to ours."""


def fill_catalogue(target: Target, source: Catalogue) -> dict[str, int]:
    """Make the catalogue say what another one says; what it holds besides stays.

    Returns how many users, groups, entities and actions were not there. Raises UsageError on a database that
    Daptin made.
    """
    with worded(target.url), locked(target, LOCK_TIMEOUT), transaction(target):
        refuse_daptins(target)
        before = read_catalogue(target)
        groups = _groups(target, source, before)
        users = _users(target, source, before, groups)
        _entities(target, source, before, users, groups)
        _actions(target, source, before, users, groups)
        after = read_catalogue(target)
    kinds = ("users", "groups", "entities", "actions")
    return {kind: len(getattr(after, kind)) - len(getattr(before, kind)) for kind in kinds}


def _groups(target: Target, source: Catalogue, before: Catalogue) -> Ids:
    """By name; but the administrators are one group by its id, whatever it is called."""
    known = {name: id_ for id_, name in before.groups.items()}
    ids = {ADMINISTRATORS: ADMINISTRATORS}
    for id_, name in sorted(source.groups.items()):
        if id_ not in ids:
            ids[id_] = known[name] if name in known else insert_row(target, "usergroup", {"name": name})
    return ids


def _users(target: Target, source: Catalogue, before: Catalogue, groups: Ids) -> Ids:
    new = [email for email in source.users if email not in before.users]
    columns = ("reference_id", "permission", "name", "email")
    rows = [(uuid7(), DEFAULT_PERMISSION, email.partition("@")[0], email) for email in new]
    target.dialect.insert(target, user_account.name, columns, rows)
    found = target.connection.execute(select(user_account.c.email, user_account.c.id))
    by_email = dict(map(tuple, found))
    ids = {user.id: by_email[email] for email, user in source.users.items()}
    members = {
        ids[user.id]: {groups[id_]: DEFAULT_PERMISSION for id_ in user.groups if id_ in groups}
        for user in source.users.values()
    }
    _share(target, user_groups, "user_account_id", members)
    return ids


def _entities(target: Target, source: Catalogue, before: Catalogue, users: Ids, groups: Ids) -> None:
    for name in source.entities:
        if name not in before.entities:
            insert_entity(target, name)
    ids = _world_ids(target)
    access = {ids[name]: entity.access for name, entity in source.entities.items()}
    _set(target, world, [(id_, _gate(one, users)) for id_, one in access.items()])
    _share(target, world_groups, "world_id", _shares(access, groups))


def _world_ids(target: Target) -> dict[str, int]:
    found = target.connection.execute(select(world.c.table_name, world.c.id))
    return dict(map(tuple, found))


def _actions(target: Target, source: Catalogue, before: Catalogue, users: Ids, groups: Ids) -> None:
    worlds = _world_ids(target)
    columns = {
        key: action_columns(target, *key, one.inputs, instance_optional=one.instance_optional)
        for key, one in source.actions.items()
    }
    for (entity, name), values in columns.items():
        if (entity, name) not in before.actions:
            row = {"action_name": name, "label": name, "world_id": worlds[entity], **values}
            insert_row(target, "action", row)
    entities = {id_: name for name, id_ in worlds.items()}
    found = target.connection.execute(select(action.c.world_id, action.c.action_name, action.c.id))
    ids = {(entities[world_id], name): id_ for world_id, name, id_ in found if world_id in entities}
    access = {ids[key]: one.access for key, one in source.actions.items()}
    rows = [(ids[key], {**columns[key], **_gate(one.access, users)}) for key, one in source.actions.items()]
    _set(target, action, rows)
    _share(target, action_groups, "action_id", _shares(access, groups))


def _gate(access: Access, users: Ids) -> dict[str, Any]:
    """Its own part of who may execute something; an owner who is gone owns nothing."""
    owner = None if access.owner_id is None else users.get(access.owner_id)
    return {"permission": access.permission, "user_account_id": owner}


def _shares(access: Mapping[int, Access], groups: Ids) -> dict[int, dict[int, int]]:
    return {
        id_: {groups[group]: bits for group, bits in one.groups.items() if group in groups}
        for id_, one in access.items()
    }


def _set(target: Target, rows_of: TableClause, rows: Iterable[tuple[int, dict[str, Any]]]) -> None:
    """Update rows by their ids, all the same columns."""
    parameters = [{"id_": id_, **values} for id_, values in rows]
    if parameters:
        values: dict[str, Any] = {key: bindparam(key) for key in parameters[0] if key != "id_"}
        statement = update(rows_of).where(rows_of.c.id == bindparam("id_")).values(values)
        target.connection.execute(statement, parameters)


def _share(target: Target, joins: TableClause, key: str, shares: Mapping[int, Mapping[int, int]]) -> None:
    """Join rows with groups to exactly those, each with its permission."""
    target.dialect.delete_by(target, joins.name, key, list(shares))
    columns = ("reference_id", "permission", key, "usergroup_id")
    rows = [(uuid7(), bits, id_, group) for id_, of in shares.items() for group, bits in of.items()]
    target.dialect.insert(target, joins.name, columns, rows)
