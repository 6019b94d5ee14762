"""Who a run executes as: what the whole catalogue says, asked for one user and one action."""

import uuid

import pytest

from reconciler.catalogue import GROUP_EXECUTE, USER_EXECUTE, Access
from reconciler.database.catalogue import read_catalogue
from reconciler.database.identity import (
    Identity,
    first_administrator,
    identity_of,
    question,
    read_subject,
)
from reconciler.database.statements import query
from reconciler.database.target import Target, connect
from reconciler.database.urls import target_url
from tests.database.build import reading
from tests.databases import Database

ANN, BOB, ADMIN, OPS, USERS = 3, 4, 2, 4, 3


@pytest.fixture
def varied(lived_in: Database) -> Database:
    """Actions that the owner, a group, or nobody may execute, beside those that everybody may."""
    for number, permission, owner in ((1, 0, ANN), (2, USER_EXECUTE, ANN), (3, 0, BOB), (53, 0, ADMIN)):
        lived_in.query(
            "UPDATE action SET permission = ?, user_account_id = ? WHERE id = ?", (permission, owner, number)
        )
    grant(lived_in, "action_action_id_has_usergroup_usergroup_id", "action_id", 53, OPS)
    grant(lived_in, "world_world_id_has_usergroup_usergroup_id", "world_id", world_of(lived_in, "event"), OPS)
    lived_in.query("UPDATE world SET permission = 0 WHERE table_name IN ('event', 'site')")
    return lived_in


def grant(database: Database, joined: str, key: str, number: int, group: int) -> None:
    columns = f"(reference_id, permission, {key}, usergroup_id)"
    values = (uuid.uuid5(uuid.NAMESPACE_OID, joined).bytes, GROUP_EXECUTE, number, group)
    database.query(f"INSERT INTO {joined} {columns} VALUES (?, ?, ?, ?)", values)


def world_of(database: Database, name: str) -> int:
    ((number,),) = database.query("SELECT id FROM world WHERE table_name = ?", (name,))
    return int(number)


def read_identity(target: Target, user_id: int | None, entity: str, action: str) -> Identity:
    return identity_of(query(target, *question(user_id, entity, action)), entity, action)


def test_it_says_what_the_catalogue_says(varied: Database) -> None:
    verdicts = set()
    with reading(varied) as target:
        catalogue = read_catalogue(target)
        for user in catalogue.users.values():
            for action in catalogue.actions.values():
                found = read_identity(target, user.id, action.entity_name, action.name)
                assert found.user == user
                assert found.action is not None
                assert found.action.access == action.access
                assert found.action.instance_optional == action.instance_optional
                refused = [gate.name for gate in catalogue.refusals(user, action)]
                assert [gate.name for gate in found.catalogue.refusals(user, found.action)] == refused
                verdicts.add((len(refused), found.catalogue.is_administrator(user)))
    assert verdicts >= {(0, False), (1, False), (2, False), (0, True)}


def test_a_group_may_what_the_others_may_not(varied: Database) -> None:
    with reading(varied) as target:
        assert refusals(target, ANN, "log_run") == []
        assert refusals(target, BOB, "log_run") == ["event", "log_run"]
        assert refusals(target, ADMIN, "log_run") == []


def refusals(target: Target, user_id: int, action: str) -> list[str]:
    found = read_identity(target, user_id, "event", action)
    assert found.user is not None
    assert found.action is not None
    return [gate.name for gate in found.catalogue.refusals(found.user, found.action)]


def test_a_revocation_is_seen_at_once(varied: Database) -> None:
    with connect(target_url(varied.url, {}), read_only=False) as target:
        assert refusals(target, ANN, "log_run") == []
        varied.query(
            "DELETE FROM user_account_user_account_id_has_usergroup_usergroup_id"
            " WHERE user_account_id = ? AND usergroup_id = ?",
            (ANN, OPS),
        )
        assert refusals(target, ANN, "log_run") == ["event", "log_run"]


def test_the_names_of_the_groups(lived_in: Database) -> None:
    with reading(lived_in) as target:
        assert read_identity(target, ANN, "event", "log_run").groups == ("ops", "users")


def test_a_user_without_a_group(lived_in: Database) -> None:
    lived_in.query("DELETE FROM user_account_user_account_id_has_usergroup_usergroup_id")
    with reading(lived_in) as target:
        found = read_identity(target, ANN, "event", "log_run")
        assert found.user is not None
        assert (found.user.email, found.user.groups, found.groups) == ("ann@example.com", frozenset(), ())


@pytest.mark.parametrize("user_id", [None, 99])
def test_nobody(lived_in: Database, user_id: int | None) -> None:
    with reading(lived_in) as target:
        found = read_identity(target, user_id, "event", "log_run")
        assert found.user is None
        assert found.action is not None


@pytest.mark.parametrize(
    ("entity", "action", "entities"),
    [
        ("nothing", "log_run", []),
        ("Event", "log_run", []),  # a collation would take it for event
        ("event", "nothing", ["event"]),
        ("event", "Log_run", ["event"]),
        ("event", "signin", ["event"]),  # it is another entity's
    ],
)
def test_no_such_action(lived_in: Database, entity: str, action: str, entities: list[str]) -> None:
    with reading(lived_in) as target:
        found = read_identity(target, ANN, entity, action)
        assert found.action is None
        assert list(found.catalogue.entities) == entities


def test_the_subject_of_an_action(lived_in: Database) -> None:
    ((number, reference, permission, owner),) = lived_in.query(
        "SELECT id, reference_id, permission, user_account_id FROM event WHERE user_account_id = ?", (ANN,)
    )
    named = str(uuid.UUID(bytes=bytes(reference)))
    with reading(lived_in) as target:
        before = read_subject(target, "event", named, exact=True)
    assert before is not None
    assert before == Access(owner_id=owner, permission=permission, groups=before.groups)
    grant(lived_in, "event_event_id_has_usergroup_usergroup_id", "event_id", number, OPS)
    with reading(lived_in) as target:
        after = read_subject(target, "event", named, exact=True)
        assert after is not None
        assert after.groups == {**before.groups, OPS: GROUP_EXECUTE}
        assert read_subject(target, "event", named.upper(), exact=True) is None
        assert read_subject(target, "event", named.upper(), exact=False) == after
        assert read_subject(target, "event", str(uuid.UUID(int=7)), exact=True) is None
        assert read_subject(target, "event", "7", exact=False) is None


def test_the_first_administrator(lived_in: Database) -> None:
    with reading(lived_in) as target:
        assert first_administrator(target) == (ADMIN, "admin@example.com")
    lived_in.query("DELETE FROM user_account_user_account_id_has_usergroup_usergroup_id")
    with reading(lived_in) as target:
        assert first_administrator(target) is None
