"""The embedded default: a database in Daptin's shape that `reconcile init` made, and its catalogue."""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal

from sqlalchemy import column, insert, select, table

from reconciler import __version__
from reconciler.catalogue import ADMINISTRATORS, Access, Action, Input, User
from reconciler.database.bookkeeping import read_setting, write_setting
from reconciler.database.catalogue import read_catalogue
from reconciler.database.shape import COLUMNS, ENTITIES, definitions
from reconciler.database.target import LOCK_TIMEOUT, Target, connect, worded
from reconciler.database.transactions import locked, transaction
from reconciler.database.urls import TargetUrl
from reconciler.database.writing import DEFAULT_PERMISSION
from reconciler.errors import TargetError, UsageError
from reconciler.uuid7 import uuid7

Initialised = Literal["made", "added", "unchanged"]
"""What `initialise` did: all tables; the bookkeeping only; nothing."""

GROUPS = ("guests", "administrators", "users")
"""In the order of their ids: that the administrators are group 2 is contract."""

USERS = 3
GUEST = "guest@cms.go"
MADE_BY = "made_by"

_NEEDED = ("task", "user_account", "usergroup", "world", "action")


def initialise(url: TargetUrl) -> Initialised:
    """Make the tables on an empty database; add the bookkeeping to one that has the tables.

    Raises TargetError on a database that holds anything else. Whatever fails leaves it as it was, but on
    MySQL, where the definition of a table commits.
    """
    is_new = url.kind == "sqlite" and not os.path.exists(url.path)
    try:
        with connect(url, read_only=False, create=True) as target, locked(target, LOCK_TIMEOUT):
            return _initialise(target)
    except BaseException:
        if is_new:
            _remove_empty(url.path)
        raise


def _remove_empty(path: str) -> None:
    """What we opened and did not write to; a file with something in it is somebody else's."""
    with suppress(OSError):
        if os.path.getsize(path) == 0:
            os.unlink(path)


def _initialise(target: Target) -> Initialised:
    if target.dialect.is_empty(target):
        _make(target)
        return "made"
    connection = target.connection
    missing = [name for name in _NEEDED if not connection.dialect.has_table(connection, name)]
    if missing:
        raise TargetError(
            f"{target.display} is not empty and has no table {', '.join(missing)}: nothing was added",
            hint="name an empty database, or one that Daptin made",
        )
    had = connection.dialect.has_table(connection, "reconciler_version")
    with transaction(target):
        pass  # the bookkeeping comes with it
    return "unchanged" if had else "added"


def _make(target: Target) -> None:
    with transaction(target):
        for statement in definitions(target.kind):
            target.execute(statement)
        _fill(target)
        write_setting(target, MADE_BY, f"reconcile {__version__}")


def _fill(target: Target) -> None:
    """The rows that Daptin puts into an empty database."""
    guest = insert_row(
        target, "user_account", {"name": "guest", "email": GUEST, "confirmed": False, "auth_version": 1}
    )
    for name in GROUPS:
        insert_row(target, "usergroup", {"name": name})
    _join(target, "user_account", guest, USERS)
    for name in ENTITIES:
        insert_entity(target, name)


def is_ours(target: Target) -> bool:
    """Whether `reconcile init` made the tables, not Daptin."""
    return read_setting(target, MADE_BY) is not None


def add_user(target: Target, email: str, groups: Sequence[str] = ()) -> User:
    """Add a user, in the group `users` and those named. Raises UsageError."""
    with worded(target.url), transaction(target):
        refuse_daptins(target)
        catalogue = read_catalogue(target)
        if email in catalogue.users:
            raise UsageError(f"there is a user {email!r} already")
        if not email or len(email) > 80:
            raise UsageError(f"{email!r} is not an e-mail address of 1 to 80 characters")
        known = {name: id_ for id_, name in catalogue.groups.items()}
        for group in groups:
            if group not in known:
                raise UsageError(
                    f"there is no group {group!r}", hint=f"there are: {', '.join(sorted(known))}"
                )
        name = email.partition("@")[0]
        values = {"name": name, "email": email, "confirmed": False, "auth_version": 1}
        id_ = insert_row(target, "user_account", values)
        joined = {USERS, *(known[group] for group in groups)}
        for group_id in sorted(joined):
            _join(target, "user_account", id_, group_id)
    return User(id=id_, email=email, name=name, groups=frozenset(joined))


