"""Rows of SQLite whose values have other types than Daptin gives them: what is planned can be written."""

from reconciler.database import read_existing, write
from tests.database.build import applying, change, delete, plan, reading, stamp, task
from tests.databases import Databases


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
