"""A saved plan: applied while it is true, by one of two at once, whole or not at all."""

import contextlib
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reconciler.shipped import schema_text
from tests.behaviour.program import (
    FREE,
    Ended,
    all_of,
    dry_run,
    many,
    names,
    on,
    only_line,
    reconcile,
    records,
    rows,
    running,
    succeed,
    task,
    until,
    write,
)
from tests.databases import Database, Databases
from tests.repositories import git


def saved(database: Database, *words: str | Path, file: str = "plan.json") -> Any:
    """The file of a plan that was saved."""
    succeed(database, "plan", "--out", file, *words)
    return json.loads(Path(file).read_text())


def moved(ended: Ended) -> list[tuple[str, str, str]]:
    assert ended.code == 3, ended.out + ended.err
    assert ended.json["blocked"][0]["code"] == "O006"
    return [(one["kind"], one["name"], one["how"]) for one in ended.json["moved"]]


@pytest.fixture
def sqlite(databases: Databases) -> Database:
    return databases.captured("sqlite", "lived-in")


def test_it_needs_nothing_but_the_database(lived_in: Database, here: Path) -> None:
    succeed(lived_in, *FREE, write("tasks.yaml", [*many(4), task("heartbeat")]))
    write("tasks.yaml", [*many(3, Attributes={"note": "x"}), *many(2, "new")])
    plan = saved(lived_in, *FREE, "tasks.yaml")
    assert plan["summary"]["create"] == 2
    before = all_of(lived_in)
    os.remove("tasks.yaml")
    os.chdir("/")
    applied = on(lived_in, "apply", here / "plan.json", "--format", "json")
    assert applied.code == 0, applied.out + applied.err
    assert applied.json["changes"] == plan["changes"]
    assert applied.json["outcome"]["verified"]
    assert all_of(lived_in) != before
    os.chdir(here)
    write("tasks.yaml", [*many(3, Attributes={"note": "x"}), *many(2, "new")])
    assert dry_run(lived_in, *FREE, "tasks.yaml")["changes"] == []


def another(database: Database, databases: Databases) -> Database:
    return databases.captured(database.kind, "lived-in")


def test_another_database_is_refused(lived_in: Database, databases: Databases) -> None:
    """With the same rows: nothing but its id tells."""
    other = another(lived_in, databases)
    for one in (lived_in, other):
        succeed(one, *FREE, write("tasks.yaml", many(2)))
    saved(lived_in, write("tasks.yaml", many(3)))
    before = all_of(other)
    ended = on(other, "apply", "plan.json", "--yes")
    assert ended.code == 64
    assert only_line(ended).startswith(
        "reconcile: plan.json is a plan for another database: it was made for "
    )
    assert all_of(other) == before
    succeed(lived_in, "apply", "plan.json")


def test_by_another_name_it_is_the_same_database(lived_in: Database) -> None:
    """CI plans by one host name and applies by another."""
    succeed(lived_in, *FREE, write("tasks.yaml", many(2)))
    saved(lived_in, write("tasks.yaml", many(3)))
    url = lived_in.url.replace("127.0.0.1", "localhost")
    if lived_in.kind == "sqlite":
        Path("linked.db").symlink_to(lived_in.name)
        url = f"sqlite:///{Path.cwd()}/linked.db"
    assert url != lived_in.url
    applied = reconcile("apply", "plan.json", "--database-url", url)
    assert applied.code == 0, applied.err
    assert "t00002" in names(lived_in)


def test_without_bookkeeping_the_address_counts(lived_in: Database, databases: Databases) -> None:
    plan = saved(lived_in, write("tasks.yaml", many(3)))
    assert plan["saved"]["database"] is None
    other = another(lived_in, databases)
    ended = on(other, "apply", "plan.json", "--yes")
    assert ended.code == 64
    assert only_line(ended).endswith("no bookkeeping to know it by: it is applied at that address alone")
    assert records(other) == []
    succeed(lived_in, "hold", "heartbeat", "--until", "1h", "--reason", "x")  # has it made meanwhile
    succeed(lived_in, "apply", "plan.json")


