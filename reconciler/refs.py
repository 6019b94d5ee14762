"""The file of a snapshot: users, groups, entities, actions and permissions, for checks without a database.

Names stand for ids and every list is sorted, an item a line, so that a difference in git is what has changed.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from reconciler.catalogue import Access, Action, Catalogue, Entity, Input, Snapshot, User, hash_of
from reconciler.errors import ReconcilerError
from reconciler.shipped import schema_text

KIND = "task-reconciler refs"
VERSION = "1.0"
HINT = "`reconcile refs export FILE` writes one"

_NUMBERED = re.compile("#[0-9]+")
"""A group by its id: one that is gone, though things are still shared with it, or has no name of its own."""


def hashed(snapshot: Snapshot, salt: bytes) -> Snapshot:
    """The same, with hashes in place of e-mails."""
    catalogue = snapshot.catalogue
    users = (replace(user, email=hash_of(user.email, salt), name="") for user in catalogue.users.values())
    known = replace(catalogue, users={user.email: user for user in users}, salt=salt)
    return replace(snapshot, catalogue=known)


def text_of(snapshot: Snapshot) -> str:
    """The file: the same text for the same catalogue and moment."""
    catalogue = snapshot.catalogue
    names = _Names(catalogue)
    head = {
        "kind": KIND,
        "format_version": VERSION,
        "exported_at": snapshot.exported_at.isoformat(),
        "database": snapshot.kind,
        "salt": catalogue.salt.hex() if catalogue.salt is not None else None,
    }
    parts = [f'  "{key}": {_json(value)}' for key, value in head.items()]
    parts += [
        _block("groups", map(_json, _groups(catalogue))),
        _block("users", map(_json, _users(catalogue, names))),
        _block("entities", map(_json, _entities(catalogue, names))),
        _block("actions", map(_json, _actions(catalogue, names))),
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def read(text: str, file: str) -> Snapshot:
    """The snapshot that the text of a file holds. Raises ReconcilerError for one that holds none."""
    value = _parsed(text, file)
    salt, groups = value["salt"], {one["name"]: one["id"] for one in value["groups"]}
    users = _read_users(value["users"], groups)

    def access(one: Mapping[str, Any]) -> Access:
        owner = users.get(one["owner"])
        shares = {_group_id(name, groups): bits for name, bits in one["groups"].items()}
        return Access(owner_id=owner.id if owner else None, permission=one["permission"], groups=shares)

    return Snapshot(
        catalogue=Catalogue(
            users=users,
            entities={one["name"]: Entity(name=one["name"], access=access(one)) for one in value["entities"]},
            actions={
                (one["entity"], one["action"]): _read_action(one, access(one)) for one in value["actions"]
            },
            groups={one["id"]: one["name"] for one in value["groups"]},
            salt=bytes.fromhex(salt) if salt is not None else None,
        ),
        exported_at=datetime.fromisoformat(value["exported_at"]),
        kind=value["database"],
        file=file,
    )


class _Names:
    """The names that stand for the ids of a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        counts = Counter(catalogue.groups.values())
        self.groups = {
            id_: name
            for id_, name in catalogue.groups.items()
            if counts[name] == 1 and not _NUMBERED.fullmatch(name)
        }
        self.users = {user.id: email for email, user in catalogue.users.items()}

    def group(self, id_: int) -> str:
        return self.groups.get(id_, f"#{id_}")

    def access(self, access: Access) -> dict[str, Any]:
        shares = {self.group(id_): bits for id_, bits in access.groups.items()}
        return {
            "owner": self.users.get(access.owner_id) if access.owner_id is not None else None,
            "permission": access.permission,
            "groups": dict(sorted(shares.items())),
        }


