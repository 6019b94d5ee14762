"""Several at once: applies wait for each other, and readers for nobody."""

import sqlite3
import subprocess
from typing import Any

import pytest

from reconciler import applying
from reconciler.database.target import connect
from reconciler.database.transactions import locked
from reconciler.database.urls import target_url
from tests.behaviour.program import dry_run, many, names, on, only_line, running, succeed, watched, write
from tests.conftest import or_skip
from tests.databases import Database, Databases

OURS = "substr(name, 1, 2) IN ('a0', 'b0')"


def test_two_applies_at_once_come_one_after_the_other(lived_in: Database) -> None:
    """Of two owners, each of which would insert what the other has, were it to read too early."""
    files = {owner: write(f"{owner}/tasks.yaml", many(300, owner)) for owner in "ab"}
    words = {owner: ("--owner", owner, "--database-url", lived_in.url, file) for owner, file in files.items()}
    with running(*words["a"]) as one, running(*words["b"]) as other:
        told = [process.communicate(timeout=60) for process in (one, other)]
    assert [one.returncode, other.returncode] == [0, 0], told
    assert lived_in.query(f"SELECT count(*), count(DISTINCT name) FROM task WHERE {OURS}") == [(600, 600)]
    for owner, file in files.items():
        assert dry_run(lived_in, "--owner", owner, file)["changes"] == []


def test_two_applies_of_the_same_files_write_once(lived_in: Database) -> None:
    words = ("--database-url", lived_in.url, "--format", "json", write("tasks.yaml", many(200, "a")))
    with running(*words) as one, running(*words) as other:
        told = [process.communicate(timeout=60) for process in (one, other)]
    assert [one.returncode, other.returncode] == [0, 0], told
    assert sorted('"applied": true' in out for out, _ in told) == [False, True]
    assert lived_in.query(f"SELECT count(*) FROM task WHERE {OURS}") == [(200,)]


def test_who_waits_too_long_is_told_for_whom(lived_in: Database) -> None:
    before = names(lived_in)
    file = write("tasks.yaml", many(3))
    url = target_url(lived_in.url, {})
    with connect(url, read_only=False) as target, locked(target, 5):
        ended = on(lived_in, "--lock-timeout", "500ms", file)
        dry_run(lived_in, file)  # waits for nobody
    assert ended.code == 4
    line = only_line(ended)
    assert lived_in.name in line
    assert "lock" in line
    if lived_in.kind == "postgresql":
        assert "task-reconciler (pid " in line
    if lived_in.kind == "mysql":
        assert "connection " in line
        assert "of user reconciler" in line
    assert names(lived_in) == before
    succeed(lived_in, "--lock-timeout", "500ms", file)


def test_who_waits_goes_on_when_the_lock_is_free(lived_in: Database) -> None:
    file = write("tasks.yaml", many(3))
    url = target_url(lived_in.url, {})
    words = ("--database-url", lived_in.url, "-v", file)
    with connect(url, read_only=False) as target, running(*words) as process:
        with locked(target, 5):
            assert process.stderr is not None
            assert process.stderr.readline() == "reading ...\n"
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.3)  # it is likely to wait already; it holds either way
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "Applied and verified" in out


def test_readers_see_the_old_table_until_the_commit(lived_in: Database) -> None:
    """A large apply on SQLite must not spill its cache, or it would lock them out."""
    before = names(lived_in)
    seen: list[Any] = []
    write("tasks.yaml", many(4000, Attributes={"note": "x" * 500}))
    look = applying._require_empty

    def peep(left: Any) -> None:
        """All is written here, and nothing is committed."""
        if lived_in.kind == "sqlite":
            reader = sqlite3.connect(f"file:{lived_in.name}?mode=ro", uri=True, timeout=0)
            seen.append([name for (name,) in reader.execute("SELECT name FROM task ORDER BY id")])
            reader.close()
        else:
            seen.append(names(lived_in))
        look(left)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(applying, "_require_empty", peep)
        succeed(lived_in, "tasks.yaml")
    assert seen == [before]
    assert len(names(lived_in)) == len(before) + 4000


def test_a_reader_that_stays_makes_an_apply_on_sqlite_wait_and_give_up(databases: Databases) -> None:
    database = databases.captured("sqlite", "lived-in")
    succeed(database, write("tasks.yaml", many(1)))
    before = names(database)
    reader = sqlite3.connect(database.name, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM task").fetchall()
    ended = on(database, "--lock-timeout", "200ms", write("tasks.yaml", many(5)))
    reader.close()
    assert ended.code == 4
    assert "locked" in only_line(ended)
    assert names(database) == before
    succeed(database, "tasks.yaml")


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_what_another_writes_in_mid_apply_is_told(kind: str, databases: Databases) -> None:
    """The lock holds off other applies, not Daptin. The check after the commit sees what it did."""
    database = or_skip(lambda: databases.captured(kind, "lived-in"))

    def meddle(stage: str) -> None:
        if stage == "verifying":
            database.query("UPDATE task SET schedule = '@yearly' WHERE name = 't00001'")

    with watched(meddle):
        ended = on(database, write("tasks.yaml", many(3)))
    assert ended.code == 5
    assert "update t00001" in ended.out