def test_a_database_without_the_bookkeeping_of_the_plan_is_another(
    lived_in: Database, databases: Databases
) -> None:
    succeed(lived_in, *FREE, write("tasks.yaml", many(2)))
    saved(lived_in, write("tasks.yaml", many(3)))
    other = another(lived_in, databases)
    ended = on(other, "apply", "plan.json", "--yes")
    assert ended.code == 64
    assert "another database" in only_line(ended)
    assert records(other) == []


def test_rows_that_moved_are_named(lived_in: Database) -> None:
    succeed(lived_in, *FREE, write("tasks.yaml", many(4, "a")))
    saved(lived_in, *FREE, write("tasks.yaml", [*many(2, "a"), task("a00002", JobType="x"), task("b")]))
    before = all_of(lived_in)
    assert on(lived_in, "apply", "plan.json", "--database-url", lived_in.url).code == 0
    assert all_of(lived_in) != before
    again = on(lived_in, "apply", "plan.json", "--format", "json")
    assert moved(again) == [
        ("row", "a00002", "changed"),
        ("row", "a00003", "gone"),
        ("row", "b", "appeared"),
    ]
    assert "was applied already, as" in again.json["blocked"][0]["message"]


def test_a_row_that_was_to_stay_moved(lived_in: Database) -> None:
    succeed(lived_in, write("tasks.yaml", many(3)))
    saved(lived_in, write("tasks.yaml", [*many(3), task("new")]))
    lived_in.query("UPDATE task SET schedule = '@weekly', version = version + 1 WHERE name = 't00001'")
    ended = on(lived_in, "apply", "plan.json", "--format", "json")
    assert moved(ended) == [("row", "t00001", "changed")]
    field = {"path": "Schedule", "before": "0 8 * * *", "after": "@weekly"}
    assert ended.json["moved"][0]["fields"] == [field]
    assert "new" not in names(lived_in)
    lived_in.query("UPDATE task SET schedule = '0 8 * * *', version = version + 1 WHERE name = 't00001'")
    succeed(lived_in, "apply", "plan.json")  # it is true again


def test_a_row_that_another_owner_took(lived_in: Database) -> None:
    succeed(lived_in, write("tasks.yaml", many(2)))
    saved(lived_in, *FREE, write("tasks.yaml", many(1, JobType="x")))
    succeed(lived_in, "--owner", "other", "--take-over", write("other.yaml", many(2)))
    ended = on(lived_in, "apply", "plan.json", "--format", "json")
    assert moved(ended) == [("row", "t00000", "changed"), ("row", "t00001", "changed")]
    assert [one["note"] for one in ended.json["moved"]] == [
        "'t00000' belongs to owner 'other', this is 'default'; --take-over moves it here",
        "it is another owner's now",
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda: None, []),
        (lambda: Path("tasks/a.yaml").write_text("Tasks: []\n"), [("file", "tasks/a.yaml", "changed")]),
        (lambda: os.remove("tasks/a.yaml"), [("file", "tasks/a.yaml", "gone")]),
        (lambda: Path("tasks/c.yaml").write_text("Tasks: []\n"), [("file", "tasks/c.yaml", "appeared")]),
        (lambda: (os.remove("tasks/a.yaml"), os.remove("tasks/b.yaml")), []),
    ],
    ids=["as they were", "changed", "gone", "appeared", "not here"],
)
def test_files_are_compared_where_they_are(sqlite: Database, change: Any, expected: Any) -> None:
    write("tasks/a.yaml", many(2))
    write("tasks/b.yaml", many(2, "b"))
    saved(sqlite, "tasks")
    change()
    ended = on(sqlite, "apply", "plan.json", "--format", "json")
    assert ended.code == (3 if expected else 0)
    assert [(one["kind"], one["name"], one["how"]) for one in ended.json["moved"]] == expected


