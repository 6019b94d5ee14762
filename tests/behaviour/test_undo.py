"""An undo gives back what an apply found, leaves out what moved since, and is an apply of its own."""

import json
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.behaviour.drawn import examples, task_sets
from tests.behaviour.program import (
    FREE,
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
    said,
    succeed,
    task,
    write,
)
from tests.conftest import or_skip
from tests.databases import Database, Databases

NO_LIMITS = ("--max-delete", "100%", "--max-update", "100%")


def undo(database: Database, *words: str) -> Any:
    """The last apply, as JSON, with exit code 0."""
    return succeed(database, "undo", "last", *NO_LIMITS, "--format", "json", *words).json


def left_out(report: Any) -> list[tuple[str, str]]:
    return [(one["name"], one["how"]) for one in report["moved"]]


@pytest.fixture
def sqlite(databases: Databases) -> Database:
    return databases.captured("sqlite", "lived-in")


def test_every_kind_of_change(lived_in: Database) -> None:
    """A delete, an update, a rename, an adopt and a create, and each of them undone."""
    old = [*many(3, "a"), task("a00003", Lifecycle={"Protected": False}, Scheduler={"Overlap": "skip"})]
    succeed(lived_in, *FREE, write("tasks.yaml", old))
    before, ids = said(lived_in), {row[0] for row in rows(lived_in)}
    new = [
        task("a00000", Schedule="@daily", Attributes={"note": "x", "more": [1, 2]}, Active=False),
        task("other", Lifecycle={"PreviousNames": ["a00001"]}),
        task("a00003", Scheduler={"Overlap": "queue"}),
        task("heartbeat", JobType="x"),
        task("new"),
    ]
    succeed(lived_in, *FREE, write("tasks.yaml", new))
    plan = undo(lived_in)
    assert sorted((one["action"], one["name"]) for one in plan["changes"]) == [
        ("create", "a00002"),
        ("delete", "new"),
        ("release", "heartbeat"),
        ("rename", "a00001"),
        ("update", "a00000"),
        ("update", "a00003"),
    ]
    assert {change["reason"] for change in plan["changes"]} == {"undo"}
    assert (plan["moved"], plan["outcome"]["verified"]) == ([], True)
    assert said(lived_in) == before
    assert len({row[0] for row in rows(lived_in)} - ids) <= 1  # of the row that is there again
    assert len(records(lived_in)) == 4
    assert dry_run(lived_in, *FREE, write("tasks.yaml", old))["changes"] == []
    assert len(joins(lived_in)) == len(rows(lived_in))


def test_an_undo_can_be_undone(lived_in: Database) -> None:
    succeed(lived_in, write("tasks.yaml", many(4)))
    succeed(lived_in, *FREE, write("tasks.yaml", [task("t00000", JobType="x"), task("heartbeat")]))
    after = said(lived_in)
    undo(lived_in)
    assert said(lived_in) != after
    undo(lived_in)
    assert said(lived_in) == after
    assert dry_run(lived_in, *FREE, "tasks.yaml")["changes"] == []


def test_the_next_plan_is_the_one_that_was_undone(lived_in: Database) -> None:
    succeed(lived_in, write("tasks.yaml", many(4)))
    lived_in.query("UPDATE task SET job_type = 'drifted' WHERE name = 't00000'")
    write("tasks.yaml", [task("t00000"), task("t00001", JobType="x"), task("new")])
    plan = dry_run(lived_in, *FREE, "tasks.yaml")
    succeed(lived_in, *FREE, "tasks.yaml")
    report = undo(lived_in)
    again = dry_run(lived_in, *FREE, "tasks.yaml")
    assert again["plan_hash"] == plan["plan_hash"]
    reasons = [(one["name"], one["reason"]) for one in plan["changes"]]
    assert [(one["name"], one["reason"]) for one in again["changes"]] == reasons
    assert report["plan_hash"] != plan["plan_hash"]


