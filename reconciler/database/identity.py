"""Who a run executes as, and what that user may: read for each run, so that a revocation works at once."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import column, select, table

from reconciler.catalogue import ADMINISTRATORS, Access, Action, Catalogue, Entity, User
from reconciler.database.statements import query
from reconciler.database.target import Rows, Statement, Target, worded


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


def question(user_id: int | None, entity_name: str, action_name: str) -> Statement:
    """What is asked for an identity: all at once, since each run asks it. `identity_of` takes the answer."""
    return QUESTION, (entity_name, action_name, user_id, user_id)


# The numbers of the first part tell PostgreSQL what the columns are: from NULL alone it would take text.
QUESTION = """
WITH w AS (SELECT id, table_name, user_account_id, permission FROM world WHERE table_name = %s),
     a AS (SELECT a.id, w.table_name, a.action_name, a.user_account_id, a.permission, a.instance_optional
           FROM w JOIN action a ON a.world_id = w.id WHERE a.action_name = %s)
SELECT 'action', user_account_id, permission, table_name, action_name, instance_optional, NULL, NULL, NULL
FROM a
UNION ALL
SELECT 'group of the action', g.usergroup_id, g.permission, table_name, action_name, NULL, NULL, NULL, NULL
FROM a JOIN action_action_id_has_usergroup_usergroup_id g ON g.action_id = a.id
UNION ALL
SELECT 'entity', user_account_id, permission, table_name, NULL, NULL, NULL, NULL, NULL
FROM w
UNION ALL
SELECT 'group of the entity', g.usergroup_id, g.permission, table_name, NULL, NULL, NULL, NULL, NULL
FROM w JOIN world_world_id_has_usergroup_usergroup_id g ON g.world_id = w.id
UNION ALL
SELECT 'user', id, NULL, NULL, NULL, NULL, email, name, NULL
FROM user_account WHERE id = %s
UNION ALL
SELECT 'group of the user', g.usergroup_id, NULL, NULL, NULL, NULL, NULL, NULL, n.name
FROM user_account_user_account_id_has_usergroup_usergroup_id g LEFT JOIN usergroup n ON n.id = g.usergroup_id
WHERE g.user_account_id = %s
"""


class _Fact(NamedTuple):
    """A row of the answer; what a part of it does not tell is None."""

    about: str
    number: Any  # the id of the user, of the owner, or of the group
    permission: int | None
    entity: str | None
    action: str | None
    instance_optional: object
    email: str | None
    name: str | None
    group: str | None


def identity_of(answer: Rows, entity_name: str, action_name: str) -> Identity:
    """The user, the entity and the action, with the groups of each, as the database tells them."""
    told: defaultdict[str, list[_Fact]] = defaultdict(list)
    for fact in map(_Fact._make, answer):
        if fact.entity in (None, entity_name) and fact.action in (None, action_name):
            told[fact.about].append(fact)  # else a collation has taken Job for job
    groups = {one.number: one.group or "" for one in told["group of the user"] if one.number is not None}
    entities = (
        Entity(name=entity_name, access=_access(one, told["group of the entity"])) for one in told["entity"]
    )
    return Identity(
        user=next((_user(one, groups) for one in told["user"]), None),
        action=next((_action(one, told["group of the action"]) for one in told["action"]), None),
        catalogue=Catalogue(
            users={}, entities={one.name: one for one in entities}, actions={}, groups=groups
        ),
    )


def _user(fact: _Fact, groups: Collection[int]) -> User:
    return User(id=fact.number, email=str(fact.email), name=str(fact.name or ""), groups=frozenset(groups))


def _action(fact: _Fact, groups: Sequence[_Fact]) -> Action:
    return Action(
        name=str(fact.action),
        entity_name=str(fact.entity),
        access=_access(fact, groups),
        instance_optional=bool(fact.instance_optional),
    )


def _access(owned: _Fact, groups: Sequence[_Fact]) -> Access:
    return _granted(owned.number, owned.permission, ((one.number, one.permission) for one in groups))


def _granted(
    owner: int | None, permission: int | None, groups: Iterable[tuple[int | None, int | None]]
) -> Access:
    """What a row's owner and its own permission, and those of its groups, let others do."""
    granted: dict[int, int] = {}
    for group, groups_permission in groups:
        if group is not None:
            granted[group] = granted.get(group, 0) | (groups_permission or 0)
    return Access(owner_id=owner, permission=permission or 0, groups=granted)


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
    if not rows:
        return None
    return _granted(rows[0][0], rows[0][1], ((group, permission) for *_, group, permission in rows))


def first_administrator(target: Target) -> tuple[int, str] | None:
    """Id and e-mail of the first member of the administrators' group. Raises TargetError."""
    rows = query(target, _ADMINISTRATOR, (ADMINISTRATORS,))
    return (rows[0][0], str(rows[0][1])) if rows else None


_ADMINISTRATOR = """
SELECT u.id, u.email
FROM user_account u JOIN user_account_user_account_id_has_usergroup_usergroup_id g ON g.user_account_id = u.id
WHERE g.usergroup_id = %s ORDER BY u.id LIMIT 1
"""