def test_the_commit_tells_where_to_look(sqlite: Database) -> None:
    git(".", "init", "-q")
    write("tasks/a.yaml", many(2))
    git(".", "add", "tasks")
    git(".", "commit", "-qm", "one")
    plan = saved(sqlite, "tasks")
    assert plan["source"]["commit"] == git(".", "rev-parse", "HEAD")
    assert plan["changes"][0]["blame"]["subject"] == "one"
    write("tasks/a.yaml", many(3))
    git(".", "commit", "-qam", "another")
    ended = on(sqlite, "apply", "plan.json", "--format", "json")
    assert moved(ended) == [("file", "tasks/a.yaml", "changed"), ("commit", "HEAD", "changed")]
    (field,) = ended.json["moved"][1]["fields"]
    assert (field["before"], field["after"]) == (plan["source"]["commit"], git(".", "rev-parse", "HEAD"))
    git(".", "revert", "--no-edit", "HEAD")
    applied = on(sqlite, "apply", "plan.json", "--format", "json")
    assert applied.code == 0  # another commit, and the same files
    assert applied.json["changes"] == plan["changes"]
    recorded = sqlite.query("SELECT DISTINCT commit_id FROM reconciler_task")
    assert recorded == [(plan["source"]["commit"],)]


def test_another_repository_has_other_files(sqlite: Database) -> None:
    """Of the same names, and no business of the plan."""
    write("one/tasks/a.yaml", many(2))
    write("other/tasks/a.yaml", many(3))
    for folder in ("one", "other"):
        git(folder, "init", "-q")
        git(folder, "add", "tasks")
        git(folder, "commit", "-qm", folder)
    os.chdir("one")
    saved(sqlite, "tasks", file="../plan.json")
    os.chdir("../other")
    succeed(sqlite, "apply", "../plan.json")


def test_the_words_of_the_plan_hold(sqlite: Database) -> None:
    """The limit, the owner and the scope: none of them is asked for again."""
    succeed(sqlite, "--owner", "ops", write("tasks.yaml", many(10)))
    plan = saved(sqlite, "--owner", "ops", "--max-delete", "40%", write("tasks.yaml", many(6)))
    assert plan["saved"]["guards"]["max_delete"] == {"count": None, "percent": 40.0}
    succeed(sqlite, "apply", "plan.json")
    assert sqlite.query("SELECT owner, count(*) FROM reconciler_task GROUP BY owner") == [("ops", 6)]


def test_a_guard_that_holds_by_now_refuses(sqlite: Database) -> None:
    succeed(sqlite, *FREE, write("tasks.yaml", many(10)))
    saved(sqlite, "--max-delete", "30%", write("tasks.yaml", many(7)))
    succeed(sqlite, "--max-delete", "100%", write("fewer.yaml", many(6)), "--prune", "owned")
    ended = on(sqlite, "apply", "plan.json", "--format", "json")
    assert ended.code == 3
    assert [one["code"] for one in ended.json["blocked"]] == ["O006"]


def test_a_user_who_is_gone_is_an_error(sqlite: Database) -> None:
    saved(sqlite, write("tasks.yaml", many(1)))
    sqlite.query("UPDATE user_account SET email = 'anna@example.com' WHERE email = 'ann@example.com'")
    ended = on(sqlite, "apply", "plan.json", "--format", "json")
    assert ended.code == 1
    (found,) = ended.json["diagnostics"]
    assert (found["code"], found["file"], found["line"]) == ("U002", "tasks.yaml", 2)
    for format_, told in (("junit", '<testcase name="t00000" classname="tasks.yaml"'), ("gitlab", "U002: ")):
        assert told in on(sqlite, "apply", "plan.json", "--format", format_).out


def test_policies_are_asked_again(sqlite: Database) -> None:
    """Those of now, where they are, with the places of then."""
    git(".", "init", "-q")
    write("ops/tasks/a.yaml", [task("t-1"), task("t2")])
    os.chdir("ops")
    saved(sqlite, "tasks")
    Path("reconcile.yaml").write_text('policies: {names: {"tasks/**": "[a-z0-9]+", "ops/**": "x"}}\n')
    ended = on(sqlite, "apply", "plan.json", "--format", "json")
    assert ended.code == 1
    assert [(one["code"], one["file"], one["line"]) for one in ended.json["diagnostics"]] == [
        ("P001", "ops/tasks/a.yaml", 2)
    ]
    assert "t2" not in names(sqlite)
    with open("reconcile.yaml", "a") as stream:
        stream.write("rules: {P001: warning}\n")
    succeed(sqlite, "apply", "plan.json")


