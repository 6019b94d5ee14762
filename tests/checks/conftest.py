"""Declarations and a catalogue as a check gets them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reconciler.catalogue import Access, Action, Catalogue, Entity, Input, User
from reconciler.checks.context import Context
from reconciler.config.declarations import Declaration
from reconciler.task import Task

GUEST_EXECUTE, GROUP_EXECUTE = 32, 524288
OPEN = Access(owner_id=1, permission=561441)
CLOSED = Access(owner_id=1, permission=0, groups={2: GROUP_EXECUTE, 4: GROUP_EXECUTE})


@pytest.fixture(scope="session")
def declare() -> Callable[..., Declaration]:
    """A clean declaration, but for the fields given; `index` tells several apart."""

    def declaration(index: int = 0, *, file: str = "tasks.yaml", **fields: Any) -> Declaration:
        places = {key: frozenset(fields.pop(key, ())) for key in ("absent", "unusable")}
        task = {
            "name": f"task-{index}",
            "schedule": "0 8 * * *",
            "entity_name": "report",
            "action_name": "generate_report",
            "as_user_email": "reports@example.com",
            "attributes": {"type": "daily"},
        }
        return Declaration(
            task=Task(**{**task, **fields}),
            file=file,
            document=0,
            index=index,
            line=2 + 10 * index,
            **places,
        )

    return declaration


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue(
        users={
            user.email: user
            for user in (
                User(id=2, email="admin@example.com", groups=frozenset({2, 3})),
                User(id=3, email="reports@example.com", groups=frozenset({3})),
                User(id=4, email="ops@example.com", groups=frozenset({3, 4})),
            )
        },
        entities={name: Entity(name=name, access=OPEN) for name in ("report", "world", "site", "mail_box")}
        | {"vault": Entity(name="vault", access=CLOSED)},
        actions={(action.entity_name, action.name): action for action in _actions()},
        groups={1: "guests", 2: "administrators", 3: "users", 4: "ops"},
    )


def _actions() -> tuple[Action, ...]:
    report = (Input(name="type"), Input(name="format", nullable=True), Input(name="limit", nullable=True))
    return (
        Action(name="generate_report", entity_name="report", access=OPEN, inputs=report),
        Action(name="archive", entity_name="report", access=OPEN),
        Action(name="export_data", entity_name="world", access=CLOSED, inputs=(Input(name="table_name"),)),
        Action(name="open", entity_name="vault", access=CLOSED),
        Action(
            name="sync_site_storage",
            entity_name="site",
            access=OPEN,
            inputs=(Input(name="path"),),
            instance_optional=False,
        ),
    )


@pytest.fixture(scope="session")
def offline() -> Context:
    return Context(now=datetime(2026, 11, 23, tzinfo=UTC), timezone=ZoneInfo("UTC"))


@pytest.fixture(scope="session")
def context(catalogue: Catalogue) -> Context:
    return Context(
        now=datetime(2026, 11, 23, tzinfo=UTC),
        timezone=ZoneInfo("UTC"),
        catalogue=catalogue,
        attributes_limit=65_535,
        kind="mysql",
    )
