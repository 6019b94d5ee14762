"""`Lifecycle:` on databases that a Daptin made: renames in place, keys left to operators, protection."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.behaviour.drawn import examples
from tests.behaviour.program import (
    FREE,
    all_of,
    columns_of,
    dry_run,
    joins,
    many,
    names,
    on,
    rows,
    succeed,
    task,
    write,
)
from tests.conftest import or_skip
from tests.databases import Database, Databases


def was(*names: str) -> dict[str, Any]:
    return {"Lifecycle": {"PreviousNames": list(names)}}


def test_a_row_is_renamed_with_its_ids(lived_in: Database) -> None:
    succeed(lived_in, write("tasks.yaml", many(3)))
    (before,) = rows(lived_in, "name = 't00001'")
    links = joins(lived_in)
    file = write(
        "tasks.yaml", [task("t00000"), task("fresh", Schedule="@daily", **was("t00001")), task("t00002")]
    )
    (change,) = dry_run(lived_in, file)["changes"]
    assert (change["action"], change["name"], change["reason"]) == ("rename", "fresh", "git")
    assert change["before"]["Name"] == "t00001"
    succeed(lived_in, file)
    (after,) = rows(lived_in, "name = 'fresh'")
    pairs = zip(columns_of(lived_in), before, after, strict=True)
    moved = {column for column, one, other in pairs if one != other}
    assert moved <= {"name", "schedule", "version", "updated_at"}
    assert {"name", "schedule", "version"} <= moved
    assert joins(lived_in) == links
    assert dry_run(lived_in, file)["summary"]["unchanged"] == 3
    succeed(lived_in, "undo", "last", *FREE[:4])
    assert rows(lived_in, "name = 't00001'")[0][0] == before[0]


def test_a_row_of_no_owner_is_adopted_and_renamed(lived_in: Database) -> None:
    file = write("tasks.yaml", [task("pulse", **was("heartbeat"))])
    (change,) = dry_run(lived_in, file)["changes"]
    assert (change["action"], change["id"]) == ("adopt", 2)
    succeed(lived_in, file)
    assert "heartbeat" not in names(lived_in)
    assert rows(lived_in, "name = 'pulse'")[0][0] == 2
    assert dry_run(lived_in, file)["changes"] == []


def test_names_that_change_places_need_two_steps(lived_in: Database) -> None:
    succeed(lived_in, write("tasks.yaml", [task("a"), task("b", Active=False)]))
    before = all_of(lived_in)
    ended = on(lived_in, write("tasks.yaml", [task("b", **was("a")), task("a", Active=False, **was("b"))]))
    assert (ended.code, ended.out.count("error[N005]")) == (1, 2)
    assert all_of(lived_in) == before
    for step in (
        [task("c", **was("a")), task("b", Active=False)],
        [task("c"), task("a", Active=False, **was("b"))],
        [task("b", **was("c")), task("a", Active=False)],
    ):
        succeed(lived_in, *FREE, write("tasks.yaml", step))
    ids = {row[0]: name for row, name in zip(rows(lived_in), names(lived_in), strict=True)}
    assert sorted(ids.items())[-2:] == [(min(sorted(ids)[-2:]), "b"), (max(ids), "a")]


@pytest.mark.parametrize("previous", ["twin", "heartbeat"])
def test_what_is_not_clear_is_an_error_that_names_the_rows(lived_in: Database, previous: str) -> None:
    """Two rows of the old name; and one of the old name and one of the new."""
    if previous == "heartbeat":
        lived_in.query("UPDATE task SET name = 'fresh' WHERE name = 'renamed'")
    before = all_of(lived_in)
    ended = on(lived_in, write("tasks.yaml", [task("fresh", **was(previous))]))
    assert (ended.code, "error[N005]" in ended.out) == (1, True)
    assert ended.out.count("(id ") == 2
    assert all_of(lived_in) == before


def test_a_key_that_is_ignored_stays_the_operators(lived_in: Database) -> None:
    lenient = {"Lifecycle": {"IgnoreChanges": ["Active", "AsUserEmail", "Attributes"]}}
    file = write("tasks.yaml", many(3, Active=False, **lenient))
    succeed(lived_in, file)
    assert dry_run(lived_in, file)["ignored"] == []
    lived_in.query("UPDATE task SET active = ?, attributes = 'x' WHERE name = 't00001'", (True,))
    lived_in.query("UPDATE task SET as_user_id = NULL WHERE name = 't00002'")
    before = rows(lived_in)
    plan = dry_run(lived_in, file)
    assert plan["changes"] == []
    assert [(one["name"], [field["path"] for field in one["fields"]]) for one in plan["ignored"]] == [
        ("t00001", ["Active", "Attributes"]),
        ("t00002", ["AsUserEmail"]),
    ]
    assert on(lived_in, "drift", file).code == 0
    assert "Nothing to apply." in succeed(lived_in, file).out
    assert rows(lived_in) == before
    write("tasks.yaml", many(3, Schedule="@daily", JobType="x", **lenient))
    succeed(lived_in, *FREE, file)
    operators = "SELECT active, attributes, as_user_id FROM task WHERE name = ?"
    for name in ("t00001", "t00002"):
        index = names(lived_in).index(name)
        columns = columns_of(lived_in)
        old = dict(zip(columns, before[index], strict=True))
        assert lived_in.query(operators, (name,)) == [(old["active"], old["attributes"], old["as_user_id"])]
    assert dry_run(lived_in, file)["changes"] == []


def test_protection_outlives_its_declaration(lived_in: Database) -> None:
    file = write("tasks.yaml", [task("kept", Lifecycle={"Protected": True}), task("other")])
    succeed(lived_in, file)
    write("tasks.yaml", [task("other")])
    before = all_of(lived_in)
    for words in (("--dry-run",), (), ("--allow-protected", "other"), ("--prune", "owned")):
        refused = on(lived_in, *words, file)
        assert (refused.code, "O004" in refused.out) == (3, True)
    assert all_of(lived_in) == before
    assert on(lived_in, "--exclude", "kept", file).code == 0
    write("tasks.yaml", [task("kept"), task("other")])
    succeed(lived_in, file)  # the key left out says nothing
    write("tasks.yaml", [task("other")])
    assert on(lived_in, file).code == 3
    lifted = [task("kept", Lifecycle={"Protected": False}), task("other")]
    assert "only the bookkeeping" in succeed(lived_in, write("tasks.yaml", lifted)).out
    succeed(lived_in, write("tasks.yaml", [task("other")]))
    assert "kept" not in names(lived_in)


def test_one_word_deletes_one_protected_row(lived_in: Database) -> None:
    succeed(lived_in, write("tasks.yaml", many(3, Lifecycle={"Protected": True})))
    file = write("tasks.yaml", many(1, Lifecycle={"Protected": True}))
    refused = on(lived_in, "--allow-protected", "t00001", file)
    assert (refused.code, "'t00001'" in refused.out, "'t00002'" in refused.out) == (3, False, True)
    succeed(lived_in, "--allow-protected", "t00001", "--allow-protected", "t00002", file)


# Tasks have a number that stays theirs, and names that follow each other: a step may rename any of them.
steps = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            number: st.fixed_dictionaries(
                {
                    "rename": st.booleans(),
                    "Schedule": st.sampled_from(["0 8 * * *", "@daily"]),
                    "Active": st.booleans(),
                    "ignored": st.sets(st.sampled_from(["Active", "Schedule", "Attributes", "JobType"])),
                }
            )
            for number in range(3)
        },
    ),
    min_size=2,
    max_size=4,
)


def live(database: Database, told: list[dict[int, dict[str, Any]]], moves: list[str]) -> None:
    """Each step is applied, and leaves nothing to plan; in between somebody moves rows with SQL."""
    current: dict[int, list[str]] = {}
    ids: dict[int, int] = {}
    for turn, (step, move) in enumerate(zip(told, moves, strict=True)):
        declared = []
        current = {number: known for number, known in current.items() if number in step}
        for number, wanted in step.items():
            known = current.setdefault(number, [f"n{number}_{turn}"])
            if wanted["rename"] and known[-1] != f"n{number}_{turn}":
                known.append(f"n{number}_{turn}")
            declared.append(
                task(
                    known[-1],
                    Schedule=wanted["Schedule"],
                    Active=wanted["Active"],
                    Lifecycle={"PreviousNames": known[:-1], "IgnoreChanges": sorted(wanted["ignored"])},
                )
            )
        file = write("tasks.yaml", declared)
        succeed(database, *FREE, file)
        assert dry_run(database, file)["changes"] == []
        assert on(database, "drift", file).code == 0
        found = dict(database.query("SELECT name, id FROM task"))
        now = {number: found[known[-1]] for number, known in current.items()}
        assert all(ids[number] == id_ for number, id_ in now.items() if number in ids), (
            "a rename keeps the id"
        )
        ids = now
        database.query(move.format(turn=turn))
    succeed(database, *FREE, write("tasks.yaml", []))


moving = st.sampled_from(
    [
        "UPDATE task SET job_type = 'x{turn}' WHERE name LIKE 'n0_%'",
        "UPDATE task SET schedule = '@hourly' WHERE name LIKE 'n1_%'",
        "UPDATE task SET attributes = 'no JSON' WHERE name LIKE 'n2_%'",
        "UPDATE task SET name = 'stray{turn}' WHERE name LIKE 'n0_%'",
        "UPDATE task SET version = version + 1",
    ]
)


@given(told=steps, moves=st.lists(moving, min_size=4, max_size=4))
@examples(20)
def test_a_plan_after_an_apply_is_empty_whatever_is_renamed_or_ignored(
    databases: Databases, told: Any, moves: Any
) -> None:
    live(databases.captured("sqlite", "lived-in"), told, moves[: len(told)])


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_the_same_on_a_server(kind: str, request: pytest.FixtureRequest) -> None:
    databases: Databases = request.getfixturevalue("databases")
    database = or_skip(lambda: databases.captured(kind, "lived-in"))

    @given(told=steps, moves=st.lists(moving, min_size=4, max_size=4))
    @examples(3)
    def check(told: Any, moves: Any) -> None:
        live(
            database,
            told,
            [move.replace("%", "%%") if kind != "sqlite" else move for move in moves[: len(told)]],
        )

    check()