FROZEN = """\
environments:
  prod: {policies: {freezes: [{schedule: "* * * * *", duration: 1h}]}}
  test: {owner: default}
"""


@pytest.mark.parametrize("words", [(), ("--env", "test")])
def test_the_environment_of_the_plan_holds(sqlite: Database, words: tuple[str, ...]) -> None:
    """Else its freeze would be got around by leaving out a word."""
    Path("reconcile.yaml").write_text(FROZEN)
    planned = succeed(sqlite, "plan", "--out", "plan.json", "--env", "prod", write("tasks.yaml", many(2)))
    assert planned.err == "saved: reconcile apply plan.json --env prod\n"
    ended = on(sqlite, "apply", "plan.json", *words)
    assert ended.code == 64
    told = f"plan.json was planned with --env prod, and is to be applied {'with ' if words else 'without '}"
    assert only_line(ended).startswith(f"reconcile: {told}--env")
    refused = on(sqlite, "apply", "plan.json", "--env", "prod", "--format", "json")
    assert refused.code == 3
    assert [one["code"] for one in refused.json["blocked"]] == ["O009"]


def test_what_is_refused_is_not_saved(sqlite: Database) -> None:
    succeed(sqlite, write("tasks.yaml", many(10)))
    ended = on(sqlite, "plan", "--out", "plan.json", write("tasks.yaml", many(1)))
    assert ended.code == 3
    assert ended.err == "plan.json was not written: a plan that is refused cannot be applied\n"
    write("tasks.yaml", [task(AsUserEmail="nobody@example.com")])
    assert on(sqlite, "plan", "--out", "plan.json", "tasks.yaml").code == 1
    assert not Path("plan.json").exists()


def test_the_file_keeps_to_its_schemas(sqlite: Database) -> None:
    succeed(sqlite, write("tasks.yaml", [*many(3), task("s", Scheduler={"Overlap": "skip"})]))
    document = saved(sqlite, *FREE, write("tasks.yaml", [*many(2, JobType="x"), task("new")]))
    Draft202012Validator(json.loads(schema_text("saved-plan"))).validate(document)
    del document["saved"]
    Draft202012Validator(json.loads(schema_text("plan"))).validate(document)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"owner": "default"', '"owner": "other"'),
        ('"Schedule": "0 8 * * *"', '"Schedule": "* * * * *"'),
        ('"prune": "paths"', '"prune": "owned"'),
        ('"digest": "', '"digest": "0'),
    ],
)
def test_a_file_that_was_changed_is_refused(sqlite: Database, old: str, new: str) -> None:
    saved(sqlite, write("tasks.yaml", many(2)))
    file = Path("plan.json")
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    before = all_of(sqlite)
    ended = on(sqlite, "apply", "plan.json")
    assert ended.code == 1
    assert only_line(ended) == "reconcile: plan.json is not as it was saved: its digest is another"
    assert all_of(sqlite) == before


