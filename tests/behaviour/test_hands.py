"""Rows change hands, on databases that a Daptin made, and nothing of them changes."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.behaviour.drawn import examples
from tests.behaviour.failing import failing_at
from tests.behaviour.program import (
    all_of,
    dry_run,
    joins,
    many,
    names,
    on,
    only_line,
    records,
    rows,
    running,
    succeed,
    task,
    valid,
    watched,
    write,
)
from tests.behaviour.test_drift import drift, told
from tests.databases import Database, Databases
from tests.repositories import git

OWNERS = """
SELECT t.name, r.owner, r.file, r.line
FROM task t LEFT JOIN reconciler_task r ON r.reference_id = t.reference_id ORDER BY t.id
"""


def owners(database: Database) -> dict[str, tuple[str | None, str | None]]:
    return {name: (owner, file) for name, owner, file, _ in database.query(OWNERS)}


@pytest.fixture
def sqlite(databases: Databases) -> Database:
    return databases.captured("sqlite", "lived-in")


def test_a_whole_table_is_adopted_and_lived_with(lived_in: Database) -> None:
    """Nine rows, two of one name, one without a user, one whose schedule is none."""
    before = rows(lived_in), joins(lived_in)
    planned = valid(on(lived_in, "adopt", "--all", "--dry-run", "--format", "json"))
    assert (planned["summary"]["adopt"], planned["outcome"]) == (len(before[0]), None)
    assert records(lived_in) == []
    adopted = valid(on(lived_in, "adopt", "--all", "--format", "json"))
    assert adopted["outcome"]["verified"]
    assert (rows(lived_in), joins(lived_in)) == before
    assert set(owners(lived_in).values()) == {("default", "")}
    assert "Nothing to apply." in succeed(lived_in, "adopt", "--all").out
    # an apply of other tasks leaves them alone, and says so
    file = write("tasks.yaml", [task("new")])
    plan = dry_run(lived_in, file)
    assert [one["action"] for one in plan["changes"]] == ["create"]
    assert len(plan["undeclared"]) == len(before[0])
    assert plan["unmanaged"] == []
    succeed(lived_in, file)
    assert (rows(lived_in, "name <> 'new'"), joins(lived_in)[: len(before[1])]) == before
    # somebody changes one of them: that is drift, of which git says nothing
    lived_in.query("UPDATE task SET schedule = '@yearly' WHERE name = 'heartbeat'")
    assert told(drift(lived_in, file)) == {"heartbeat": ("changed", "undeclared")}
    assert "Nothing to apply." in succeed(lived_in, "drift", "--fix", file).out
    # declared, it is like any other
    declared = task("heartbeat", Schedule="@every 10m")
    (change,) = dry_run(lived_in, write("tasks.yaml", [task("new"), declared]))["changes"]
    assert (change["action"], change["reason"], change["id"]) == ("update", "both", 2)
    succeed(lived_in, file)
    assert owners(lived_in)["heartbeat"] == ("default", "tasks.yaml")
    lived_in.query("UPDATE task SET schedule = '@yearly' WHERE name = 'heartbeat'")
    assert told(drift(lived_in, file)) == {"heartbeat": ("changed", "as applied")}
    succeed(lived_in, "drift", "--fix", file)
    assert drift(lived_in, file)["drifted"] == []
    succeed(lived_in, "--max-delete", "100%", write("tasks.yaml", [task("new")]))
    assert "heartbeat" not in names(lived_in)


def test_only_prune_owned_deletes_what_was_never_declared(lived_in: Database) -> None:
    succeed(lived_in, "adopt", "heartbeat")
    file = write("tasks.yaml", [task("new")])
    succeed(lived_in, "--prune", "paths", file)
    succeed(lived_in, file, ".")
    assert "heartbeat" in names(lived_in)
    (change,) = dry_run(lived_in, "--prune", "owned", file)["changes"]
    assert (change["action"], change["name"]) == ("delete", "heartbeat")


def test_a_declared_row_is_recorded_with_its_place(lived_in: Database) -> None:
    file = write("tasks.yaml", [task("other"), task("heartbeat", Schedule="@every 10m")])
    (before,) = rows(lived_in, "name = 'heartbeat'")
    succeed(lived_in, "adopt", "heart*", "--in", file)
    assert rows(lived_in, "name = 'heartbeat'") == [before]
    assert [row[1:] for row in lived_in.query(OWNERS) if row[0] == "heartbeat"] == [
        ("default", "tasks.yaml", 3)
    ]
    changes = {one["name"]: one for one in dry_run(lived_in, file)["changes"]}
    assert (changes["heartbeat"]["action"], changes["heartbeat"]["reason"]) == ("update", "git")


def test_what_was_adopted_as_it_is_declared_leaves_nothing_to_plan(lived_in: Database) -> None:
    same = task("renamed", Schedule="0 0 1 1 *", ActionName="whoami", AsUserEmail="bob@example.com")
    file = write("tasks.yaml", [same | {"Active": False, "Attributes": {}}])
    succeed(lived_in, "adopt", "renamed")
    plan = dry_run(lived_in, file)
    assert (plan["changes"], plan["summary"]["unchanged"]) == ([], 1)


def test_rows_of_another_owner_need_a_word(lived_in: Database) -> None:
    succeed(lived_in, "adopt", "heartbeat", "twin", "--owner", "other")
    before = all_of(lived_in)
    refused = on(lived_in, "adopt", "heartbeat")
    assert (refused.code, "O005" in refused.out) == (3, True)
    assert on(lived_in, "release", "heartbeat").code == 3
    assert all_of(lived_in) == before
    assert "Rows of other owners are left alone: 3." in succeed(lived_in, "adopt", "--all").out
    assert owners(lived_in)["heartbeat"] == ("other", "")
    succeed(lived_in, "adopt", "heartbeat", "--take-over")
    assert owners(lived_in)["heartbeat"] == ("default", "")
    succeed(lived_in, "release", "tw*", "--take-over")
    assert owners(lived_in)["twin"] == (None, None)


def test_a_released_row_is_nobody_s_and_stays(lived_in: Database) -> None:
    file = write("tasks.yaml", many(3))
    succeed(lived_in, file)
    before = rows(lived_in), joins(lived_in)
    ended = succeed(lived_in, "release", "t00001", "--in", file)
    assert "Still declared" in ended.out
    assert (rows(lived_in), joins(lived_in)) == before
    gone = dry_run(lived_in, write("tasks.yaml", [one for one in many(3) if one["Name"] != "t00001"]))
    assert gone["changes"] == []
    assert "t00001" in [one["name"] for one in gone["unmanaged"]]
    again = dry_run(lived_in, write("tasks.yaml", many(3)))
    assert [(one["action"], one["name"]) for one in again["changes"]] == [("adopt", "t00001")]


def test_history_tells_it_and_undo_takes_it_back(lived_in: Database) -> None:
    file = write("tasks.yaml", many(2, Lifecycle={"Protected": True}))
    succeed(lived_in, file)
    kept_of_rows = (
        "SELECT reference_id, owner, applied, file, line, protected FROM reconciler_task ORDER BY 1"
    )
    before = rows(lived_in), lived_in.query(kept_of_rows)
    succeed(lived_in, "release", "t*")
    kept = valid(on(lived_in, "history", "last", "--format", "json"), "history")
    assert [one["action"] for one in kept["applies"][0]["changes"]] == ["release", "release"]
    succeed(lived_in, "undo", "last")
    assert (rows(lived_in), lived_in.query(kept_of_rows)) == before
    succeed(lived_in, "adopt", "heartbeat")
    succeed(lived_in, "undo", "last")
    assert owners(lived_in)["heartbeat"] == (None, None)


def test_a_lock_that_is_held_is_waited_for(lived_in: Database) -> None:
    from tests.database.build import applying

    with applying(lived_in):
        ended = on(lived_in, "adopt", "heartbeat", "--lock-timeout", "100ms")
    assert ended.code == 4
    assert "is locked" in only_line(ended)


def test_what_moved_in_the_meantime_is_told(lived_in: Database) -> None:
    def meddle(stage: str) -> None:
        if stage == "verifying":
            lived_in.query("DELETE FROM reconciler_task")

    with watched(meddle):
        ended = on(lived_in, "adopt", "heartbeat")
    assert ended.code == 5


def test_a_failure_at_any_statement_leaves_everything_as_it_is(sqlite: Database) -> None:
    succeed(sqlite, write("tasks.yaml", many(3)))
    before = all_of(sqlite)
    for words in (("adopt", "--all"), ("release", "t*")):
        for number in range(1, 100):
            with failing_at(number, "sqlite"):
                ended = on(sqlite, *words)
            if all_of(sqlite) != before:
                break
            assert ended.code == 1
        assert number > 5
        before = all_of(sqlite)


def test_without_a_file_in_sight(sqlite: Database) -> None:
    assert "nothing to read" not in succeed(sqlite, "adopt", "heartbeat").out
    assert on(sqlite, "adopt", "heartbeat", "--in", "missing").code == 1
    succeed(sqlite, "release", "*")
    assert set(owners(sqlite).values()) == {(None, None)}


def test_the_owner_stays_of_its_repository(sqlite: Database, tmp_path: Path, monkeypatch: Any) -> None:
    def stand_in(name: str) -> None:
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        if name != "nowhere":
            git(".", "init", "--quiet")
            git(".", "remote", "add", "origin", f"https://example.com/{name}")

    stand_in("ours")
    succeed(sqlite, write("tasks.yaml", many(1)))
    stand_in("nowhere")
    succeed(sqlite, "adopt", "heartbeat")
    stand_in("theirs")
    for words in (("adopt", "twin"), ("release", "heartbeat"), (str(write("tasks.yaml", many(1))),)):
        refused = on(sqlite, *words)
        assert (refused.code, "O007" in refused.out) == (3, True)
    succeed(sqlite, "release", "heartbeat", "--take-over")
    succeed(sqlite, "tasks.yaml")


@given(
    chosen=st.sets(
        st.sampled_from(["t0000*", "t00000", "heartbeat", "twin", "*t", "no-user", "bad-*"]), min_size=1
    )
)
@examples(8)
def test_no_field_of_any_row_is_touched(databases: Databases, chosen: set[str]) -> None:
    database = databases.captured("sqlite", "lived-in")
    succeed(database, write("tasks.yaml", many(3)))
    before = rows(database), joins(database)
    for words in (
        ("release", *chosen),
        ("adopt", *chosen),
        ("adopt", *chosen, "--owner", "o", "--take-over"),
    ):
        succeed(database, *words)
        assert (rows(database), joins(database)) == before


def test_two_at_once_take_their_turns(lived_in: Database) -> None:
    succeed(lived_in, "adopt", "heartbeat")
    url = ("--database-url", lived_in.url)
    with running(*url, "adopt", "--all") as one, running(*url, "release", "heartbeat") as other:
        assert {one.wait(60), other.wait(60)} == {0}
    found = owners(lived_in)
    assert found["twin"] == ("default", "")
    assert found["heartbeat"] in {("default", ""), (None, None)}
