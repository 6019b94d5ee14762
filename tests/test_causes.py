"""Who stands behind a change: asked of real repositories, by the program."""

from pathlib import Path
from typing import Any

import pytest

from reconciler import causes
from tests.behaviour.conftest import here as here
from tests.behaviour.program import dry_run, many, on, succeed, task, write
from tests.databases import Database, Databases
from tests.repositories import git


@pytest.fixture
def database(databases: Databases, here: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """SQLite, for what asks git; and a repository in the working directory."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    git(here, "init", "--quiet")
    return databases.captured("sqlite", "lived-in")


def commit(here: Path, subject: str) -> None:
    git(here, "add", "--all")
    git(here, "commit", "--quiet", "--message", subject)


def subjects(plan: Any) -> dict[str, str | None]:
    """By task; "" where nobody is blamed, None where it is not committed yet."""
    return {one["name"]: one["blame"]["subject"] if one["blame"] else "" for one in plan["changes"]}


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("  - Name: daily report # of sales", "daily report"),
        ("    Name: a, b}c#d", "a, b}c#d"),
        ("- {Name: a b, Schedule: x}", "a b"),
        ("  - {Schedule: x, Name: b}", "b"),
        ('  - {"Name": "caf\\u00e9 \\"x\\"", "Schedule": "Name: y"}', 'café "x"'),
        ("  - 'Name' : 'it''s'", "it's"),
        ('  - Name: "\\x41"', ""),
        ("  - Surname: x", ""),
        ("    FileName: x", ""),
        ("  - Name:", ""),
        ("  # Name of it", ""),
    ],
)
def test_a_removed_line_gives_a_name(line: str, name: str) -> None:
    assert causes._name_in(line) == name


def test_everyone_is_found_who_made_a_change(database: Database, here: Path) -> None:
    write("tasks/a.yaml", [task("kept"), task("changed"), task("gone")])
    commit(here, "First")
    succeed(database, "tasks")
    write("tasks/a.yaml", [task("kept"), task("changed", Schedule="@daily"), task("gone")])
    commit(here, "Later")
    write("tasks/a.yaml", [task("kept"), task("changed", Schedule="@daily")])
    commit(here, "Less")
    write("tasks/b.yaml", [task("new")])
    plan = dry_run(database, "tasks", "--max-delete", "100%", "--max-update", "100%")
    assert subjects(plan) == {"gone": "Less", "changed": "Later", "new": None}


PROD = Path("tasks/env/prod/x.yaml")
DEFAULTS = Path("tasks/_defaults.yaml")


def layered(here: Path) -> None:
    """Two tasks, an overlay and defaults, each by a commit of its own."""
    write("tasks/a.yaml", [task("a"), task("b"), task("own", JobType="own")])
    commit(here, "Tasks")
    PROD.parent.mkdir(parents=True)
    PROD.write_text(
        "Tasks:\n  - Name: a\n    Schedule: '@daily'\n    Attributes: {x: 1}\n  - Name: b\n    Active: true\n"
    )
    commit(here, "Overlay")
    DEFAULTS.write_text("Defaults:\n  JobType: one\n  Lifecycle:\n    IgnoreChanges:\n      - Active\n")
    commit(here, "Defaults")


def changed(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def prod(database: Database) -> dict[str, str | None]:
    return subjects(dry_run(database, "--env", "prod", "tasks", "--max-update", "100%"))


def test_a_value_of_another_file_is_of_who_wrote_it_there(database: Database, here: Path) -> None:
    layered(here)
    succeed(database, "--env", "prod", "tasks")
    changed(PROD, "@daily", "@weekly")
    commit(here, "Weekly in prod")
    changed(PROD, "Active: true", "Active: false")
    commit(here, "Without b in prod")
    assert prod(database) == {"a": "Weekly in prod"}  # Active is left to operators
    changed(DEFAULTS, "JobType: one", "JobType: two")
    commit(here, "Two")
    assert prod(database) == {"a": "Two", "b": "Two"}  # the later of both
    changed(PROD, "x: 1", "x: 2")
    assert prod(database) == {"a": None, "b": "Two"}


def test_a_page_of_a_task_names_who_touched_it_last_wherever(database: Database, here: Path) -> None:
    layered(here)
    page = succeed(database, "explain", "b", "--env", "prod", "--format", "json", "tasks").json
    assert page["blame"]["subject"] == "Defaults"
    changed(PROD, "Active: true", "Active: false")
    commit(here, "Without b in prod")
    page = succeed(database, "explain", "b", "--env", "prod", "--format", "json", "tasks").json
    assert page["blame"]["subject"] == "Without b in prod"
    page = succeed(database, "explain", "own", "--format", "json", "tasks").json
    assert page["blame"]["subject"] == "Defaults"  # its Lifecycle


def test_a_value_of_several_lines_is_of_who_wrote_any_of_them(database: Database, here: Path) -> None:
    layered(here)
    PROD.write_text("Tasks:\n  - Name: a\n    Attributes:\n      list:\n      - 1\n      - 2\n      y: 1\n")
    commit(here, "List")
    succeed(database, "--env", "prod", "tasks")
    changed(PROD, "- 2", "- 3")
    commit(here, "Three")
    changed(PROD, "y: 1", "# why\n      y: 1")
    commit(here, "Comment")
    assert prod(database) == {"a": "Three"}


def test_a_change_of_the_task_itself_is_of_its_own_lines(database: Database, here: Path) -> None:
    layered(here)
    succeed(database, "--env", "prod", "tasks")
    changed(Path("tasks/a.yaml"), '"JobType": "own"', '"JobType": "other"')
    commit(here, "Other")
    changed(DEFAULTS, "JobType: one", "# of most\n  JobType: one")
    commit(here, "Comment")
    assert prod(database) == {"own": "Other"}


def test_what_a_layer_says_no_more_is_of_who_took_it_out(database: Database, here: Path) -> None:
    layered(here)
    succeed(database, "--env", "prod", "tasks")
    git(here, "rm", "--quiet", str(PROD))
    Path("tasks/env/prod").mkdir(parents=True)
    Path("tasks/env/prod/none.yaml").write_text("Tasks: []\n")
    commit(here, "Without overlay")
    write("tasks/env/test/a.yaml", [])
    commit(here, "Another environment")
    assert prod(database) == {"a": "Without overlay"}
    git(here, "rm", "--quiet", str(DEFAULTS))
    commit(here, "Without defaults")
    assert set(prod(database).values()) == {"Without defaults"}


def test_a_task_in_a_file_that_was_removed_is_found_by_its_commit(database: Database, here: Path) -> None:
    write("tasks/a.yaml", [task("a")])
    write("tasks/b.yaml", [task("b")])
    commit(here, "First")
    succeed(database, "tasks")
    git(here, "rm", "--quiet", "tasks/b.yaml")
    commit(here, "Without b")
    assert subjects(dry_run(database, "tasks", "--max-delete", "100%")) == {"b": "Without b"}


def test_a_change_of_the_table_is_nobodys(database: Database, here: Path) -> None:
    write("tasks/a.yaml", [task("a"), task("b")])
    commit(here, "First")
    succeed(database, "tasks")
    database.query("UPDATE task SET schedule = '@daily', version = version + 1 WHERE name = 'a'")
    database.query("DELETE FROM task WHERE name = 'b'")
    assert subjects(dry_run(database, "tasks")) == {"a": "", "b": ""}


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_other_ends_of_lines_are_no_trouble(database: Database, here: Path, newline: str) -> None:
    text = "Tasks:\n" + "".join(
        f"  - Name: t{number}\n    Schedule: 0 8 * * *\n    EntityName: event\n    ActionName: log_run\n"
        "    AsUserEmail: ann@example.com\n    Attributes: {note: n}\n\n"
        for number in range(3)
    )
    Path("tasks.yaml").write_bytes(text.replace("\n", newline).encode())
    commit(here, "First")
    found = subjects(dry_run(database, "tasks.yaml"))
    assert set(found) == {"t0", "t1", "t2"}
    assert set(found.values()) == {"First"} if newline == "\r\n" else {""}


def test_many_changes_are_told_without_their_authors(database: Database, here: Path) -> None:
    write("tasks/a.yaml", many(causes.MOST + 1))
    commit(here, "Many")
    plan = dry_run(database, "tasks")
    assert set(subjects(plan).values()) == {""}
    assert plan["notes"] == [f"Who stands behind more than {causes.MOST} changes is not told."]


def test_a_large_file_and_many_files_are_told_in_part(
    database: Database, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(causes, "LARGEST", 1000)
    monkeypatch.setattr(causes, "MOST_FILES", 2)
    write("tasks/a.yaml", many(20, "a"))
    for name in "bcd":
        write(f"tasks/{name}.yaml", [task(name)])
    commit(here, "All")
    plan = dry_run(database, "tasks")
    assert {name for name, subject in subjects(plan).items() if subject} == {"b", "c"}
    assert plan["notes"] == [
        "Who wrote what in tasks/a.yaml is not told: it is too large.",
        "Who wrote what is told of the first 2 files with changes only.",
    ]


def test_a_repository_without_a_commit_and_a_name_like_an_option(database: Database, here: Path) -> None:
    write("tasks/--output=x.yaml", [task("--output=stolen"), task("a")])
    assert set(subjects(dry_run(database, "tasks")).values()) == {""}
    commit(here, "First")
    assert set(subjects(dry_run(database, "tasks")).values()) == {"First"}
    succeed(database, "tasks")
    write("tasks/--output=x.yaml", [task("a")])
    commit(here, "Without \x1b[31m red")
    shown = on(database, "--dry-run", "tasks", "--max-delete", "100%").out
    assert "Without �[31m red" in shown
    assert not Path("stolen").exists()


def test_git_that_takes_too_long_is_not_waited_for(
    database: Database, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("tasks/a.yaml", [task("a")])
    commit(here, "First")
    monkeypatch.setattr("reconciler.git.PATIENCE", 0.0)
    assert subjects(dry_run(database, "tasks")) == {"a": ""}
