"""What docs/actions.md promises, beyond what it executes itself."""

import dataclasses
import inspect
from contextlib import nullcontext

import pytest
from sqlalchemy import inspect as inspect_database
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from reconciler import actions
from reconciler.actions import Run
from reconciler.actions.export import SECRET_TYPES
from reconciler.actions.testing import make_run
from tests.actions.build import running
from tests.consoles import ROOT
from tests.databases import Database

PAGE = (ROOT / "docs" / "actions.md").read_text(encoding="utf-8")


def test_the_page_tells_all_of_a_run() -> None:
    fields = [field.name for field in dataclasses.fields(Run)]
    assert [name for name in fields if f"`run.{name}`" not in PAGE] == []


def test_the_page_tells_the_whole_public_face() -> None:
    assert [name for name in actions.__all__ if name not in PAGE] == []
    parameters = list(inspect.signature(make_run).parameters)[1:]
    assert [name for name in parameters if f"`{name}`" not in PAGE] == []
    assert [kind for kind in SECRET_TYPES if f"`{kind}`" not in PAGE] == []


def test_a_savepoint_undoes_its_part_alone(database: Database) -> None:
    database.query("CREATE TABLE things (id INTEGER PRIMARY KEY)")
    with running(database) as run:
        run.connection.execute(text("INSERT INTO things VALUES (1)"))
        with pytest.raises(DBAPIError), run.connection.begin_nested():
            run.connection.execute(text("INSERT INTO things VALUES (2), (1)"))
        run.connection.execute(text("INSERT INTO things VALUES (3)"))
    assert database.query("SELECT id FROM things ORDER BY id") == [(1,), (3,)]


def test_a_run_that_makes_a_table_is_still_one_transaction(database: Database) -> None:
    """On MySQL another connection makes it, and it stays; elsewhere the table goes with the rest."""
    database.query("CREATE TABLE things (id INTEGER PRIMARY KEY)")
    with pytest.raises(LookupError), running(database) as run:
        _make_and_fail(run, apart=database.kind == "mysql")
    assert database.query("SELECT count(*) FROM things") == [(0,)]
    with running(database) as run:
        assert inspect_database(run.connection).has_table("more") == (database.kind == "mysql")


def _make_and_fail(run: Run, apart: bool) -> None:
    run.connection.execute(text("INSERT INTO things VALUES (1)"))
    with run.connection.engine.connect() if apart else nullcontext(run.connection) as connection:
        connection.execute(text("CREATE TABLE more (id INTEGER PRIMARY KEY)"))
    raise LookupError
