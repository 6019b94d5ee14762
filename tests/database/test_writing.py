"""Rows are written as Daptin's API writes them, and nothing else is touched."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from reconciler.database.rows import read_existing
from reconciler.database.writing import write
from reconciler.errors import RowMoved
from reconciler.planning.changes import Recording
from reconciler.planning.masking import secrets_of
from reconciler.planning.texts import applied_text, fingerprint, task_keys
from reconciler.task import Secret, json_text
from tests.database.build import (
    NOW,
    applying,
    change,
    creates,
    delete,
    desired,
    new_ids,
    plan,
    reading,
    row_of,
    stamp,
    task,
)
from tests.databases import Database

COLUMNS = (
    "id, version, created_at, updated_at, reference_id, permission, name, action_name, entity_name, schedule,"
    " active, attributes, job_type, user_account_id, as_user_id"
)
JOIN = "task_task_id_has_usergroup_usergroup_id"


def rows_of(database: Database, table: str = "task", columns: str = COLUMNS) -> list[tuple[Any, ...]]:
    return database.query(f"SELECT {columns} FROM {table} ORDER BY id")


def now_in(database: Database) -> Any:
    if database.kind == "sqlite":
        return "2026-11-23 12:30:45.678901+00:00"
    naive = NOW.replace(tzinfo=None)
    return naive if database.kind == "postgresql" else naive.replace(microsecond=0)


def test_a_created_row_has_every_column_as_the_api_writes_it(lived_in: Database) -> None:
    before = rows_of(lived_in)
    joins = rows_of(lived_in, JOIN, "*")
    with applying(lived_in) as target:
        write(target, creates(task(active=False, job_type="report")), stamp())
    *others, row = rows_of(lived_in)
    assert others == before
    now, yes = now_in(lived_in), lived_in.kind != "postgresql"
    assert row == (
        10, 1, now, now, new_ids()(1)[0], 561441, "daily_report", "log_run", "event", "0 8 * * *",
        0 if yes else False, '{"note":"café","n":1}', "report", 2, 3,
    )  # fmt: skip
    *others, join = rows_of(lived_in, JOIN, "*")
    assert others == joins
    assert (join[1], join[3], join[5:]) == (1, None, (561441, 10, 2))
    assert len(join[4]) == 16


def test_a_created_row_differs_from_the_apis_only_in_what_a_row_says(lived_in: Database) -> None:
    with applying(lived_in) as target:
        write(target, creates(task("made here", schedule="@every 5m")), stamp())
    theirs, ours = (
        lived_in.query(f"SELECT {COLUMNS} FROM task WHERE name = ?", (name,))[0]
        for name in ("heartbeat", "made here")
    )
    assert [type(value) for value in theirs] == [type(value) for value in ours]
    same = {"version": 1, "permission": 5, "schedule": 9, "active": 10, "job_type": 12, "user_account_id": 13}
    assert {key: theirs[at] for key, at in same.items()} == {key: ours[at] for key, at in same.items()}
    joins = [
        lived_in.query(
            f"SELECT version, updated_at, permission, usergroup_id FROM {JOIN} WHERE task_id = ?", (row[0],)
        )
        for row in (theirs, ours)
    ]
    assert joins[0] == joins[1]


def test_storage_classes_of_sqlite_are_those_of_the_api(lived_in: Database) -> None:
    if lived_in.kind != "sqlite":
        pytest.skip("only SQLite stores a type with each value")
    with applying(lived_in) as target:
        write(target, creates(task("made here")), stamp())
    kinds = ", ".join(f"typeof({column})" for column in COLUMNS.split(", "))
    (theirs, ours) = lived_in.query(
        f"SELECT {kinds} FROM task WHERE name IN ('heartbeat', 'made here') ORDER BY id"
    )
    assert theirs == ours


AGES = {
    "sqlite": "abs(julianday('now') - julianday(created_at)) * 86400",
    "postgresql": "abs(extract(epoch FROM now() AT TIME ZONE 'UTC' - created_at))",
    "mysql": "abs(timestampdiff(SECOND, utc_timestamp(), created_at))",
}
"""Seconds between now and what Daptin, which takes the text for UTC, sees as the row's age."""