MOVES = {
    "a": ("UPDATE task SET schedule = '@weekly' WHERE name = 'a'", [("a", "changed")]),
    "b": ("UPDATE task SET name = 'z' WHERE name = 'b'", [("b", "changed")]),
    "c": ("DELETE FROM task WHERE name = 'c'", [("c", "gone")]),
    "d": ("UPDATE task SET active = {no} WHERE name = 'new'", [("new", "changed")]),
    "e": ("UPDATE reconciler_task SET owner = 'x'", [(name, "changed") for name in ("a", "b", "c", "new")]),
}


@pytest.mark.parametrize("move", MOVES)
def test_rows_that_moved_are_named_and_left_out(lived_in: Database, move: str) -> None:
    old = [task("a"), task("b"), task("c"), task("gone")]
    succeed(lived_in, write("tasks.yaml", old))
    before = said(lived_in)
    succeed(lived_in, *FREE, write("tasks.yaml", [*(task(one, JobType="x") for one in "abc"), task("new")]))
    statement, expected = MOVES[move]
    if statement.startswith("DELETE"):
        lived_in.query(
            "DELETE FROM task_task_id_has_usergroup_usergroup_id "
            "WHERE task_id IN (SELECT id FROM task WHERE name = 'c')"
        )
    lived_in.query(statement.format(no="false" if lived_in.kind == "postgresql" else "0"))
    moved = said(lived_in)
    refused = on(lived_in, "undo", "last", *NO_LIMITS, "--all-or-nothing", "--format", "json")
    assert refused.code == 3
    assert [one["code"] for one in refused.json["blocked"]] == ["O006"]
    assert said(lived_in) == moved
    report = undo(lived_in)
    assert left_out(report) == left_out(refused.json) == sorted(expected, key=lambda one: one[0])
    kept = {name for name, _ in expected} | {"z"}
    now = said(lived_in)
    assert {name: one for name, one in now.items() if name not in kept} == {
        name: one for name, one in before.items() if name not in kept
    }
    assert {name: now[name] for name in kept & now.keys()} == {
        name: moved[name] for name in kept & now.keys()
    }


def test_a_deleted_row_whose_name_is_taken(lived_in: Database) -> None:
    succeed(lived_in, *FREE, write("tasks.yaml", many(2)))
    succeed(lived_in, *FREE, write("tasks.yaml", many(1)))
    succeed(lived_in, "--owner", "other", write("other.yaml", [task("t00001", JobType="x")]))
    before = all_of(lived_in)
    report = succeed(lived_in, "undo", "last", "--owner", "default", "--format", "json").json
    assert left_out(report) == [("t00001", "appeared")]
    assert report["outcome"] == {"applied": False, "verified": True, "apply_id": None}
    assert all_of(lived_in) == before


def test_a_name_that_is_taken_is_not_given_back(lived_in: Database) -> None:
    succeed(lived_in, *FREE, write("tasks.yaml", [task("old")]))
    succeed(lived_in, *FREE, write("tasks.yaml", [task("new", Lifecycle={"PreviousNames": ["old"]})]))
    succeed(lived_in, "--owner", "other", write("other.yaml", [task("old", JobType="x")]))
    report = succeed(lived_in, "undo", "last", "--owner", "default", "--format", "json").json
    (moved,) = report["moved"]
    assert (moved["name"], moved["note"]) == ("new", "another row is called 'old' now")


def test_a_user_who_is_gone_is_not_given_back(lived_in: Database) -> None:
    succeed(lived_in, write("tasks.yaml", [task("a", AsUserEmail="admin@example.com"), task("b")]))
    succeed(lived_in, *FREE, write("tasks.yaml", [task("a"), task("b", JobType="x")]))
    lived_in.query("UPDATE user_account SET email = 'root@example.com' WHERE email = 'admin@example.com'")
    report = undo(lived_in)
    (moved,) = report["moved"]
    assert (moved["name"], moved["note"]) == ("a", "its user 'admin@example.com' is gone")
    assert [one["name"] for one in report["changes"]] == ["b"]


