"""Rows whose values came from the environment: exported by the variable, or not at all."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reconciler import exporting
from reconciler.canonical import file_text
from reconciler.checks.context import Context
from reconciler.planning.changes import Existing, Record
from reconciler.planning.masking import secrets_text
from reconciler.task import Row, Secret, json_text

CONTEXT = Context(now=datetime(2026, 12, 1, tzinfo=UTC), timezone=ZoneInfo("UTC"))
TOKEN = Secret(("Attributes", "token"), "RECONCILE_VAR_TOKEN")
PORT = Secret(("Attributes", "hosts", 1, "port"), "RECONCILE_VAR_PORT", "int")
NAME = Secret(("Schedule",), "RECONCILE_VAR_WHEN")
VALUE = "hunter2"


def row(attributes: Any, **fields: Any) -> Row:
    known: dict[str, Any] = {
        "id": 1,
        "reference_id": b"r" * 16,
        "version": 1,
        "as_user_id": 2,
        "name": "a",
        "schedule": "@daily",
        "entity_name": "report",
        "action_name": "generate",
        "as_user_email": "a@example.com",
        "active": True,
        "job_type": "",
        "attributes": attributes if isinstance(attributes, str) else json_text(attributes),
    }
    return Row(**known | fields)


def record(applied: Any, *secrets: Secret) -> Record:
    keys = {
        "Name": "a",
        "Schedule": "@daily",
        "EntityName": "report",
        "ActionName": "generate",
        "AsUserEmail": "a@example.com",
        "Active": True,
        "JobType": "",
        "Attributes": applied,
    }
    return Record(
        reference_id=b"r" * 16,
        owner="default",
        applied=json_text(keys),
        fingerprint=b"",
        file="tasks.yaml",
        line=1,
        commit=None,
        secrets=secrets_text(secrets),
        protected=False,
    )


def text(one: Row, of: Record) -> str:
    existing = Existing(rows=(one,), records={one.reference_id: of})
    rows, _ = exporting.export(existing, CONTEXT, "default", "all")
    return "".join(file_text((each.keys, each.reasons) for each in rows))


def test_a_value_stands_as_its_variable() -> None:
    written = text(
        row({"token": VALUE, "hosts": [{"port": 1}, {"port": 4711}]}),
        record({"token": TOKEN.placeholder, "hosts": [{"port": 1}, {"port": PORT.placeholder}]}, TOKEN, PORT),
    )
    assert "      token: !env RECONCILE_VAR_TOKEN\n" in written
    assert "        - port: !env {name: RECONCILE_VAR_PORT, type: int}\n" in written
    assert "  - Name: a\n" in written
    assert not any(value in written for value in (VALUE, "4711"))


def test_a_row_that_moved_elsewhere_keeps_its_variables() -> None:
    written = text(row({"token": VALUE, "b": 2}), record({"token": TOKEN.placeholder, "b": 1}, TOKEN))
    assert "token: !env RECONCILE_VAR_TOKEN\n      b: 2\n" in written


@pytest.mark.parametrize(
    "attributes",
    [
        {"hosts": [{"port": 4711}, {"port": 1}]},  # in another order
        {"hosts": {"port": 4711}},
        {"host": [{"port": 1}, {"port": 4711}]},
        "4711",
        "[4711]",
        '{"hosts": [4711',
    ],
)
def test_a_value_that_may_stand_elsewhere_is_shown_nowhere(attributes: Any) -> None:
    written = text(row(attributes), record({"hosts": [{"port": 1}, {"port": PORT.placeholder}]}, PORT))
    assert "error[E010]: the row moved, and what RECONCILE_VAR_PORT gave Attributes.hosts.1.port" in written
    assert "  # - Name: a\n" in written
    assert "4711" not in written


def test_what_is_wrong_with_it_does_not_quote_it() -> None:
    one = row({}, schedule=f"* * * * {VALUE}")
    of = record({}, NAME)
    written = text(one, of._replace(applied=of.applied.replace("@daily", NAME.placeholder)))
    assert "error[S001]: what RECONCILE_VAR_WHEN gave Schedule is wrong here" in written
    assert VALUE not in written


def test_what_else_is_wrong_with_the_row_shows_no_value() -> None:
    written = text(
        row({"token": VALUE}, as_user_id=None, as_user_email=None),
        record({"token": TOKEN.placeholder}, TOKEN),
    )
    assert "error[U001]" in written
    assert f"token: {TOKEN.placeholder}" in written.replace('"', "")
    assert VALUE not in written
