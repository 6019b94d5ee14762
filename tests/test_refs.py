"""The file of a snapshot: whatever is written is read again, and nothing else is taken for one."""

import json
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import refs
from reconciler.catalogue import Access, Action, Catalogue, Entity, Input, Snapshot, User
from reconciler.errors import ReconcilerError
from reconciler.shipped import schema_text

MOMENT = datetime(2026, 11, 24, 6, tzinfo=UTC)

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.from_regex(
    r"#[0-9]", fullmatch=True
)
ids = st.integers(min_value=1, max_value=9)
bits = st.integers(min_value=0, max_value=2**22)
accesses = st.builds(
    Access, owner_id=st.none() | ids, permission=bits, groups=st.dictionaries(ids, bits, max_size=3)
)


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    emails = draw(st.lists(names, unique=True, max_size=9))
    users = {
        email: User(id=id_, email=email, groups=draw(st.frozensets(ids, max_size=3)))
        for id_, email in enumerate(emails, 1)
    }
    entities = {name: Entity(name=name, access=draw(accesses)) for name in draw(st.sets(names, max_size=3))}
    actions = {
        (entity, name): Action(
            name=name,
            entity_name=entity,
            access=draw(accesses),
            inputs=tuple(draw(st.lists(st.builds(Input, name=names, nullable=st.booleans()), max_size=2))),
            instance_optional=draw(st.booleans()),
        )
        for entity in entities
        for name in draw(st.sets(names, max_size=2))
    }
    groups = draw(st.dictionaries(ids, names, max_size=4))
    return Catalogue(users=users, entities=entities, actions=actions, groups=groups)


def snapshot(catalogue: Catalogue) -> Snapshot:
    return Snapshot(catalogue=catalogue, exported_at=MOMENT, kind="mysql", file="refs.json")


@given(catalogues(), st.none() | st.binary(min_size=16, max_size=16))
def test_what_is_written_is_read(catalogue: Catalogue, salt: bytes | None) -> None:
    """Users get ids of their own; owners who are gone are nobody. All verdicts stay as they were."""
    known = refs.hashed(snapshot(catalogue), salt) if salt else snapshot(catalogue)
    text = refs.text_of(known)
    found = refs.read(text, "refs.json")
    assert refs.text_of(found) == text
    assert (found.exported_at, found.kind, found.catalogue.groups) == (MOMENT, "mysql", catalogue.groups)
    for key, action in catalogue.actions.items():
        same = found.catalogue.actions[key]
        assert (same.inputs, same.instance_optional) == (action.inputs, action.instance_optional)
        for email, user in catalogue.users.items():
            other = found.catalogue.find_user(email)
            assert other is not None
            again = [one.name for one in found.catalogue.refusals(other, same)]
            assert again == [one.name for one in catalogue.refusals(user, action)]


@given(catalogues(), st.data())
def test_order_makes_no_difference(catalogue: Catalogue, data: st.DataObject) -> None:
    mixed = {
        kind: dict(data.draw(st.permutations(list(getattr(catalogue, kind).items()))))
        for kind in ("users", "entities", "actions", "groups")
    }
    assert refs.text_of(snapshot(Catalogue(**mixed))) == refs.text_of(snapshot(catalogue))


@given(catalogues())
def test_it_keeps_to_its_schema(catalogue: Catalogue) -> None:
    schema = json.loads(schema_text("refs"))
    checker = jsonschema.FormatChecker()
    jsonschema.Draft202012Validator(schema, format_checker=checker).validate(
        json.loads(refs.text_of(snapshot(catalogue)))
    )


def test_no_e_mail_stands_in_a_snapshot_of_hashes() -> None:
    catalogue = Catalogue(
        users={"ann@example.com": User(id=7, email="ann@example.com", name="Ann")},
        entities={"report": Entity(name="report", access=Access(owner_id=7, permission=0))},
        actions={},
    )
    text = refs.text_of(refs.hashed(snapshot(catalogue), b"sixteen bytes..."))
    assert "ann" not in text.lower()
    other = refs.text_of(refs.hashed(snapshot(catalogue), b"another sixteen!"))
    assert json.loads(text)["users"][0]["email"] != json.loads(other)["users"][0]["email"]
    assert refs.read(text, "refs.json").catalogue.find_user("Ann@example.com") is None


WHOLE: dict[str, Any] = json.loads(
    refs.text_of(
        snapshot(
            Catalogue(
                users={"ann@example.com": User(id=7, email="ann@example.com", groups=frozenset({1}))},
                entities={"report": Entity(name="report", access=Access(owner_id=7, permission=0))},
                actions={
                    ("report", "run"): Action(
                        name="run", entity_name="report", access=Access(owner_id=7, permission=0)
                    )
                },
                groups={1: "guests"},
            )
        )
    )
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "other"}, "refs.json is no snapshot of users and actions"),
        (
            {"format_version": "2.0"},
            "refs.json was written by another version of the program: it is of version '2.0', "
            "and '1.0' is known",
        ),
        ({"format_version": 1}, "refs.json is no snapshot: it has not the shape of one, at format_version"),
        ({"users": None}, "refs.json is no snapshot: it has not the shape of one, at users"),
        (
            {"exported_at": "yesterday"},
            "refs.json is no snapshot: it has not the shape of one, at exported_at",
        ),
        (
            {"exported_at": "2026-12-31T23:59:60Z"},
            "refs.json is no snapshot: it has not the shape of one, at exported_at",
        ),
        ({"salt": "abc"}, "refs.json is no snapshot: it has not the shape of one, at salt"),
        ({"groups": []}, "refs.json is no snapshot: it names a group 'guests' that is not in it"),
        (
            {"users": []},
            "refs.json is no snapshot: it names an owner who is not in it",
        ),
        ({"entities": []}, "refs.json is no snapshot: it names an entity 'report' that is not in it"),
    ],
)
def test_what_is_no_snapshot(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ReconcilerError) as caught:
        refs.read(json.dumps({**WHOLE, **change}), "refs.json")
    assert caught.value.message == message
    assert caught.value.hint


@pytest.mark.parametrize("text", ["", "{", json.dumps(WHOLE)[:200], "[" * 100_000, "\0"])
def test_what_was_cut_short(text: str) -> None:
    with pytest.raises(ReconcilerError, match="is no snapshot, or was cut short: it is not JSON"):
        refs.read(text, "refs.json")


def test_a_later_version_with_more_in_it_is_read() -> None:
    text = json.dumps({**WHOLE, "format_version": "1.7", "more": {}})
    assert refs.read(text, "refs.json").catalogue.find_user("ann@example.com")