def test_what_operators_may_change_is_not_asked_for(lived_in: Database) -> None:
    """`IgnoreChanges`: their value neither keeps a row from being undone, nor is it taken back."""
    ignoring = {"Lifecycle": {"IgnoreChanges": ["Active"]}}
    succeed(lived_in, write("tasks.yaml", [task("a", **ignoring), task("b")]))
    succeed(lived_in, *FREE, write("tasks.yaml", [task("a", JobType="x", **ignoring), task("b", **ignoring)]))
    no = "false" if lived_in.kind == "postgresql" else "0"
    lived_in.query(f"UPDATE task SET active = {no} WHERE name = 'a' OR name = 'b'")
    report = undo(lived_in)
    assert report["moved"] == []
    assert sorted(one["name"] for one in report["changes"]) == ["a", "b"]
    active = lived_in.query("SELECT name, active FROM task WHERE name = 'a' OR name = 'b' ORDER BY name")
    assert [(name, bool(value)) for name, value in active] == [("a", False), ("b", False)]


def test_a_row_without_sense_is_given_back(lived_in: Database) -> None:
    """No task can say what it said: it had no user, and attributes that are no JSON."""
    lived_in.query("UPDATE task SET as_user_id = NULL, attributes = 'not {json' WHERE name = 'heartbeat'")
    before = said(lived_in)
    succeed(lived_in, write("tasks.yaml", [task("heartbeat")]))
    assert said(lived_in) != before
    undo(lived_in)
    assert said(lived_in) == before
    assert records(lived_in) == []


def test_what_was_taken_goes_back_to_its_owner(lived_in: Database) -> None:
    succeed(lived_in, "--owner", "one", write("one.yaml", many(2, JobType="x")))
    before = said(lived_in)
    succeed(lived_in, "--owner", "other", "--take-over", write("other.yaml", many(2)))
    assert on(lived_in, "undo", "last").code == 64  # nobody undoes what another owner did without a word
    undo(lived_in, "--owner", "other")
    assert said(lived_in) == before
    assert dry_run(lived_in, "--owner", "one", "one.yaml")["changes"] == []
    assert lived_in.query("SELECT DISTINCT owner, file FROM reconciler_task") == [("one", "one.yaml")]
    owners = lived_in.query("SELECT owner FROM reconciler_apply ORDER BY finished_at")
    assert owners == [("one",), ("other",), ("other",)]


def test_the_guards_hold(sqlite: Database) -> None:
    protected = task("p", Lifecycle={"Protected": True})
    succeed(sqlite, *FREE, write("tasks.yaml", [*many(12), protected]))
    before = all_of(sqlite)
    ended = on(sqlite, "undo", "last", "--format", "json")
    assert ended.code == 3
    assert [one["code"] for one in ended.json["blocked"]] == ["O004", "O001"]
    assert all_of(sqlite) == before
    succeed(sqlite, "undo", "last", "--allow-protected", "p", "--max-delete", "13")
    assert not [name for name in names(sqlite) if name.startswith("t0")]


def test_the_history_says_what_was_undone(lived_in: Database) -> None:
    succeed(lived_in, write("tasks.yaml", many(3)))
    lived_in.query("UPDATE task SET job_type = 'x' WHERE name = 't00002'")
    undo(lived_in)
    undoing, applied = succeed(lived_in, "history", "--format", "json").json["applies"]
    assert (undoing["undoes"], undoing["undone_by"]) == (applied["apply_id"], None)
    assert (applied["undoes"], applied["undone_by"]) == (None, undoing["apply_id"])
    assert undoing["left_out"] == ["t00002"]
    assert (applied["summary"]["create"], undoing["summary"]["delete"]) == (3, 2)
    (one,) = succeed(lived_in, "history", undoing["apply_id"][:13], "--format", "json").json["applies"]
    assert [(change["action"], change["name"]) for change in one["changes"]] == [
        ("delete", "t00000"),
        ("delete", "t00001"),
    ]
    again = succeed(lived_in, "undo", applied["apply_id"], "--dry-run", "--format", "json").json
    assert f"It was undone already, by {undoing['apply_id']}." in again["notes"]
    assert again["changes"] == []


