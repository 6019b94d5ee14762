"""The databases captured from a running Daptin: applied to, adopted from, and otherwise left alone."""

from tests.behaviour.program import (
    JOINS,
    all_of,
    columns_of,
    dry_run,
    guests,
    joins,
    many,
    on,
    rows,
    succeed,
    task,
    write,
)
from tests.databases import Database


def test_an_apply_is_followed_by_a_plan_that_is_empty(daptin: Database) -> None:
    before = rows(daptin), joins(daptin)
    declared = [guests("früh ✨"), guests("paused", Active=False, JobType="export")]
    file = write("tasks.yaml", declared)
    assert succeed(daptin, file).out.count("\n+ ") == 2
    after = dry_run(daptin, file)
    assert (after["changes"], after["summary"]["unchanged"]) == ([], 2)
    assert succeed(daptin, "--detailed-exitcode", "--dry-run", file).code == 0
    assert rows(daptin, "name NOT IN (?, ?)", ("früh ✨", "paused")) == before[0]
    assert joins(daptin)[: len(before[1])] == before[1]
    written = all_of(daptin)
    assert "Nothing to apply." in succeed(daptin, file).out
    assert all_of(daptin) == written


def test_rows_of_no_owner_survive_every_change_of_others(lived_in: Database) -> None:
    before = rows(lived_in), joins(lived_in)
    everything = succeed(lived_in, write("tasks.yaml", many(3))).out
    assert all(name in everything for name in ("no-user", "bad-schedule", "twin"))
    changed = [task("t00001", Schedule="@daily"), task("new")]
    succeed(lived_in, write("tasks.yaml", changed))
    succeed(lived_in, "--allow-empty", write("tasks.yaml", []))
    assert (rows(lived_in), joins(lived_in)) == before


def test_a_row_is_adopted_with_its_ids(lived_in: Database) -> None:
    (before,) = rows(lived_in, "name = 'heartbeat'")
    others = rows(lived_in, "name <> 'heartbeat'")
    links = joins(lived_in)
    file = write("tasks.yaml", [task("heartbeat", Schedule="@every 10m", AsUserEmail="bob@example.com")])
    (change,) = dry_run(lived_in, file)["changes"]
    assert (change["action"], change["reason"], change["id"]) == ("adopt", "adopt", 2)
    succeed(lived_in, file)
    (after,) = rows(lived_in, "name = 'heartbeat'")
    columns = columns_of(lived_in)
    moved = {name for name, one, other in zip(columns, before, after, strict=True) if one != other}
    assert {"id", "reference_id", "created_at", "permission", "user_account_id", "as_user_id"}.isdisjoint(
        moved
    )
    assert {"version", "schedule", "updated_at"} <= moved
    assert rows(lived_in, "name <> 'heartbeat'") == others
    assert joins(lived_in) == links
    assert dry_run(lived_in, file)["changes"] == []


def test_a_row_adopted_as_it_is_stays_as_it_is(lived_in: Database) -> None:
    (before,) = rows(lived_in, "id = 9")
    same = task(
        "renamed",
        Schedule="0 0 1 1 *",
        ActionName="whoami",
        AsUserEmail="bob@example.com",
        Active=False,
        Attributes={},
    )
    ended = succeed(lived_in, write("tasks.yaml", [same]))
    assert "only the bookkeeping" in ended.out
    assert rows(lived_in, "id = 9") == [before]
    assert dry_run(lived_in, "tasks.yaml")["changes"] == []


def test_twins_are_an_error_with_both_ids(lived_in: Database) -> None:
    before = all_of(lived_in)
    ended = on(lived_in, write("tasks.yaml", [task("ok"), task("twin")]))
    assert ended.code == 1
    assert "error[N004]" in ended.out
    assert "ids 7 and 8" in ended.out
    assert all_of(lived_in) == before


def test_the_join_rows_follow_their_task(lived_in: Database) -> None:
    file = write("tasks.yaml", [task("a"), task("b"), task("heartbeat")])
    succeed(lived_in, file)
    tables = f"{JOINS} j JOIN task t ON t.id = j.task_id"
    linked = f"SELECT t.name, j.usergroup_id FROM {tables} WHERE t.name IN (?, ?, ?)"
    mine = ("a", "b", "heartbeat")
    assert sorted(lived_in.query(linked, mine)) == [("a", 2), ("b", 2), ("heartbeat", 2)]
    succeed(lived_in, "--max-update", "2", write("tasks.yaml", [task("b", Active=False), task("heartbeat")]))
    assert sorted(lived_in.query(linked, mine)) == [("b", 2), ("heartbeat", 2)]
    orphans = f"SELECT count(*) FROM {JOINS} WHERE task_id NOT IN (SELECT id FROM task)"
    assert lived_in.query(orphans) == [(0,)]


def test_a_row_that_was_changed_with_sql_has_drifted(lived_in: Database) -> None:
    file = write("tasks.yaml", many(12))
    succeed(lived_in, file)
    lived_in.query("UPDATE task SET schedule = '* * * * *' WHERE name = 't00003'")
    lived_in.query(f"DELETE FROM {JOINS} WHERE task_id = (SELECT id FROM task WHERE name = 't00007')")
    lived_in.query("DELETE FROM task WHERE name = 't00007'")
    changes = {one["name"]: one for one in dry_run(lived_in, file)["changes"]}
    assert {name: (one["action"], one["reason"]) for name, one in changes.items()} == {
        "t00003": ("update", "drift"),
        "t00007": ("create", "drift"),
    }
    assert changes["t00003"]["fields"] == [{"path": "Schedule", "before": "* * * * *", "after": "0 8 * * *"}]
    assert on(lived_in, "--dry-run", "--detailed-exitcode", file).code == 2
    succeed(lived_in, file)
    assert dry_run(lived_in, file)["changes"] == []


def test_rows_with_attributes_that_no_task_could_have(lived_in: Database) -> None:
    """Somebody wrote them with SQL: they are drift, whatever they are."""
    deep = '{"a":' * 900 + "1" + "}" * 900
    texts = [r'{"a": "\ud800"}', '{"a": NaN, "b": 1e999}', deep, "[" * 20_000, "9" * 5000, "not JSON"]
    file = write("tasks.yaml", many(30))
    succeed(lived_in, file)
    for number, text in enumerate(texts):
        lived_in.query("UPDATE task SET attributes = ? WHERE name = ?", (text, f"t{number:05}"))
    plan = dry_run(lived_in, file)
    assert [change["reason"] for change in plan["changes"]] == ["drift"] * len(texts)
    assert [change["before"]["Attributes"] for change in plan["changes"]] == texts
    succeed(lived_in, file)
    assert dry_run(lived_in, file)["changes"] == []