@pytest.mark.parametrize("part", [0.0, 0.2, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_short_is_refused(sqlite: Database, part: float) -> None:
    saved(sqlite, write("tasks.yaml", many(2)))
    content = Path("plan.json").read_bytes()
    Path("plan.json").write_bytes(content[: int(len(content) * part)])
    ended = on(sqlite, "apply", "plan.json")
    assert ended.code == 1
    assert "was cut short" in only_line(ended)


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\x00", b"\x00" * 10, b"[" * 100_000, b"null", b"{}", b'{"saved": []}', b'{"saved": {}}'],
)
def test_anything_else_is_refused_in_one_line(sqlite: Database, content: bytes) -> None:
    Path("plan.json").write_bytes(content)
    ended = on(sqlite, "apply", "plan.json")
    assert ended.code == 1
    assert only_line(ended).startswith("reconcile: plan.json ")


def test_of_two_at_once_one_applies_it(lived_in: Database) -> None:
    saved(lived_in, write("tasks.yaml", many(200)))
    words = ("apply", "plan.json", "--database-url", lived_in.url, "--format", "json")
    with running(*words) as one, running(*words) as other:
        told = [process.communicate(timeout=60) for process in (one, other)]
    assert sorted([one.returncode, other.returncode]) == [0, 3], told
    assert lived_in.query("SELECT count(*) FROM task WHERE substr(name, 1, 2) = 't0'") == [(200,)]
    assert lived_in.query("SELECT count(*) FROM reconciler_apply") == [(1,)]
    (refused,) = (json.loads(out) for out, _ in told if '"O006"' in out)
    assert "was applied already" in refused["blocked"][0]["message"]


def test_a_kill_in_mid_apply_leaves_the_plan_true(lived_in: Database) -> None:
    count = 1200
    succeed(lived_in, *FREE, write("tasks.yaml", many(40)))
    before, size = all_of(lived_in), len(rows(lived_in))
    saved(lived_in, *FREE, write("tasks.yaml", many(count, Attributes={"note": "x" * 200})))
    words = ("apply", "plan.json", "--yes", "--database-url", lived_in.url, "-v")
    for delay in (0.0, 0.06, 0.18):
        with running(*words) as process:
            assert process.stderr is not None
            until(process.stderr, "writing")
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(delay)
            os.kill(process.pid, signal.SIGKILL)
            process.communicate(timeout=60)
        if len(rows(lived_in)) != size:
            break
        assert all_of(lived_in) == before
    else:
        succeed(lived_in, "apply", "plan.json")
    assert len(rows(lived_in)) == size - 40 + count
    assert on(lived_in, "apply", "plan.json").code == 3


def test_an_expected_plan_is_applied_and_no_other(lived_in: Database) -> None:
    plan = dry_run(lived_in, write("tasks.yaml", many(2)))
    write("tasks.yaml", many(3))
    ended = on(lived_in, "--expect-plan", plan["plan_hash"], "--format", "json", "tasks.yaml")
    assert ended.code == 3
    (refused,) = ended.json["blocked"]
    assert refused["code"] == "O006"
    assert ended.json["plan_hash"] in refused["message"]
    assert "t00000" not in names(lived_in)
    succeed(lived_in, "--expect-plan", ended.json["plan_hash"], "tasks.yaml")
    assert "t00002" in names(lived_in)


def test_a_selection_is_saved_with_it(sqlite: Database) -> None:
    saved(sqlite, "--only", "t0000[01]", write("tasks.yaml", many(4)))
    succeed(sqlite, "apply", "plan.json")
    assert [name for name in names(sqlite) if name.startswith("t0")] == ["t00000", "t00001"]


def test_a_computed_schedule_is_saved_with_it(sqlite: Database) -> None:
    plan = saved(sqlite, write("tasks.yaml", [task(Schedule="H 2 * * *")]))
    applied = on(sqlite, "apply", "plan.json", "--format", "json").json
    assert applied["changes"] == plan["changes"]
    assert applied["changes"][0]["written_schedule"] == "H 2 * * *"


def test_standard_input_can_be_saved(sqlite: Database) -> None:
    text = write("tasks.yaml", many(1)).read_bytes()
    assert on(sqlite, "plan", "--out", "plan.json", "-", stdin=text).code == 0
    succeed(sqlite, "apply", "plan.json")


def test_a_hold_makes_it_untrue_and_so_does_its_end(lived_in: Database) -> None:
    succeed(lived_in, write("tasks.yaml", many(2)))
    write("tasks.yaml", many(2, JobType="x"))
    saved(lived_in, *FREE, "tasks.yaml")
    succeed(lived_in, "hold", "t00001", "--until", "2h", "--reason", "an incident")
    ended = on(lived_in, "apply", "plan.json", "--format", "json")
    assert moved(ended) == [("row", "t00001", "changed")]
    assert ended.json["moved"][0]["note"].startswith("it is on hold until 20")
    saved(lived_in, *FREE, "tasks.yaml", file="held.json")
    succeed(lived_in, "unhold", "t00001")
    ended = on(lived_in, "apply", "held.json", "--format", "json")
    assert moved(ended) == [("row", "t00001", "changed")]
    assert ended.json["moved"][0]["note"] == "its hold has ended"


def test_layers_are_files_of_the_plan(sqlite: Database) -> None:
    """Defaults and overlays: as they were read, they are nothing that appeared."""
    write("tasks/a.yaml", many(2))
    Path("tasks/_defaults.yaml").write_text("Defaults: {JobType: report}\n")
    Path("tasks/env/prod").mkdir(parents=True)
    Path("tasks/env/test").mkdir(parents=True)
    Path("tasks/env/prod/a.yaml").write_text("Tasks:\n  - Name: t00000\n    Active: false\n")
    Path("tasks/env/test/a.yaml").write_text("Tasks:\n  - Name: t00000\n    JobType: x\n")
    plan = saved(sqlite, "--env", "prod", "tasks")
    assert plan["saved"]["environment"] == "prod"
    assert sorted(plan["saved"]["files"]) == ["tasks/_defaults.yaml", "tasks/a.yaml", "tasks/env/prod/a.yaml"]
    succeed(sqlite, "apply", "plan.json")
    write("tasks/a.yaml", many(3))
    saved(sqlite, "--env", "prod", "tasks")
    Path("tasks/env/test/a.yaml").write_text("Tasks: []\n")
    Path("tasks/env/prod/b.yaml").write_text("Tasks:\n  - Name: t00001\n    Active: false\n")
    ended = on(sqlite, "apply", "plan.json", "--format", "json")
    assert moved(ended) == [("file", "tasks/env/prod/b.yaml", "appeared")]


@pytest.mark.parametrize("file", ["_defaults.yaml", "tasks/_defaults.yaml", "env/prod/a.yaml"])
def test_a_layer_that_appears_above_the_paths(sqlite: Database, file: str) -> None:
    git(".", "init", "-q")
    write("tasks/team/a.yaml", many(2))
    for folder in ("env/prod", "env/test"):
        Path(folder).mkdir(parents=True)
    Path("env/prod/other.yaml").write_text("Tasks:\n  - Name: t00001\n    Active: false\n")
    saved(sqlite, "--env", "prod", "tasks/team")
    Path("env/test/a.yaml").write_text("Tasks:\n  - Name: t00000\n    Active: false\n")
    Path("unread/_defaults.yaml").parent.mkdir()
    Path("unread/_defaults.yaml").write_text("Defaults: {JobType: report}\n")
    is_overlay = file.startswith("env/")
    layer = "Tasks:\n  - Name: t00000\n    JobType: x\n" if is_overlay else "Defaults: {JobType: report}\n"
    Path(file).write_text(layer)
    ended = on(sqlite, "apply", "plan.json", "--format", "json")
    assert moved(ended) == [("file", file, "appeared")]
    os.remove(file)
    succeed(sqlite, "apply", "plan.json")


def test_a_file_without_an_end_is_not_read_to_it(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.commands.files.SIZE", 1 << 20)
    ended = on(sqlite, "apply", "/dev/zero")
    assert ended.code == 64
    assert only_line(ended) == "reconcile: /dev/zero is larger than 1 MB"


def test_files_of_any_name_are_found_again(sqlite: Database) -> None:
    """By the name that is recorded: of what a link leads to, and with bytes that are no text escaped."""
    write("shared/a.yaml", many(1))
    Path("tasks").mkdir()
    Path("tasks/linked.yaml").symlink_to("../shared/a.yaml")
    with open(b"tasks/odd\xff.yaml", "wb") as stream:
        stream.write(write("b.yaml", many(1, "b")).read_bytes())
    plan = saved(sqlite, "tasks")
    assert sorted(plan["saved"]["files"]) == ["shared/a.yaml", "tasks/odd\\xff.yaml"]
    succeed(sqlite, "apply", "plan.json")
    saved(sqlite, "tasks")
    write("shared/a.yaml", many(2))
    os.remove(b"tasks/odd\xff.yaml")
    ended = on(sqlite, "apply", "plan.json", "--format", "json")
    assert moved(ended) == [
        ("file", "shared/a.yaml", "changed"),
        ("file", "tasks/odd\\xff.yaml", "gone"),
    ]