def test_moments_are_utc_whatever_the_server_thinks(lived_in: Database) -> None:
    with applying(lived_in) as target:
        write(target, creates(task()), stamp(now=datetime.now(UTC)))
    ((seconds,),) = lived_in.query(f"SELECT {AGES[lived_in.kind]} FROM task WHERE id = 10")
    assert seconds < 60


def test_an_update_writes_the_changed_fields_and_counts_the_version(lived_in: Database) -> None:
    with reading(lived_in) as target:
        row = row_of(read_existing(target).rows, "heartbeat")
    (before,) = lived_in.query(f"SELECT {COLUMNS} FROM task WHERE id = ?", (row.id,))
    moved = task(
        "heartbeat", schedule="@hourly", attributes={"note": "heartbeat"}, as_user_email="bob@example.com"
    )
    with applying(lived_in) as target:
        write(target, plan(change("adopt", row, moved, "Schedule", "AsUserEmail")), stamp())
    (after,) = lived_in.query(f"SELECT {COLUMNS} FROM task WHERE id = ?", (row.id,))
    expected = list(before)
    expected[1], expected[3], expected[9] = 2, now_in(lived_in), "@hourly"
    assert list(after) == expected, "the id, the JSON's spelling and created_at stay"


def test_what_was_applied_is_remembered_and_rewritten(lived_in: Database) -> None:
    one, other = task("one"), task("one", schedule="@daily")
    with applying(lived_in) as target:
        write(target, creates(one), stamp())
    with applying(lived_in) as target:
        existing = read_existing(target)
        row = row_of(existing.rows, "one")
        record = existing.records[row.reference_id]
        assert (record.owner, record.file, record.line, record.commit) == (
            "default",
            "tasks/a.yaml",
            2,
            "c0ffee",
        )
        assert (record.applied, record.fingerprint) == (applied_text(one), fingerprint(one))
        moved = Recording(row=row, record=record, desired=desired(other, line=7), protected=True)
        write(target, plan(recordings=(moved,)), stamp(commit=None))
    with reading(lived_in) as target:
        existing = read_existing(target)
    record = existing.records[row.reference_id]
    assert (record.applied, record.line, record.commit, record.protected) == (
        applied_text(other),
        7,
        None,
        True,
    )
    assert row_of(existing.rows, "one") == row, "the row itself was not written"


def test_what_is_remembered_is_the_json_of_the_tasks_keys(lived_in: Database) -> None:
    one = task('a "quoted" \\ name ☕', attributes={"é": ["\u2028", 1.5, None]}, active=False)
    with applying(lived_in) as target:
        write(target, creates(one), stamp())
        (record,) = read_existing(target).records.values()
    assert record.applied == json_text(task_keys(one))
    assert json.loads(record.applied) == task_keys(one)


def test_a_secret_is_in_the_row_and_nowhere_else(lived_in: Database) -> None:
    secrets = (Secret(("Attributes", "n", 1), "RECONCILE_VAR_N"),)
    with applying(lived_in) as target:
        write(target, creates(task("one", attributes={"n": [1, "hunter2"]}, secrets=secrets)), stamp())
    with reading(lived_in) as target:
        existing = read_existing(target)
    row = row_of(existing.rows, "one")
    record = existing.records[row.reference_id]
    assert json.loads(row.attributes) == {"n": [1, "hunter2"]}
    assert json.loads(record.applied)["Attributes"] == {"n": [1, "(from RECONCILE_VAR_N)"]}
    assert secrets_of(record.secrets) == secrets
    assert "hunter2" not in repr(record)


