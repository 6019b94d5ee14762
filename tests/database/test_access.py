"""A database that is not available, or not for us: exit 4, one line, no secret, and what to do."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.database.bookkeeping import prepare
from reconciler.database.catalogue import read_catalogue
from reconciler.database.rows import read_existing
from reconciler.database.target import connect
from reconciler.database.urls import target_url
from reconciler.database.writing import write
from reconciler.errors import ReconcilerError
from tests.database.build import applying, creates, fails, reader_only, reading, stamp, task
from tests.databases import Database, Databases
from tests.servers import PASSWORD


def on_server(database: Database) -> Database:
    if database.kind == "sqlite":
        pytest.skip("a matter of servers")
    return database


def test_unreachable(databases: Databases) -> None:
    for scheme in ("postgresql", "mysql"):
        url = target_url(f"{scheme}://ann:{PASSWORD}@127.0.0.1:1/daptin", {})
        with (
            fails(rf"cannot reach {scheme}://ann@127\.0\.0\.1:1/daptin", "host and port"),
            connect(url, read_only=True),
        ):
            pass


def test_wrong_password(database: Database) -> None:
    url = target_url(on_server(database).url.replace(PASSWORD, "other"), {})
    with fails("refuses the user or the password", "check both"), connect(url, read_only=True):
        pass


def test_no_such_database(database: Database) -> None:
    url = target_url(database.url + "x", {})
    with fails("there is no database .*x", "reconcile init"), connect(url, read_only=True):
        pass
    if database.kind == "sqlite":
        assert not Path(database.name + "x").exists()


def test_no_table(database: Database) -> None:
    if database.kind == "sqlite":
        Path(database.name).touch()
    for read in (read_existing, read_catalogue):
        with fails("has no table `task`$", "reconcile init"), reading(database) as target:
            read(target)


@pytest.mark.parametrize("column", ["job_type", "permission"])
def test_a_table_that_lacks_a_column(lived_in: Database, column: str) -> None:
    lived_in.query(f"ALTER TABLE task DROP COLUMN {column}")
    with fails(f"lacks a column.*{column}"), reading(lived_in) as target:
        read_existing(target)


def test_a_dry_run_cannot_write(lived_in: Database) -> None:
    with fails("is read-only"), reading(lived_in) as target:
        write(target, creates(task()), stamp())
    with fails("is read-only"), reading(lived_in) as target:
        prepare(target)


def test_a_dry_run_needs_no_more_than_the_right_to_read(databases: Databases) -> None:
    database = databases.captured("sqlite", "lived-in")
    path = Path(database.name)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    with reader_only(database):
        with reading(database) as target:
            assert len(read_existing(target).rows) == 9
        with fails("is read-only"), applying(database):
            pass
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert os.listdir(path.parent) == [path.name]


def test_a_wal_database_in_a_folder_that_is_read_only(databases: Databases) -> None:
    database = databases.captured("sqlite", "lived-in")
    database.query("PRAGMA journal_mode = wal")
    with reader_only(database), reading(database) as target:
        assert len(read_existing(target).rows) == 9


def test_a_file_that_may_not_be_read(databases: Databases) -> None:
    database = databases.captured("sqlite", "lived-in")
    with reader_only(database) as path:
        user = os.geteuid()
        os.seteuid(os.getuid())
        path.chmod(0)
        os.seteuid(user)
        with fails("permission denied"), reading(database):
            pass


def test_a_hot_journal_says_what_to_do(databases: Databases) -> None:
    """Left by a process that was killed in mid-write; a reader may not roll it back."""
    database = databases.captured("sqlite", "lived-in")
    script = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 2")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE world SET icon = 'half', world_schema_json = world_schema_json || ' '")
os._exit(9)
"""
    subprocess.run([sys.executable, "-c", script, database.name], check=False)
    assert Path(database.name + "-journal").stat().st_size > 0
    before = Path(database.name).read_bytes()
    with fails("left by a crash", "open it once for writing"), reading(database) as target:
        read_existing(target)
    assert Path(database.name).read_bytes() == before
    with applying(database):
        pass
    with reading(database) as target:
        assert len(read_existing(target).rows) == 9
    assert database.query("SELECT count(*) FROM world WHERE icon = 'half'") == [(0,)]


def test_a_file_that_is_no_database(databases: Databases) -> None:
    database = databases.empty("sqlite")
    Path(database.name).write_text(
        "Tasks: this is YAML, and longer than a header of SQLite is, by a good bit\n" * 9
    )
    with fails("not a database that we can read"), reading(database) as target:
        read_existing(target)


def test_a_full_disk_leaves_nothing(databases: Databases) -> None:
    database = databases.captured("sqlite", "lived-in")
    with applying(database):
        pass
    before = database.query("SELECT * FROM task")
    with fails("no room left"), applying(database) as target:
        pages = target.dialect.fetch(target, "PRAGMA page_count")[0][0]
        target.execute(f"PRAGMA max_page_count = {pages + 3}")
        write(target, creates(*(task(f"t{number}") for number in range(500))), stamp())
    assert database.query("SELECT * FROM task") == before
    assert database.query("SELECT count(*) FROM reconciler_task") == [(0,)]


def test_no_parameter_of_a_statement_is_told(lived_in: Database) -> None:
    secret = task(schedule="s3cret" * 40)
    with pytest.raises(ReconcilerError) as caught, applying(lived_in) as target:
        write(target, creates(secret), stamp(apply_id=None))
    assert "s3cret" not in caught.value.message
    assert caught.value.__suppress_context__


def test_bookkeeping_of_a_newer_program(lived_in: Database) -> None:
    with applying(lived_in):
        pass
    lived_in.query("UPDATE reconciler_version SET version_num = '9999'")
    with fails("newer program", "install a newer"), reading(lived_in) as target:
        read_existing(target)
    with fails("newer program"), applying(lived_in):
        pass


def test_text_that_is_no_utf8_in_sqlite(databases: Databases) -> None:
    database = databases.captured("sqlite", "lived-in")
    database.query(
        "UPDATE task SET name = CAST(x'ff41' AS TEXT), version = 'x', active = 'false' WHERE id = 1"
    )
    with reading(database) as target:
        row = read_existing(target).rows[0]
    assert (row.name, row.version, row.active) == ("\ufffdA", 0, False)


def test_nulls_where_daptin_has_none(databases: Databases) -> None:
    database = databases.empty("sqlite")
    connection = sqlite3.connect(database.name)
    old = databases.captured("sqlite", "lived-in")
    with sqlite3.connect(old.name) as source:
        source.backup(connection)
    columns = [row[1] for row in connection.execute("PRAGMA table_info(task)")]
    connection.executescript(
        f"DROP TABLE task; CREATE TABLE task ({', '.join(columns)}); INSERT INTO task (id) VALUES (1)"
    )
    connection.close()
    with reading(database) as target:
        (row,) = read_existing(target).rows
    assert (row.reference_id, row.version, row.name, row.active, row.attributes) == (b"", 0, "", False, "")
