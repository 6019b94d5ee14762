"""Daptin's rule about who may execute what: every clause of it, alone and against the others."""

from datetime import UTC, datetime
from typing import Any

import pytest

from reconciler import refs
from reconciler.catalogue import Access, Action, Catalogue, Entity, Snapshot, User

GUEST = 1 << 5
OWNER = 1 << 12
GROUP = 1 << 19
AUTHENTICATED = 1 << 21
ALL_BUT_EXECUTE = 2**22 - 1 - GUEST - OWNER - GROUP - AUTHENTICATED

ANN = User(id=3, email="ann@example.com", groups=frozenset({3, 4}))
LONER = User(id=5, email="loner@example.com")
ADMIN = User(id=2, email="admin@example.com", groups=frozenset({2}))
NAMED_ADMIN = User(id=6, email="named@example.com", groups=frozenset({9}))
GROUPS = {1: "guests", 2: "administrators", 3: "users", 4: "ops", 9: "administrators"}


VERDICTS = [
    pytest.param(ANN, {"permission": 0}, False, id="nothing granted"),
    pytest.param(ANN, {"permission": ALL_BUT_EXECUTE}, False, id="every bit but those of execution"),
    pytest.param(ANN, {"permission": 561441}, True, id="the default permission has the guests' bit"),
    pytest.param(ANN, {"permission": 561441 - GUEST}, False, id="the default without the guests' bit"),
    pytest.param(LONER, {"permission": GUEST}, True, id="guests' bit, user in no group"),
    pytest.param(LONER, {"permission": AUTHENTICATED}, True, id="authenticated bit, user in no group"),
    pytest.param(ANN, {"owner_id": 3, "permission": OWNER}, True, id="owner with the owner's bit"),
    pytest.param(ANN, {"owner_id": 4, "permission": OWNER}, False, id="owner's bit, another's object"),
    pytest.param(ANN, {"owner_id": 3, "permission": 0}, False, id="owner without the owner's bit"),
    pytest.param(ANN, {"owner_id": None, "permission": OWNER}, False, id="owner's bit, nobody's object"),
    pytest.param(ANN, {"permission": GROUP}, False, id="the object's own group bit is never looked at"),
    pytest.param(
        ANN, {"permission": GROUP, "groups": {4: 0}}, False, id="shared, the bit on the object only"
    ),
    pytest.param(ANN, {"permission": 0, "groups": {4: GROUP}}, True, id="shared with a group of the user"),
    pytest.param(
        ANN, {"permission": 0, "groups": {1: GROUP, 3: 0, 4: GROUP}}, True, id="one of several groups"
    ),
    pytest.param(ANN, {"permission": 0, "groups": {7: GROUP}}, False, id="shared with another group"),
    pytest.param(
        ANN,
        {"permission": 0, "groups": {4: OWNER | GUEST | AUTHENTICATED}},
        False,
        id="other bits on the join row",
    ),
    pytest.param(ADMIN, {"permission": 0}, True, id="administrators, by the id of the group"),
    pytest.param(NAMED_ADMIN, {"permission": 0}, False, id="the name of a group is no right on an object"),
]


@pytest.mark.parametrize(("user", "access", "allowed"), VERDICTS)
def test_may_execute_an_object(user: User, access: dict[str, Any], allowed: bool) -> None:
    assert Access(**{"owner_id": 1, **access}).may_execute(user) is allowed


@pytest.mark.parametrize("salt", [None, b"sixteen bytes..."])
@pytest.mark.parametrize(("user", "access", "allowed"), VERDICTS)
def test_a_snapshot_says_the_same(
    user: User, access: dict[str, Any], allowed: bool, salt: bytes | None
) -> None:
    """Of an action that only its own permission guards, and then of one that only its entity guards."""
    open_, guarded = Access(owner_id=1, permission=GUEST), Access(**{"owner_id": 1, **access})
    allowed = allowed or user is NAMED_ADMIN  # administrators by name are not asked
    for entity, action in ((open_, guarded), (guarded, open_)):
        known = Snapshot(
            catalogue=Catalogue(
                users={one.email: one for one in (ANN, LONER, ADMIN, NAMED_ADMIN)},
                entities={"report": Entity(name="report", access=entity)},
                actions={("report", "run"): Action(name="run", entity_name="report", access=action)},
                groups=GROUPS,
            ),
            exported_at=datetime(2026, 11, 24, tzinfo=UTC),
            kind="sqlite",
        )
        snapshot = refs.read(refs.text_of(refs.hashed(known, salt) if salt else known), "refs.json")
        found = snapshot.catalogue.find_user(user.email)
        assert found is not None
        refusals = snapshot.catalogue.refusals(found, snapshot.catalogue.actions["report", "run"])
        assert (not refusals) is allowed


@pytest.mark.parametrize(
    ("user", "entity", "action", "refusing"),
    [
        pytest.param(ANN, GUEST, GUEST, [], id="both let her"),
        pytest.param(ANN, 0, GUEST, ["report"], id="the entity refuses"),
        pytest.param(ANN, GUEST, 0, ["generate_report"], id="the action refuses"),
        pytest.param(ANN, 0, 0, ["report", "generate_report"], id="both refuse, the entity first"),
        pytest.param(ADMIN, 0, 0, [], id="administrators are not asked"),
        pytest.param(NAMED_ADMIN, 0, 0, [], id="nor are those of a group of that name"),
    ],
)
def test_both_the_entity_and_the_action_must_let_the_user(
    user: User, entity: int, action: int, refusing: list[str]
) -> None:
    report = Entity(name="report", access=Access(owner_id=1, permission=entity))
    generate = Action(
        name="generate_report", entity_name="report", access=Access(owner_id=1, permission=action)
    )
    catalogue = Catalogue(
        users={user.email: user},
        entities={"report": report},
        actions={("report", "generate_report"): generate},
        groups=GROUPS,
    )
    assert [one.name for one in catalogue.refusals(user, generate)] == refusing


def test_the_action_row_of_the_entity_counts_not_one_of_the_same_name_elsewhere() -> None:
    open_, closed = Access(owner_id=1, permission=GUEST), Access(owner_id=1, permission=0)
    actions = {
        (entity, "run"): Action(name="run", entity_name=entity, access=access)
        for entity, access in (("report", closed), ("world", open_))
    }
    entities = {name: Entity(name=name, access=open_) for name in ("report", "world")}
    catalogue = Catalogue(users={}, entities=entities, actions=actions)
    assert catalogue.refusals(ANN, actions["report", "run"])
    assert not catalogue.refusals(ANN, actions["world", "run"])
