"""`reconcile init` and the catalogue of an embedded database."""

import re
import subprocess
import sys
from typing import Any

import pytest

from reconciler.catalogue import Input
from reconciler.database.catalogue import read_catalogue
from reconciler.database.embedded import add_action, add_user, initialise, is_ours, list_actions
from reconciler.database.rows import read_existing
from reconciler.database.shape import SHAPES
from reconciler.database.target import connect
from reconciler.database.urls import target_url
from reconciler.database.writing import write
from reconciler.errors import ReconcilerError, TargetError, UsageError
from tests.database.build import applying, creates, reading, stamp, task
from tests.databases import Database, Databases

TABLES = [shape.name for shape in SHAPES]


def test_the_tables_are_daptins_to_the_names_of_indexes(database: Database, databases: Databases) -> None:
    captured = databases.captured(database.kind, "fresh")
    assert initialise(target_url(database.url, {})) == "made"
    assert _shape(database) == _shape(captured)


def _shape(database: Database) -> list[Any]:
    names = ", ".join(f"'{name}'" for name in TABLES)
    if database.kind == "sqlite":
        rows = database.query(f"SELECT sql FROM sqlite_master WHERE tbl_name IN ({names})")
        return sorted(re.sub(r"\s+", "", sql.lower()) for (sql,) in rows)
    schema = "current_schema()" if database.kind == "postgresql" else "database()"
    kind = "data_type" if database.kind == "postgresql" else "column_type"
    columns = database.query(
        f"SELECT table_name, column_name, ordinal_position, {kind}, is_nullable, column_default,"
        " character_maximum_length, collation_name FROM information_schema.columns"
        f" WHERE table_schema = {schema} AND table_name IN ({names})"
    )
    keys = database.query(
        "SELECT table_name, constraint_name, constraint_type FROM information_schema.table_constraints"
        f" WHERE table_schema = {schema} AND table_name IN ({names}) AND constraint_type <> 'CHECK'"
    )
    indexes = database.query(
        "SELECT indexname, replace(indexdef, 'public.', '') FROM pg_indexes WHERE tablename IN ("
        + names
        + ")"
        if database.kind == "postgresql"
        else "SELECT table_name, index_name, seq_in_index, column_name, non_unique, index_type"
        f" FROM information_schema.statistics WHERE table_schema = {schema} AND table_name IN ({names})"
    )
    return [sorted(columns), sorted(keys), sorted(indexes)]


def test_init_fills_what_daptin_fills(database: Database) -> None:
    url = target_url(database.url, {})
    initialise(url)
    with reading(database) as target:
        catalogue = read_catalogue(target)
        assert is_ours(target)
    assert catalogue.groups == {1: "guests", 2: "administrators", 3: "users"}
    assert [(user.email, user.groups) for user in catalogue.users.values()] == [("guest@cms.go", {3})]
    assert {"task", "world", "user_account"} <= set(catalogue.entities)
    assert catalogue.actions == {}


def test_init_again_changes_nothing(database: Database) -> None:
    url = target_url(database.url, {})
    initialise(url)
    with connect(url, read_only=False) as target:
        add_user(target, "ann@example.com")
    assert initialise(url) == "unchanged"
    with reading(database) as target:
        assert list(read_catalogue(target).users) == ["guest@cms.go", "ann@example.com"]


def test_init_adds_only_the_bookkeeping_to_daptins_database(daptin: Database) -> None:
    url = target_url(daptin.url, {})
    before = daptin.query("SELECT * FROM world ORDER BY id")
    assert initialise(url) == "added"
    assert initialise(url) == "unchanged"
    assert daptin.query("SELECT * FROM world ORDER BY id") == before
    with connect(url, read_only=False) as target:
        assert not is_ours(target)
        with pytest.raises(UsageError, match="made by Daptin"):
            add_user(target, "new@example.com")
        with pytest.raises(UsageError, match="made by Daptin"):
            add_action(target, "report", "generate_report")
    assert daptin.query("SELECT count(*) FROM user_account WHERE email = 'new@example.com'") == [(0,)]


def test_init_refuses_a_database_of_something_else(database: Database) -> None:
    database.query("CREATE TABLE reconcilerxinvoices (id INTEGER)")
    with pytest.raises(TargetError, match="is not empty"):
        initialise(target_url(database.url, {}))
    with pytest.raises(TargetError, match="no table") as caught, reading(database) as target:
        read_existing(target)
    assert "reconcile init" in str(caught.value.hint)


def test_the_catalogue_of_an_embedded_database(database: Database) -> None:
    url = target_url(database.url, {})
    initialise(url)
    with connect(url, read_only=False) as target:
        ann = add_user(target, "ann@example.com", ["administrators"])
        add_action(target, "report", "generate", [Input(name="type"), Input(name="format", nullable=True)])
        add_action(target, "report", "send", instance_optional=False)
        with pytest.raises(UsageError, match="already"):
            add_user(target, "ann@example.com")
        with pytest.raises(UsageError, match="no group 'admins'"):
            add_user(target, "bob@example.com", ["admins"])
        with pytest.raises(UsageError, match="already"):
            add_action(target, "report", "generate")
        assert [(one.entity_name, one.name) for one in list_actions(target)] == [
            ("report", "generate"),
            ("report", "send"),
        ]
    with reading(database) as target:
        catalogue = read_catalogue(target)
    assert catalogue.users["ann@example.com"] == ann
    assert ann.groups == {2, 3}
    generate, send = catalogue.actions["report", "generate"], catalogue.actions["report", "send"]
    assert generate.inputs == (Input(name="type"), Input(name="format", nullable=True))
    assert (generate.instance_optional, send.instance_optional) == (True, False)
    assert generate.access.may_execute(ann)


def test_a_task_can_be_written_to_it(database: Database) -> None:
    url = target_url(database.url, {})
    initialise(url)
    with connect(url, read_only=False) as target:
        ann = add_user(target, "ann@example.com")
    with applying(database) as target:
        write(target, creates(task()), stamp())
    (row,) = database.query("SELECT name, as_user_id, active, user_account_id, permission FROM task")
    assert row == ("daily_report", ann.id, True, ann.id, 561441), (
        "without an administrator the task's user owns it"
    )


def test_the_documented_look_at_the_rows(databases: Databases) -> None:
    database = databases.empty("sqlite")
    initialise(target_url(database.url, {}))
    script = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall())"
    query = "SELECT name, as_user_id, active FROM task"
    done = subprocess.run(
        [sys.executable, "-c", script, database.name, query], capture_output=True, check=True
    )
    assert done.stdout == b"[]\n"


def test_a_failed_init_leaves_no_file(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    database = databases.empty("sqlite")
    monkeypatch.setattr("reconciler.database.embedded._fill", lambda target: target.execute("SELECT nothing"))
    with pytest.raises(ReconcilerError, match="syntax error"):
        initialise(target_url(database.url, {}))
    with pytest.raises(TargetError, match="there is no database"), reading(database):
        pass
