"""Rows whose values have other types than Daptin gives them: what is planned can be written."""

import pytest

from reconciler.database.rows import read_existing
from reconciler.database.writing import write
from reconciler.errors import RowMoved
from tests.database.build import applying, change, delete, plan, reading, stamp, task
from tests.databases import Database, Databases


def test_a_reference_and_a_version_that_are_text(databases: Databases) -> None:
    database = databases.captured("sqlite", "lived-in")
    database.query(
        "UPDATE task SET reference_id = CAST('abcdefghijklmno' || id AS TEXT), version = 'x' WHERE id <= 2"
    )
    with reading(database) as target:
        first, second = read_existing(target).rows[:2]
    assert (first.reference_id, first.version) == (b"abcdefghijklmno1", 0)
    with applying(database) as target:
        new = task(first.name, schedule="5 5 * * *")
        write(target, plan(change("update", first, new, "Schedule"), delete(second)), stamp())
    assert database.query("SELECT id, schedule, version FROM task WHERE id <= 2") == [
        (first.id, "5 5 * * *", 1)
    ]


def test_active_that_is_neither_0_nor_1(lived_in: Database) -> None:
    if lived_in.kind == "postgresql":
        pytest.skip("it has a type for it")
    lived_in.query("UPDATE task SET active = 2 WHERE id = 1")
    with reading(lived_in) as target:
        assert read_existing(target).rows[0].active


@pytest.mark.parametrize(
    ("moved", "words"), [(1, "1 of these 3 rows of .* was"), (2, "2 of these 3 .* were")]
)
def test_how_many_rows_moved(databases: Databases, moved: int, words: str) -> None:
    database = databases.captured("sqlite", "lived-in")
    with reading(database) as target:
        rows = read_existing(target).rows[:3]
    database.query(f"UPDATE task SET version = version + 1 WHERE id <= {rows[moved - 1].id}")
    with pytest.raises(RowMoved, match=f"{words} changed .*: '{rows[0].name}'"), applying(database) as target:
        write(target, plan(*map(delete, rows)), stamp())