def _groups(catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    for name, id_ in sorted((name, id_) for id_, name in catalogue.groups.items()):
        yield {"name": name, "id": id_}


def _users(catalogue: Catalogue, names: _Names) -> Iterator[dict[str, Any]]:
    for email, user in sorted(catalogue.users.items()):
        yield {"email": email, "groups": sorted(map(names.group, user.groups))}


def _entities(catalogue: Catalogue, names: _Names) -> Iterator[dict[str, Any]]:
    for name, entity in sorted(catalogue.entities.items()):
        yield {"name": name, **names.access(entity.access)}


def _actions(catalogue: Catalogue, names: _Names) -> Iterator[dict[str, Any]]:
    for (entity_name, name), action in sorted(catalogue.actions.items()):
        yield {
            "entity": entity_name,
            "action": name,
            **names.access(action.access),
            "needs_subject": not action.instance_optional,
            "inputs": [{"name": one.name, "nullable": one.nullable} for one in action.inputs],
        }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _block(key: str, lines: Iterable[str]) -> str:
    """A list with an item a line."""
    items = ",\n".join(f"    {line}" for line in lines)
    return f'  "{key}": [\n{items}\n  ]' if items else f'  "{key}": []'


def _parsed(text: str, file: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        message = f"{file} is no snapshot, or was cut short: it is not JSON"
        raise ReconcilerError(message, hint=HINT) from None
    if not isinstance(value, dict) or value.get("kind") != KIND:
        raise ReconcilerError(f"{file} is no snapshot of users and actions", hint=HINT)
    _require_known(value.get("format_version"), file)
    if reason := _fault(value):
        raise ReconcilerError(
            f"{file} is no snapshot: {reason}", hint="write it anew with `reconcile refs export`"
        )
    return value


def _require_known(version: object, file: str) -> None:
    if isinstance(version, str) and version.partition(".")[0] != VERSION.partition(".")[0]:
        raise ReconcilerError(
            f"{file} was written by another version of the program: it is of version {version!r}, and "
            f"{VERSION!r} is known",
            hint="write it anew with `reconcile refs export`, or install the version that wrote it",
        )


def _fault(value: Mapping[str, Any]) -> str | None:
    """Why a value with the right version is no snapshot all the same."""
    import jsonschema_rs

    validator = jsonschema_rs.validator_for(json.loads(schema_text("refs")), validate_formats=True)
    for error in validator.iter_errors(value):
        where = "/".join(map(str, error.instance_path))
        return f"it has not the shape of one{f', at {where}' if where else ''}"
    if not _is_moment(value["exported_at"]):
        return "it has not the shape of one, at exported_at"
    known = {one["email"] for one in value["users"]}
    groups = {one["name"] for one in value["groups"]}
    for one in (*value["users"], *value["entities"], *value["actions"]):
        if missing := [
            name for name in one["groups"] if name not in groups and not _NUMBERED.fullmatch(name)
        ]:
            return f"it names a group {missing[0]!r} that is not in it"
        if one.get("owner") is not None and one["owner"] not in known:
            return "it names an owner who is not in it"
    entities = {one["name"] for one in value["entities"]}
    if missing := [one["entity"] for one in value["actions"] if one["entity"] not in entities]:
        return f"it names an entity {missing[0]!r} that is not in it"
    return None


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:  # RFC 3339 knows a second 60, and small letters
        return False


def _group_id(name: str, groups: Mapping[str, int]) -> int:
    return int(name[1:]) if _NUMBERED.fullmatch(name) else groups[name]


def _read_users(users: Iterable[Mapping[str, Any]], groups: Mapping[str, int]) -> dict[str, User]:
    return {
        one["email"]: User(
            id=number,
            email=one["email"],
            groups=frozenset(_group_id(name, groups) for name in one["groups"]),
        )
        for number, one in enumerate(users, 1)
    }


def _read_action(one: Mapping[str, Any], access: Access) -> Action:
    return Action(
        name=one["action"],
        entity_name=one["entity"],
        access=access,
        inputs=tuple(Input(name=field["name"], nullable=field["nullable"]) for field in one["inputs"]),
        instance_optional=not one["needs_subject"],
    )