def test_the_repository_is_remembered_through_an_undo(sqlite: Database) -> None:
    """O007 compares with the last apply, and an undo is from no repository."""
    succeed(sqlite, write("tasks.yaml", many(1)))
    sqlite.query("UPDATE reconciler_apply SET repository = 'git.example.com/team/tasks'")
    undo(sqlite)
    assert sqlite.query("SELECT DISTINCT repository FROM reconciler_apply") == [
        ("git.example.com/team/tasks",)
    ]


def test_plans_are_kept_for_a_year_where_nothing_else_is_said(lived_in: Database) -> None:
    ids: list[str] = []
    for days in (366, 364):
        count = len(ids) + 1
        applied = succeed(lived_in, "--format", "json", write("tasks.yaml", many(count))).json
        ids.append(applied["outcome"]["apply_id"])
        old = f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%d %H:%M:%S.%f}"
        lived_in.query("UPDATE reconciler_apply SET finished_at = ? WHERE apply_id = ?", (old, ids[-1]))
    succeed(lived_in, write("tasks.yaml", many(3)))
    assert lived_in.query("SELECT apply_id FROM reconciler_apply WHERE plan IS NULL") == [(ids[0],)]
    assert lived_in.query("SELECT count(*) FROM reconciler_apply") == [(3,)]


def test_a_plan_that_is_not_kept_cannot_be_undone(lived_in: Database) -> None:
    Path("reconcile.yaml").write_text("keep_history: 30d\n")
    succeed(lived_in, write("tasks.yaml", many(1)))
    lived_in.query("UPDATE reconciler_apply SET finished_at = '2020-01-01 00:00:00.000000'")
    succeed(lived_in, write("tasks.yaml", many(2)))
    oldest = lived_in.query("SELECT apply_id FROM reconciler_apply WHERE plan IS NULL")
    assert len(oldest) == 1
    ended = on(lived_in, "undo", oldest[0][0])
    assert ended.code == 1
    assert "its plan is not kept, plans are kept for 30 days (keep_history)" in only_line(ended)
    lived_in.query("UPDATE reconciler_apply SET plan = NULL")
    assert "it was too large" in only_line(on(lived_in, "undo", "last"))


@pytest.mark.parametrize(
    ("plan", "told"), [(b"\0", "is damaged"), (zlib.compress(b'[["a"]]'), "is of another form")]
)
def test_a_plan_that_cannot_be_read_is_told_in_a_line(lived_in: Database, plan: bytes, told: str) -> None:
    succeed(lived_in, write("tasks.yaml", many(1)))
    lived_in.query("UPDATE reconciler_apply SET plan = ?", (plan,))
    for words in (("undo", "last"), ("history", "last")):
        ended = on(lived_in, *words)
        assert ended.code == 1
        assert told in only_line(ended)
    assert "+1" in succeed(lived_in, "history").out


def test_two_undo_at_once(lived_in: Database) -> None:
    succeed(lived_in, write("tasks.yaml", many(100)))
    (apply,) = succeed(lived_in, "history", "--format", "json").json["applies"]
    words = ("undo", apply["apply_id"], *NO_LIMITS, "--database-url", lived_in.url, "--format", "json")
    with running(*words) as one, running(*words) as other:
        told = [process.communicate(timeout=60) for process in (one, other)]
    assert [one.returncode, other.returncode] == [0, 0], told
    assert sorted(json.loads(out)["outcome"]["applied"] for out, _ in told) == [False, True]
    assert not [name for name in names(lived_in) if name.startswith("t0")]


def test_a_database_without_a_history(sqlite: Database) -> None:
    for words, whose in ((("undo", "last"), " of owner 'default'"), (("history", "last"), "")):
        ended = on(sqlite, *words)
        assert ended.code == 64
        assert only_line(ended) == f"reconcile: there is no apply{whose} in the history"
    assert on(sqlite, "history").out == "Nothing was applied.\n"
    assert on(sqlite, "history", "--format", "json").json["applies"] == []