def add_action(
    target: Target,
    entity: str,
    action: str,
    inputs: Sequence[Input] = (),
    *,
    instance_optional: bool = True,
) -> Action:
    """Add an action, and its entity where that is new; everybody may execute it. Raises UsageError."""
    with worded(target.url), transaction(target):
        refuse_daptins(target)
        catalogue = read_catalogue(target)
        if (entity, action) in catalogue.actions:
            raise UsageError(f"there is an action {action!r} on {entity!r} already")
        for what, text in (("entity", entity), ("action", action)):
            if not text or len(text) > 100:
                raise UsageError(f"the name of the {what} has 1 to 100 characters, not {len(text)}")
        world_id = _entity_id(target, entity) or insert_entity(target, entity)
        values = action_columns(target, entity, action, inputs, instance_optional=instance_optional)
        values |= {"action_name": action, "label": action, "world_id": world_id}
        _join(target, "action", insert_row(target, "action", values), ADMINISTRATORS)
    return Action(
        name=action,
        entity_name=entity,
        access=Access(
            owner_id=None, permission=DEFAULT_PERMISSION, groups={ADMINISTRATORS: DEFAULT_PERMISSION}
        ),
        inputs=tuple(inputs),
        instance_optional=instance_optional,
    )


def action_columns(
    target: Target, entity: str, action: str, inputs: Sequence[Input], *, instance_optional: bool
) -> dict[str, Any]:
    """What an action's row says of its inputs, and whether it needs a subject."""
    schema = _action_schema(entity, action, inputs, instance_optional)
    is_bound_as_bytes = target.kind == "sqlite"  # as Daptin binds it
    return {
        "instance_optional": instance_optional,
        "action_schema": schema.encode() if is_bound_as_bytes else schema,
    }


def list_actions(target: Target) -> tuple[Action, ...]:
    """Every action, by entity and name."""
    actions = read_catalogue(target).actions
    return tuple(actions[key] for key in sorted(actions))


def refuse_daptins(target: Target) -> None:
    """Raises UsageError on a database that `reconcile init` did not make."""
    if not is_ours(target):
        raise UsageError(
            f"{target.display} was made by Daptin, which keeps its users and actions itself",
            hint="add them through Daptin; this is for databases that `reconcile init` made",
        )


def _entity_id(target: Target, name: str) -> int | None:
    world = table("world", column("id"), column("table_name"))
    statement = select(world.c.id, world.c.table_name).where(world.c.table_name == name)
    exactly = [id_ for id_, found in target.connection.execute(statement) if found == name]
    return exactly[0] if exactly else None


def insert_entity(target: Target, name: str) -> int:
    """Insert the row of an entity, with the permission of every row. Returns its id."""
    return insert_row(
        target,
        "world",
        {
            "table_name": name,
            "world_schema_json": json.dumps(_entity_schema(name), separators=(",", ":")),
            "is_top_level": True,
            "is_hidden": False,
            "is_join_table": False,
            "is_state_tracking_enabled": False,
            "default_order": "",
            "icon": "fa-star",
        },
    )


def _entity_schema(name: str) -> dict[str, Any]:
    """The keys of Daptin's own that a reader of the table needs."""
    return {
        "TableName": name,
        "TableId": 0,
        "DefaultPermission": DEFAULT_PERMISSION,
        "Permission": DEFAULT_PERMISSION,
        "Columns": [{"Name": one, "ColumnName": one} for one in COLUMNS.get(name, ())],
        "Relations": [],
        "IsTopLevel": True,
        "IsHidden": False,
        "IsJoinTable": False,
        "DefaultGroups": ["administrators"] if name in ("task", "action", "world") else [],
        "DefaultOrder": "",
    }


def _action_schema(entity: str, action: str, inputs: Sequence[Input], instance_optional: bool) -> str:
    fields = [
        {"Name": one.name, "ColumnName": one.name, "ColumnType": "label", "IsNullable": one.nullable}
        for one in inputs
    ]
    schema = {
        "Name": action,
        "Label": action,
        "OnType": entity,
        "InstanceOptional": instance_optional,
        "InFields": fields,
        "OutFields": [],
    }
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))


def _join(target: Target, entity: str, id_: int, group_id: int) -> None:
    name = f"{entity}_{entity}_id_has_usergroup_usergroup_id"
    insert_row(target, name, {f"{entity}_id": id_, "usergroup_id": group_id})


def insert_row(target: Target, name: str, values: Mapping[str, Any]) -> int:
    """Insert one row with the standard columns, the rest by the table's defaults. Returns its id."""
    row = {"version": 1, "reference_id": uuid7(), "permission": DEFAULT_PERMISSION, **values}
    into = table(name, column("id"), *map(column, row))
    result = target.connection.execute(insert(into).values(row))
    if target.kind != "postgresql":
        return int(result.lastrowid)
    return int(target.dialect.fetch(target, f"SELECT currval(pg_get_serial_sequence('{name}', 'id'))")[0][0])
