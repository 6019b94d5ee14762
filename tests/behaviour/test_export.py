"""Rows to YAML and back: a plan of what was exported is empty, or adopts rows as they are."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.behaviour.drawn import examples, task_sets, texts, values
from tests.behaviour.program import (
    EXPRESSIBLE,
    FREE,
    all_of,
    dry_run,
    many,
    names,
    on,
    only_line,
    reconcile,
    records,
    succeed,
    task,
    write,
)
from tests.databases import Database, Databases


def exported(database: Database, *words: str) -> Any:
    """The JSON of an export into a new folder `out`."""
    shutil.rmtree("out", ignore_errors=True)
    return succeed(database, "export", "-o", "out", "--format", "json", *words).json


def commented(report: Any) -> list[str]:
    return sorted(one["name"] for file in report["files"] for one in file["comments"])


def is_at_peace(database: Database, *words: str) -> None:
    """What was exported changes nothing but whose the rows are."""
    report = exported(database, *words)
    before = all_of(database)
    written = sum(len(file["tasks"]) for file in report["files"])
    if not written:
        return
    plan = dry_run(database, "--prune", "none", "out")
    assert [one for one in plan["changes"] if one["action"] != "adopt" or one["fields"]] == []
    assert len(plan["changes"]) + plan["summary"]["unchanged"] == written
    succeed(database, "--prune", "none", "out")
    assert dry_run(database, "--detailed-exitcode", "--prune", "none", "out")["changes"] == []
    assert all_of(database)[:2] == before[:2]


def test_a_captured_database_is_adopted_as_it_is(daptin: Database) -> None:
    before = names(daptin)
    report = exported(daptin)
    assert commented(report) == (["bad-schedule", "no-user", "twin", "twin"] if before else [])
    is_at_peace(daptin)
    is_at_peace(daptin, "--owned")
    assert names(daptin) == before
    assert len(records(daptin)) == (len(EXPRESSIBLE) if before else 0)


def test_an_export_changes_nothing(lived_in: Database) -> None:
    succeed(lived_in, write("tasks.yaml", many(3)))
    before = all_of(lived_in)
    for words in ((), ("--owned",), ("--unmanaged", "-o", "out")):
        succeed(lived_in, "export", *words)
    assert all_of(lived_in) == before


def test_every_row_is_in_it(lived_in: Database) -> None:
    """As a task or as a comment, whatever is wrong with it."""
    text = succeed(lived_in, "export").out
    assert all(text.count(f"- Name: {name}\n") == names(lived_in).count(name) for name in names(lived_in))
    ended = on(lived_in, "export", "--strict")
    assert (ended.code, ended.out) == (1, text)
    assert ended.err.count("\nwarning[") + ended.err.startswith("warning[") == 4
    assert len(names(lived_in)) == 9


hands = st.fixed_dictionaries(
    {
        "name": texts.filter(lambda text: "\0" not in text) | st.sampled_from(["heartbeat", "a", "b"]),
        "schedule": st.sampled_from(["0 8 * * *", "@daily", " @daily", "61 * * * *", "", "H 2 * * *"]),
        "entity_name": st.sampled_from(["event", "world", "nothing", "", "../etc", "schema_x", "reconcile"]),
        "action_name": st.sampled_from(["log_run", "whoami", "nothing"]),
        "active": st.integers(0, 1),
        "attributes": st.dictionaries(texts, values, max_size=3).map(json.dumps)
        | st.sampled_from(["", "null", "[1]", "{", "NaN", '{"a": NaN}', '{"a": 1e999}', '{"a": "\\ud800"}'])
        | st.integers(80, 110).map(lambda depth: '{"a":' * depth + "1" + "}" * depth),
        "job_type": texts.filter(lambda text: "\0" not in text),
        "as_user_id": st.sampled_from([None, 2, 3, 4, 99]),
    }
)
"""Rows as somebody may have written them who asked nobody."""


@given(rows=st.lists(hands, max_size=5), declared=task_sets)
@examples(40)
def test_rows_by_any_hand_are_exported(databases: Databases, rows: Any, declared: Any) -> None:
    database = databases.captured("sqlite", "lived-in")
    succeed(database, *FREE, write("tasks.yaml", declared))
    with database.connection() as connection:
        for row in rows:
            columns = ", ".join(row)
            connection.execute(
                f"INSERT INTO task (reference_id, permission, user_account_id, {columns}) "
                f"VALUES (randomblob(16), 561441, 2, {', '.join('?' * len(row))})",
                tuple(row.values()),
            )
        connection.commit()
    is_at_peace(database)
    is_at_peace(database, "--unmanaged")
    is_at_peace(database, "--owned")


def test_an_owned_row_goes_to_the_file_recorded_for_it(lived_in: Database) -> None:
    write("out/deep/a.yaml", many(2))
    write("out/b.yml", [task("b", Lifecycle={"Protected": True}, Scheduler={"Overlap": "skip"})])
    write("elsewhere.yaml", [task("c")])
    succeed(lived_in, "out", "elsewhere.yaml")
    report = exported(lived_in, "--owned")
    found = {file["path"]: [one["name"] for one in file["tasks"]] for file in report["files"]}
    assert found == {"out/b.yml": ["b"], "out/deep/a.yaml": ["t00000", "t00001"], "out/event.yaml": ["c"]}
    plan = dry_run(lived_in, "out")
    assert (plan["changes"], plan["summary"]["unchanged"]) == ([], 4)


@pytest.mark.parametrize("file", ["../above.yaml", "/absolute.yaml", "out/../../x.yaml", "out/x.txt", "-"])
def test_a_record_does_not_lead_out_of_the_folder(databases: Databases, file: str) -> None:
    database = databases.captured("sqlite", "lived-in")
    succeed(database, write("tasks.yaml", [task("a")]))
    database.query("UPDATE reconciler_task SET file = ?", (file,))
    assert [one["path"] for one in exported(database, "--owned")["files"]] == ["out/event.yaml"]


@pytest.mark.parametrize(
    ("entity", "file"),
    [
        *(
            ("../../etc/passwd", "etc_passwd"),
            ("schema_x", "tasks_schema_x"),
            ("reconcile", "tasks_reconcile"),
        ),
        *(("", "tasks"), (".git", "git"), ("a/b", "a_b"), ("é" * 200, "tasks"), ("x" * 200, "x" * 100)),
    ],
)
def test_the_name_of_an_entity_is_no_path(databases: Databases, entity: str, file: str) -> None:
    database = databases.captured("sqlite", "lived-in")
    database.query("UPDATE task SET entity_name = ?", (entity,))
    assert [one["path"] for one in exported(database)["files"]] == [f"out/{file}.yaml"]


def test_a_file_in_the_way_stays_unless_its_word_is_said(lived_in: Database) -> None:
    write("out/event.yaml", [task("mine")])
    before = Path("out/event.yaml").read_text()
    ended = on(lived_in, "export", "-o", "out")
    assert ended.code == 64
    assert only_line(ended) == "reconcile: out/event.yaml: there already"
    assert [path.name for path in Path("out").iterdir()] == ["event.yaml"]
    assert Path("out/event.yaml").read_text() == before
    succeed(lived_in, "export", "-o", "out", "--overwrite")
    assert "heartbeat" in Path("out/event.yaml").read_text()


def test_a_broken_link_is_in_the_way_too(lived_in: Database) -> None:
    Path("out").mkdir()
    Path("out/event.yaml").symlink_to("/nowhere/at/all")
    assert on(lived_in, "export", "-o", "out").code == 64


def test_what_others_own_is_left_out_and_told(lived_in: Database) -> None:
    succeed(lived_in, "--owner", "team-b", write("theirs.yaml", many(2)))
    ended = succeed(lived_in, "export")
    assert "t00000" not in ended.out
    assert "2 rows of owner team-b left out: `--owner team-b` exports them." in ended.err
    assert "Name: t00000" in succeed(lived_in, "export", "--owner", "team-b", "--owned").out


def test_a_reader_of_yaml_1_1_reads_the_same(lived_in: Database) -> None:
    odd = {
        "no": "no",
        "at": "12:30",
        "zip": "0644",
        "big": 1e22,
        "day": "2024-01-01",
        "hex": "0x1F",
        "x": "1_000",
    }
    succeed(lived_in, write("tasks.yaml", [task("odd", JobType="on", Attributes=odd)]))
    (read,) = yaml.safe_load(succeed(lived_in, "export", "--owned").out)["Tasks"]
    assert (read["Attributes"], read["JobType"]) == (odd, "on")


def test_nothing_is_written_where_the_folder_cannot_be(lived_in: Database) -> None:
    Path("out").write_text("a file")
    ended = on(lived_in, "export", "-o", "out")
    assert ended.code == 1
    assert "out" in only_line(ended)


def test_a_row_on_hold_is_exported_as_what_it_is_otherwise(lived_in: Database) -> None:
    """For Daptin a hold makes the row inactive and takes its user; that is no state to be kept in git."""
    file = write("tasks.yaml", [task("a")])
    succeed(lived_in, file)
    before = succeed(lived_in, "export", "--owned").out
    Path("reconcile.yaml").write_text("reader: daptin\n")
    succeed(lived_in, "hold", "a", "--until", "2h", "--reason", "a look")
    assert lived_in.query("SELECT as_user_id FROM task WHERE name = 'a'") == [(None,)]
    assert succeed(lived_in, "export", "--owned").out == before


def test_a_value_from_the_environment_stays_there(
    lived_in: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECONCILE_VAR_NOTE", "hunter2")
    monkeypatch.setenv("RECONCILE_VAR_PORT", "4711")
    text = (
        "Tasks:\n"
        "  - Name: a\n"
        '    Schedule: "@daily"\n'
        "    EntityName: event\n"
        "    ActionName: log_run\n"
        "    AsUserEmail: ann@example.com\n"
        "    Attributes:\n"
        "      note: !env RECONCILE_VAR_NOTE\n"
        "      hosts:\n"
        "        - !env {name: RECONCILE_VAR_PORT, type: int}\n"
    )
    Path("tasks.yaml").write_text(text)
    succeed(lived_in, "tasks.yaml")
    ended = succeed(lived_in, "export", "--owned")
    assert ended.out == text
    assert "hunter2" not in ended.err
    Path("out").mkdir()
    Path("out/tasks.yaml").write_text(ended.out)
    assert dry_run(lived_in, "out")["changes"] == []
    lived_in.query(
        """UPDATE task SET attributes = '{"note": "hunter2", "hosts": ["x", 4711]}' WHERE name = 'a'"""
    )
    ended = succeed(lived_in, "export", "--owned")
    assert "error[E010]" in ended.out
    assert not any(secret in ended.out + ended.err for secret in ("hunter2", "4711"))


def test_defaults_that_would_speak_for_it_are_in_the_way(lived_in: Database) -> None:
    """No task can take away what a default gives it."""
    Path("out/deep").mkdir(parents=True)
    Path("out/_defaults.yaml").write_text("Defaults: {Active: false}\n")
    for folder in ("out", "out/deep", "out/new"):
        ended = on(lived_in, "export", "-o", folder)
        assert ended.code == 64
        assert only_line(ended).startswith("reconcile: out/_defaults.yaml would speak for what is exported")
    succeed(lived_in, "export", "-o", "elsewhere")


def test_an_environment_names_the_database(lived_in: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROD_URL", lived_in.url)
    Path("reconcile.yaml").write_text("environments:\n  prod: {database: PROD_URL, owner: ops}\n")
    ended = reconcile("export", "--env", "prod", "--format", "json")
    assert (ended.code, ended.json["owner"]) == (0, "ops")
    assert len(ended.json["files"][0]["tasks"]) == len(EXPRESSIBLE)