def edited(database: Database, sets: list[list[dict[str, Any]]]) -> None:
    """Applied one after the other and undone one after the other, the table says what it said."""
    tables = []
    for declared in sets:
        tables.append(said(database))
        succeed(database, *FREE, write("tasks.yaml", declared))
    for table in reversed(tables):
        history = succeed(database, "history", "--format", "json").json["applies"]
        standing = [one for one in history if not (one["undoes"] or one["undone_by"])]
        if said(database) == table:
            continue
        report = succeed(database, "undo", standing[0]["apply_id"], *NO_LIMITS, "--format", "json").json
        assert report["moved"] == []
        assert said(database) == table


@given(sets=st.lists(task_sets, min_size=1, max_size=3))
@examples(15)
def test_an_undo_gives_back_what_was_said(databases: Databases, sets: Any) -> None:
    edited(databases.captured("sqlite", "lived-in"), sets)


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_an_undo_gives_back_what_was_said_on_a_server(kind: str, request: pytest.FixtureRequest) -> None:
    databases: Databases = request.getfixturevalue("databases")

    @given(sets=st.lists(task_sets, min_size=1, max_size=2))
    @examples(3)
    def check(sets: Any) -> None:
        edited(or_skip(lambda: databases.captured(kind, "lived-in")), sets)

    check()


@given(first=task_sets, second=task_sets, data=st.data())
@examples(12)
def test_what_moved_stays_and_the_rest_is_given_back(
    databases: Databases, first: Any, second: Any, data: Any
) -> None:
    database = databases.captured("sqlite", "lived-in")
    succeed(database, *FREE, write("tasks.yaml", first))
    before = said(database)
    applied = succeed(database, *FREE, "--format", "json", write("tasks.yaml", second)).json
    if not applied["outcome"]["applied"]:
        return
    written = sorted({one["name"] for one in applied["changes"]} & said(database).keys())
    moved = data.draw(st.sets(st.sampled_from(written), max_size=2)) if written else set()
    for name in moved:
        database.query("UPDATE task SET job_type = 'moved' WHERE name = ?", (name,))
    here = said(database)
    report = undo(database, "--allow-protected", "none")
    assert {one["name"] for one in report["moved"]} == moved
    now = said(database)
    others = {name: one for name, one in before.items() if name not in moved and name not in now}
    assert {name: now[name] for name in moved} == {name: here[name] for name in moved}
    renamed = {one["before"]["Name"] for one in applied["changes"] if one["name"] in moved and one["before"]}
    assert set(others) <= renamed
    assert {name: one for name, one in now.items() if name not in moved} == {
        name: one for name, one in before.items() if name not in moved | renamed
    }


def test_what_is_on_hold_is_left_out(lived_in: Database) -> None:
    succeed(lived_in, write("tasks.yaml", many(2)))
    succeed(lived_in, *FREE, write("tasks.yaml", many(2, JobType="x")))
    succeed(lived_in, "hold", "t00001", "--until", "2h", "--reason", "an incident")
    report = undo(lived_in)
    (moved,) = report["moved"]
    assert moved["name"] == "t00001"
    assert moved["note"].startswith("it is on hold until 20")
    assert [one["name"] for one in report["changes"]] == ["t00000"]
    succeed(lived_in, "unhold", "t00001")
    again = succeed(lived_in, "undo", report["undoes"], *NO_LIMITS, "--format", "json").json
    assert ([one["name"] for one in again["changes"]], again["moved"]) == (["t00001"], [])


def test_adopting_and_releasing_by_name_are_undone_too(lived_in: Database) -> None:
    write("tasks.yaml", [task("heartbeat")])
    before = all_of(lived_in)[:2]
    succeed(lived_in, "adopt", "heartbeat")
    adopted = len(records(lived_in))
    undo(lived_in)
    assert (all_of(lived_in)[:2], records(lived_in)) == (before, [])
    undo(lived_in)
    assert len(records(lived_in)) == adopted == 1
    succeed(lived_in, "release", "heartbeat")
    assert records(lived_in) == []
    undo(lived_in)
    assert len(records(lived_in)) == 1
    assert all_of(lived_in)[:2] == before
