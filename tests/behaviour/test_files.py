"""Files that commands are pointed at by mistake: none is lost, and none is read without end."""

import os
import sqlite3
import threading
from pathlib import Path

import pytest

from tests.behaviour.program import Ended, only_line, reconcile, shell

TASKS = "Tasks: []\n"


@pytest.fixture(autouse=True)
def stage(here: Path) -> None:
    assert reconcile("init").code == 0
    Path("tasks.yaml").write_text(TASKS)


def refused(*words: str) -> Ended:
    ended = reconcile(*words)
    assert (ended.code, ended.out) == (64, ""), ended.out
    return ended


OPTIONS = (("--dry-run", "--output", "json="), ("plan", "--out", ""), ("calendar", "--html", ""))


@pytest.mark.parametrize("words", OPTIONS, ids=lambda words: words[1])
def test_no_report_takes_the_place_of_the_table_or_of_tasks(words: tuple[str, ...]) -> None:
    *command, prefix = words
    told = only_line(refused(*command, prefix + "daptin.db"))
    assert (
        told == f"reconcile: {words[1]}: cannot write daptin.db: it is a SQLite database, which would be lost"
    )
    told = only_line(refused(*command, prefix + "tasks.yaml"))
    assert told == f"reconcile: {words[1]}: cannot write tasks.yaml: it is a YAML file, which would be lost"
    assert Path("tasks.yaml").read_text() == TASKS
    with sqlite3.connect("daptin.db") as connection:
        assert connection.execute("SELECT count(*) FROM task").fetchone() == (0,)
    connection.close()


def test_no_snapshot_takes_the_place_of_another_file() -> None:
    Path("plan.json").write_text("{}")
    for file in ("tasks.yaml", "daptin.db", "plan.json"):
        before = Path(file).read_bytes()
        assert f"{file} is there, and not a file of ours to replace" in only_line(
            refused("refs", "export", file)
        )
        assert Path(file).read_bytes() == before
    assert reconcile("refs", "export", "refs.json").code == 0
    assert reconcile("refs", "export", "refs.json").code == 0


def test_one_file_is_not_written_twice() -> None:
    told = only_line(refused("--dry-run", "--output", "json=out", "--output", "markdown=./out"))
    assert told == "reconcile: --output: cannot write out: it is named twice"
    told = only_line(refused("plan", "--out", "out", "--output", "json=out"))
    assert told == "reconcile: --out: cannot write out: it is named twice"
    assert not Path("out").exists()
    assert reconcile("--dry-run", "--output", "json=/dev/null", "--output", "text=/dev/null").code == 0


@pytest.mark.parametrize(
    "words",
    [("refs", "import"), ("validate", "--refs"), ("init", "--database-url", "sqlite:///new.db", "--refs")],
)
def test_a_device_without_an_end(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.commands.files.SIZE", 1 << 20)
    told = only_line(refused(*words, "/dev/zero"))
    assert told == "reconcile: /dev/zero is larger than 1 MB"


@pytest.mark.parametrize("command", ["--dry-run", "history"])
def test_settings_that_are_no_plain_file(command: str) -> None:
    Path("reconcile.yaml").symlink_to("/dev/zero")
    told = only_line(refused(command))
    assert told == "reconcile: reconcile.yaml: cannot be read: it is no plain file"


def test_a_pipe_is_written_to_and_stays_one() -> None:
    os.mkfifo("pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(Path("pipe").read_text()), daemon=True)
    reader.start()
    assert reconcile("refs", "export", "pipe").code == 0
    reader.join(10)
    assert read[0].startswith("{\n")
    assert Path("pipe").is_fifo()


def test_no_room_for_help() -> None:
    ended = shell('"$@" --help > /dev/full')
    assert (ended.code, only_line(ended)) == (
        1,
        "reconcile: cannot write to standard output: No space left on device",
    )


@pytest.mark.parametrize("format_", ["json", "gitlab", "sarif"])
def test_json_holds_nothing_that_a_terminal_acts_upon(format_: str) -> None:
    name = "a\\x9b31m\u202eb\u2028c"
    Path("t\u202ex.yaml").write_text(f'Tasks: [{{Name: "{name}", Schedule: "x"}}]\n')
    told = reconcile("validate", "--format", format_, "t\u202ex.yaml")
    assert told.code == 1
    assert not set(told.out).intersection("\x9b\u202e\u2028")
    assert told.json
