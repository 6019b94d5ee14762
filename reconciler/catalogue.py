"""The catalogue: which users, groups, entities and actions exist, and who may execute what."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

ADMINISTRATORS = 2
"""The id of the administrators' group, fixed in Daptin's code."""

ADMINISTRATORS_NAME = "administrators"
"""A group of this name makes administrators too, whatever its id."""

GUEST_EXECUTE = 1 << 5
USER_EXECUTE = 1 << 12
GROUP_EXECUTE = 1 << 19
AUTHENTICATED_EXECUTE = 1 << 21


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    id: int
    email: str
    name: str = ""
    groups: frozenset[int] = frozenset()  # ids of the groups it is in


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who owns an object, its permission bits, and the bits on its join row with each group."""

    owner_id: int | None
    permission: int
    groups: Mapping[int, int] = field(default_factory=dict)  # group id -> permission of the join row

    def may_execute(self, user: User) -> bool:
        """Whether a user may execute the object.

        Source: CanExecute of Daptin 0.12.36: the authenticated bit, the owner with the owner's bit, the
        guests' bit, then any group of the user's: the administrators always, another by the bit on its join
        row. The object's own group bits are never looked at.
        """
        if self.permission & (AUTHENTICATED_EXECUTE | GUEST_EXECUTE):
            return True
        if self.owner_id == user.id and self.permission & USER_EXECUTE:
            return True
        if ADMINISTRATORS in user.groups:
            return True
        return any(self.groups.get(group, 0) & GROUP_EXECUTE for group in user.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input of an action."""

    name: str
    nullable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    name: str
    access: Access


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    name: str
    entity_name: str
    access: Access
    inputs: tuple[Input, ...] = ()
    instance_optional: bool = True  # False: needs a subject, `<entity>_id`


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    users: Mapping[str, User]  # by e-mail, exactly as stored
    entities: Mapping[str, Entity]  # by name
    actions: Mapping[tuple[str, str], Action]  # by (entity name, action name)
    groups: Mapping[int, str] = field(default_factory=dict)  # id -> name
    salt: bytes | None = None  # users are known by hashes of their e-mails that this is the key of

    def find_user(self, email: str) -> User | None:
        """The user of an e-mail, compared exactly."""
        return self.users.get(email if self.salt is None else hash_of(email, self.salt))

    @property
    def emails(self) -> Collection[str]:
        """The e-mails that can be told: none where only hashes of them are known."""
        return self.users.keys() if self.salt is None else ()

    def is_administrator(self, user: User) -> bool:
        """Whether Daptin takes a user for an administrator: by the group's fixed id, or by its name."""
        return any(
            group == ADMINISTRATORS or self.groups.get(group) == ADMINISTRATORS_NAME for group in user.groups
        )

    def refusals(self, user: User, action: Action) -> tuple[Entity | Action, ...]:
        """What keeps a user from executing an action: its entity, the action itself, both, or nothing.

        Source: HandleActionRequest of Daptin 0.12.36: the row of the entity in `world` and the row of the
        action must both let the user execute; administrators are not asked.
        """
        if self.is_administrator(user):
            return ()
        gates = (self.entities[action.entity_name], action)
        return tuple(gate for gate in gates if not gate.access.may_execute(user))


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The catalogue of a database as it was at a moment, which stands in for the database."""

    catalogue: Catalogue
    exported_at: datetime  # aware
    kind: Literal["sqlite", "postgresql", "mysql"]  # of the database
    file: str = ""  # that holds it


def hash_of(email: str, salt: bytes) -> str:
    """What an e-mail is known by where it is not to be read: HMAC-SHA256, in hexadecimal digits."""
    import hmac  # here: hardly any run needs it

    return hmac.new(salt, email.encode(), "sha256").hexdigest()