def test_a_delete_takes_its_join_rows_and_its_record_along(lived_in: Database) -> None:
    before, joins = rows_of(lived_in), rows_of(lived_in, JOIN, "*")
    with applying(lived_in) as target:
        write(target, creates(task("gone"), task("stays")), stamp())
    with applying(lived_in) as target:
        write(target, plan(delete(row_of(read_existing(target).rows, "gone"))), stamp())
    assert [row[6] for row in rows_of(lived_in)] == [*(row[6] for row in before), "stays"]
    assert len(rows_of(lived_in, JOIN, "*")) == len(joins) + 1
    with reading(lived_in) as target:
        existing = read_existing(target)
    assert set(existing.records) == {row_of(existing.rows, "stays").reference_id}


def test_a_row_that_moved_meanwhile_stops_the_whole(lived_in: Database) -> None:
    with reading(lived_in) as target:
        row = row_of(read_existing(target).rows, "heartbeat")
    lived_in.query("UPDATE task SET version = version + 1, active = ? WHERE id = ?", (False, row.id))
    before = rows_of(lived_in)
    for moved in (change("adopt", row, task("heartbeat"), "Schedule"), delete(row)):
        with pytest.raises(RowMoved, match="'heartbeat'"), applying(lived_in) as target:
            write(target, plan(*creates(task("new")).changes, moved), stamp())
        assert rows_of(lived_in) == before


def test_names_match_by_the_byte(lived_in: Database) -> None:
    """MySQL's collation takes the three for one."""
    with applying(lived_in) as target:
        write(target, creates(task("Job"), task("job"), task("jöb")), stamp())
    with reading(lived_in) as target:
        existing = read_existing(target)
    assert [row.name for row in existing.rows[-3:]] == ["Job", "job", "jöb"]
    assert len(existing.records) == 3


def test_thousands_of_changes_of_every_kind(lived_in: Database) -> None:
    names = [f"task {number:04}" for number in range(2500)]
    with applying(lived_in) as target:
        write(target, creates(*(task(name) for name in names)), stamp())
        rows = {row.name: row for row in read_existing(target).rows}
        updates = [
            change("update", rows[name], task(name, schedule="@daily"), "Schedule") for name in names[:1200]
        ]
        deletes = [delete(rows[name]) for name in names[1200:]]
        write(target, plan(*deletes, *updates), stamp())
    with reading(lived_in) as target:
        existing = read_existing(target)
    ours = [row for row in existing.rows if row.reference_id in existing.records]
    assert [(row.name, row.schedule, row.version) for row in ours] == [
        (name, "@daily", 2) for name in names[:1200]
    ]
    assert lived_in.query(f"SELECT count(*) FROM {JOIN}") == [(1200 + 9,)]


def test_attributes_beyond_a_packet_of_the_driver(lived_in: Database) -> None:
    """Every one nearly as long as the column of MySQL holds, with much to quote."""
    tasks = [task(f"long {number}", attributes={"note": "é'\\\"" * 9_000}) for number in range(60)]
    with applying(lived_in) as target:
        write(target, creates(*tasks), stamp())
        rows = [row for row in read_existing(target).rows if row.name.startswith("long")]
        write(
            target,
            plan(
                *(
                    change(
                        "update", row, task(row.name, attributes={"n": row.attributes[:30_000]}), "Attributes"
                    )
                    for row in rows
                )
            ),
            stamp(),
        )
    assert lived_in.query("SELECT count(*), min(version) FROM task WHERE name LIKE ?", ("long%",)) == [
        (60, 2)
    ]


def test_an_orphaned_join_row_does_not_come_back_to_life(lived_in: Database) -> None:
    if lived_in.kind != "sqlite":
        pytest.skip("only SQLite reuses ids")
    lived_in.query(
        f"INSERT INTO {JOIN} (reference_id, permission, task_id, usergroup_id)"
        " VALUES (x'00', 2097151, 10, 2), (x'01', 2097151, 10, 4)"
    )
    with applying(lived_in) as target:
        write(target, creates(task()), stamp())
    assert lived_in.query(f"SELECT permission, usergroup_id FROM {JOIN} WHERE task_id = 10") == [(561441, 2)]
