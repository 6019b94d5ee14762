"""Databases that keep text otherwise than as UTF-8: what they can hold is what git says, the rest is told."""

from collections.abc import Iterator

import pytest

from tests.behaviour.program import dry_run, on, succeed, task, write
from tests.conftest import or_skip
from tests.databases import Database, Databases

LOCALE = "LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
ENCODINGS = {
    "no encoding": ("postgresql", f"ENCODING 'SQL_ASCII' {LOCALE}"),  # what initdb makes without a locale
    "postgresql latin1": ("postgresql", f"ENCODING 'LATIN1' {LOCALE}"),
    "mysql latin1": ("mysql", "CHARACTER SET latin1"),
}


@pytest.fixture(params=ENCODINGS)
def encoded(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Database]:
    kind, how = ENCODINGS[request.param]
    database = or_skip(lambda: databases.empty(kind, how))
    succeed(database, "init")
    succeed(database, "users", "add", "ann@example.com")
    succeed(database, "actions", "add", "event", "log_run", "--input", "note")
    yield database
    databases.drop(database)


def test_what_it_can_hold_is_written_and_read(encoded: Database) -> None:
    write("tasks.yaml", [task("café", Attributes={"note": "naïve ß"})])
    succeed(encoded, "tasks.yaml")
    assert dry_run(encoded, "tasks.yaml")["changes"] == []
    assert "café" in succeed(encoded, "export").out


@pytest.mark.parametrize("encoded", ["postgresql latin1"], indirect=True)
def test_what_it_cannot_hold_is_told(encoded: Database) -> None:
    write("tasks.yaml", [task("tea ☕")])
    ended = on(encoded, "tasks.yaml")
    assert ended.code == 1
    assert 'has no equivalent in encoding "LATIN1"' in ended.err
    assert ended.err.splitlines()[1:] == ["  hint: nothing was written"]
    assert len(dry_run(encoded, "tasks.yaml")["changes"]) == 1


@pytest.mark.parametrize("encoded", ["no encoding", "mysql latin1"], indirect=True)
def test_what_is_no_letter_of_latin_is_held_where_bytes_are(encoded: Database) -> None:
    """The tables that we make on MySQL have a character set of their own."""
    write("tasks.yaml", [task("tea ☕")])
    succeed(encoded, "tasks.yaml")
    assert dry_run(encoded, "tasks.yaml")["changes"] == []
