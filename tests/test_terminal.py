"""On a real (pseudo) terminal: the question before an apply, colours, the progress bar."""

import contextlib
import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.cli.main import run
from tests.behaviour.program import MAIN, PROGRAM
from tests.repositories import TASKS


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for line in ("init", "users add reports@example.com", "actions add report generate_report"):
        with pytest.raises(SystemExit):
            run(line.split())
    (tmp_path / "tasks.yaml").write_text(TASKS)
    return tmp_path


def on_a_terminal(*words: str, answer: str = "", program: tuple[str, ...] = PROGRAM) -> tuple[int, str]:
    """Exit code and everything shown, by a program whose streams are all a terminal."""
    mine, its = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen((*program, *words), stdin=its, stdout=its, stderr=its, env=environment) as process:
        os.close(its)
        os.write(mine, answer.encode())
        shown = b"".join(iter(lambda: _read(mine), b""))
    os.close(mine)
    return process.returncode, shown.decode().replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # how Linux tells the end of a terminal
        return b""


def names() -> list[str]:
    with sqlite3.connect("daptin.db") as connection:
        rows = connection.execute("SELECT name FROM task").fetchall()
    connection.close()
    return [name for (name,) in rows]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("answer", "code", "rows"),
    [("y\n", 0, ["daily_report"]), ("n\n", 130, []), ("\n", 130, [])],
)
def test_an_apply_asks_first(answer: str, code: int, rows: list[str]) -> None:
    ended, shown = on_a_terminal(answer=answer)
    assert (ended, names()) == (code, rows)
    assert "Plan: 1 to add" in shown
    assert "Apply to sqlite:///daptin.db as owner default? [y/N]" in shown
    assert shown.count("+ daily_report") == 1  # not once more behind the answer


@pytest.mark.usefixtures("here")
def test_with_yes_it_does_not_ask() -> None:
    ended, shown = on_a_terminal("--yes")
    assert (ended, names()) == (0, ["daily_report"])
    assert "Apply to" not in shown


@pytest.mark.usefixtures("here")
def test_nothing_to_do_is_not_asked_about() -> None:
    on_a_terminal("--yes")
    ended, shown = on_a_terminal()
    assert ended == 0
    assert "Apply to" not in shown


def asked() -> tuple[subprocess.Popen[bytes], int]:
    """A program that has shown its question and waits, and our side of its terminal."""
    mine, its = pty.openpty()
    process = subprocess.Popen(PROGRAM, stdin=its, stdout=its, stderr=its)
    os.close(its)
    shown = b""
    while b"[y/N]" not in shown:
        more = _read(mine)
        assert more, f"it ended without a question: {shown.decode()}"
        shown += more
    return process, mine


@pytest.mark.usefixtures("here")
def test_an_interrupt_at_the_question_applies_nothing() -> None:
    process, mine = asked()
    with process:
        # Once more where the first one came between the question and the wait for its answer.
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=1)
        rest = b"".join(iter(lambda: _read(mine), b"")).decode()
    os.close(mine)
    assert (process.returncode, names()) == (130, [])
    assert "Traceback" not in rest


@pytest.mark.usefixtures("here")
def test_another_plan_under_the_lock_is_refused() -> None:
    """Between the question and the answer somebody else makes the row."""
    process, mine = asked()
    with process:
        with sqlite3.connect("daptin.db") as connection:
            connection.execute(
                "INSERT INTO task (reference_id, permission, name, action_name, entity_name, schedule,"
                " active, attributes, job_type)"
                " VALUES (randomblob(16), 0, 'daily_report', '', '', '', 1, '{}', '')"
            )
        connection.close()
        os.write(mine, b"y\n")
        rest = b"".join(iter(lambda: _read(mine), b"")).decode()
    os.close(mine)
    assert process.returncode == 3
    assert "O006" in rest


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("answer", "code"), [("n\n", 130), ("y\n", 0)])
def test_a_saved_plan_and_an_undo_ask_too(answer: str, code: int) -> None:
    assert on_a_terminal("plan", "--out", "plan.json")[0] == 0
    ended, shown = on_a_terminal("apply", "plan.json", answer=answer)
    assert ended == code
    assert shown.count("+ daily_report") == 1
    assert "Apply to sqlite:///daptin.db as owner default?" in shown
    assert names() == (["daily_report"] if code == 0 else [])
    on_a_terminal("apply", "plan.json", "--yes")
    ended, shown = on_a_terminal("undo", "last", answer=answer)
    assert (ended, shown.count("- daily_report")) == (code, 1)
    assert names() == ([] if code == 0 else ["daily_report"])


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 130)])
def test_a_repair_and_changing_hands_ask_too(answer: str, code: int) -> None:
    with pytest.raises(SystemExit):
        run(["--yes"])
    with sqlite3.connect("daptin.db") as connection:
        connection.execute("UPDATE task SET schedule = '@hourly'")
    connection.close()
    for words in (("drift", "--fix"), ("release", "daily*"), ("adopt", "--all")):
        ended, shown = on_a_terminal(*words, answer=answer)
        if words[0] != "adopt" or not code:  # nothing was released, so that nothing is to be adopted
            assert (ended, "Apply to sqlite:///daptin.db" in shown) == (code, True), shown
    assert on_a_terminal("drift")[0] == (2 if code else 0)


@pytest.mark.usefixtures("here")
def test_colours_are_for_terminals() -> None:
    _, shown = on_a_terminal("--dry-run")
    assert "\x1b[32m+ daily_report\x1b[0m" in shown
    _, plain = on_a_terminal("--dry-run", "--no-color")
    assert "\x1b" not in plain
    assert plain == re.sub(r"\x1b\[[0-9;]*m", "", shown)


@pytest.mark.usefixtures("here")
def test_a_long_run_shows_a_bar_that_is_gone_at_the_end() -> None:
    """What is long is a matter of patience: here there is none."""
    impatient = (sys.executable, "-c", f"from reconciler.cli import watching; watching.PATIENCE = 0; {MAIN}")
    _, quiet = on_a_terminal("--dry-run", "--quiet", program=impatient)
    assert "planning" not in quiet
    _, patient = on_a_terminal("--dry-run")
    assert "planning" not in patient
    _, shown = on_a_terminal("--dry-run", program=impatient)
    assert "planning" in shown
    assert "\x1b[2K" in shown  # the bar's line is erased
    assert shown.rstrip().endswith("Plan: 1 to add, 0 to change, 0 to delete, 0 to adopt.")
