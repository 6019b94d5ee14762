"""A captured database that has lived, adopted into git from nothing, and lived with from then on."""

import re
from pathlib import Path

from tests.behaviour.program import EXPRESSIBLE, Ended, dry_run, joins, on, reconcile, rows, succeed
from tests.databases import Database
from tests.repositories import git


def commit(message: str) -> str:
    git(".", "add", "-A")
    git(".", "commit", "-q", "-m", message)
    return git(".", "rev-parse", "HEAD")


def edit(file: str, before: str, after: str) -> None:
    text = Path(file).read_text(encoding="utf-8")
    assert before in text
    Path(file).write_text(text.replace(before, after), encoding="utf-8")


def schedule(database: Database, name: str) -> str:
    ((found,),) = database.query("SELECT schedule FROM task WHERE name = ?", (name,))
    return str(found)


def peace(database: Database) -> Ended:
    """Git and the table say the same."""
    assert dry_run(database, "tasks")["changes"] == []
    return succeed(database, "--dry-run", "--detailed-exitcode", "tasks")


def test_a_table_comes_to_git_and_is_lived_with(lived_in: Database) -> None:
    git(".", "init", "-q", "-b", "main")
    before = rows(lived_in), joins(lived_in)

    exported = succeed(lived_in, "export", "--all", "-o", "tasks")
    assert "Exported 5 tasks" in exported.out
    assert all(f"row {number}, " in exported.out for number in (4, 5, 7, 8))
    adopted = commit("Adopt the table")

    plan = dry_run(lived_in, "tasks")
    assert [(one["action"], one["name"], one["fields"]) for one in plan["changes"]] == [
        ("adopt", name, []) for name in EXPRESSIBLE
    ]
    assert (plan["source"]["commit"], plan["source"]["dirty"]) == (adopted, False)
    succeed(lived_in, "--yes", "tasks")
    assert (rows(lived_in), joins(lived_in)) == before
    peace(lived_in)
    assert git(".", "status", "--porcelain") == ""

    # a change in git
    edit("tasks/world.yaml", '"0 2 * * *"', '"30 2 * * *"')
    commit("Half past two")
    (change,) = dry_run(lived_in, "tasks")["changes"]
    assert (change["name"], change["reason"], change["fires"]["after"] is None) == (
        "nightly-schema",
        "git",
        False,
    )
    succeed(lived_in, "--yes", "tasks")
    assert schedule(lived_in, "nightly-schema") == "30 2 * * *"
    peace(lived_in)

    # a hand in the table
    lived_in.query("UPDATE task SET schedule = '@hourly' WHERE name = 'heartbeat'")
    drifted = on(lived_in, "drift", "tasks")
    assert drifted.code == 2
    assert "heartbeat" in drifted.out
    succeed(lived_in, "drift", "--fix", "--yes", "tasks")
    assert schedule(lived_in, "heartbeat") == "@every 5m"
    peace(lived_in)

    # the hand was right: the row goes to git, by the file that is recorded for it
    lived_in.query("UPDATE task SET schedule = '@hourly' WHERE name = 'heartbeat'")
    succeed(lived_in, "export", "--all", "-o", "tasks", "--overwrite")
    assert git(".", "diff", "--stat").endswith("1 insertion(+), 1 deletion(-)")
    commit("Keep what ops chose")
    peace(lived_in)

    # a mistake, undone in the table and in git
    edit("tasks/world.yaml", '"30 2 * * *"', '"0 3 * * *"')
    commit("At three")
    succeed(lived_in, "--yes", "tasks")
    succeed(lived_in, "undo", "last", "--yes")
    assert schedule(lived_in, "nightly-schema") == "30 2 * * *"
    git(".", "revert", "--no-edit", "HEAD")
    peace(lived_in)

    # one of the rows that could never run is mended in git, where it is a comment
    file = Path("tasks/world.yaml")
    comment = re.search(r"(  # row 5 .*\n  # error.*\n)((?:  # .*\n)+)", file.read_text(encoding="utf-8"))
    assert comment is not None
    edit(str(file), comment[0], comment[2].replace("  # ", "  ").replace("61 *", "6 *"))
    assert reconcile("fmt", "--check", "tasks").code == 0
    commit("Let it run")
    (change,) = dry_run(lived_in, "tasks")["changes"]
    assert (change["action"], change["name"], [one["path"] for one in change["fields"]]) == (
        *("adopt", "bad-schedule"),
        ["Schedule"],
    )
    succeed(lived_in, "--yes", "tasks")
    peace(lived_in)
    assert len(rows(lived_in)) == len(before[0])
