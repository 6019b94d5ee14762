"""The side tables: made whole, also where making them was cut short."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import inspect

from reconciler.database.anchors import read_anchors
from reconciler.database.applies import last_apply
from reconciler.database.processes import read_processes
from reconciler.database.rows import read_existing
from reconciler.database.runs import has_history, read_runs
from reconciler.database.target import connect
from reconciler.database.transactions import locked, transaction
from reconciler.database.urls import target_url
from reconciler.database.writing import write
from reconciler.errors import TargetError
from tests.database.build import applying, creates, stamp, task
from tests.databases import Database


@pytest.mark.parametrize("left", [(), ("reconciler_task",), ("reconciler_task", "reconciler_apply")])
def test_bookkeeping_cut_short_is_completed(lived_in: Database, left: tuple[str, ...]) -> None:
    """MySQL commits after each table, so a kill can leave some of them without a version."""
    url = target_url(lived_in.url, {})
    with connect(url, read_only=False) as target, locked(target, 10), transaction(target):
        pass
    for table in ("reconciler_version", "reconciler_setting", "reconciler_apply", "reconciler_task"):
        if table not in left:
            lived_in.query(f"DROP TABLE {table}")
    with connect(url, read_only=False) as target, locked(target, 10), transaction(target):
        pass
    with connect(url, read_only=True) as target:
        assert read_existing(target).records == {}
        assert last_apply(target, "default") is None
    assert lived_in.query("SELECT name FROM reconciler_setting") == [("database",)]


SCHEDULER_TABLES = ("reconciler_hold", "reconciler_anchor", "reconciler_run", "reconciler_process")


def prepared(database: Database) -> None:
    url = target_url(database.url, {})
    with connect(url, read_only=False) as target, locked(target, 10), transaction(target):
        pass


def shape(database: Database) -> dict[str, object]:
    """Columns, keys and indexes of the scheduler's tables."""
    found: dict[str, object] = {}
    with connect(target_url(database.url, {}), read_only=True) as target:
        seen = inspect(target.connection)
        for table in SCHEDULER_TABLES:
            columns = [(one["name"], str(one["type"]), one["nullable"]) for one in seen.get_columns(table)]
            indexes = {one["name"]: one["column_names"] for one in seen.get_indexes(table)}
            unique = sorted(tuple(one["column_names"]) for one in seen.get_unique_constraints(table))
            found[table] = (columns, seen.get_pk_constraint(table)["constrained_columns"], indexes, unique)
    return found


def drop_scheduler(database: Database, left: tuple[str, ...]) -> None:
    """As a program of the version before left it, or one of this version that was killed half-way."""
    for table in SCHEDULER_TABLES:
        if table not in left:
            database.query(f"DROP TABLE {table}")
    on = " ON reconciler_run" if database.kind == "mysql" else ""
    if "reconciler_run" in left:
        database.query(f"DROP INDEX reconciler_run_name{on}")
    database.query("UPDATE reconciler_version SET version_num = '0001'")


@pytest.mark.parametrize(
    "left",
    [(), ("reconciler_process",), ("reconciler_process", "reconciler_run"), SCHEDULER_TABLES],
    ids=["nothing", "process", "process, run", "all but an index"],
)
def test_the_tables_of_the_version_before_are_brought_up(lived_in: Database, left: tuple[str, ...]) -> None:
    prepared(lived_in)
    whole = shape(lived_in)
    lived_in.query("INSERT INTO reconciler_setting (name, value) VALUES ('kept', 'yes')")
    drop_scheduler(lived_in, left)
    url = target_url(lived_in.url, {})
    if not left:
        with connect(url, read_only=True) as target:
            assert not has_history(target)
            assert read_runs(target) == []
            assert read_processes(target) == []
            assert read_anchors(target) == {}
    prepared(lived_in)
    assert shape(lived_in) == whole
    assert lived_in.query("SELECT version_num FROM reconciler_version") == [("0003",)]
    assert lived_in.query("SELECT value FROM reconciler_setting WHERE name = 'kept'") == [("yes",)]


def test_a_dry_run_reads_what_the_version_before_kept(lived_in: Database) -> None:
    with applying(lived_in) as target:
        write(target, creates(task("one")), stamp())
    for table, column in (("reconciler_task", "secrets"), ("reconciler_hold", "restores")):
        lived_in.query(f"ALTER TABLE {table} DROP COLUMN {column}")
    lived_in.query("UPDATE reconciler_version SET version_num = '0002'")
    url = target_url(lived_in.url, {})
    with connect(url, read_only=True) as target:
        (record,) = read_existing(target).records.values()
    assert (record.file, record.secrets, record.protected) == ("tasks/a.yaml", None, False)
    prepared(lived_in)
    with connect(url, read_only=True) as target:
        assert list(read_existing(target).records.values()) == [record]


def test_two_processes_bring_them_up_at_once(lived_in: Database) -> None:
    prepared(lived_in)
    whole = shape(lived_in)
    drop_scheduler(lived_in, ())
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(prepared, lived_in) for _ in range(2)]:
            done.result(60)
    assert shape(lived_in) == whole


def test_tables_of_a_newer_program_are_refused(lived_in: Database) -> None:
    prepared(lived_in)
    lived_in.query("UPDATE reconciler_version SET version_num = '0999'")
    told = r"was made by a newer program \(version 0999\)"
    with pytest.raises(TargetError, match=told):
        prepared(lived_in)
    url = target_url(lived_in.url, {})
    for read in (read_runs, read_processes, read_anchors):
        with connect(url, read_only=True) as target, pytest.raises(TargetError, match=told):
            read(target)
    assert lived_in.query("SELECT version_num FROM reconciler_version") == [("0999",)]
