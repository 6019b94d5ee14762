"""Exit codes, JSON, streams of every sort, and files of every sort."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.behaviour.program import (
    all_of,
    dry_run,
    many,
    on,
    only_line,
    ran,
    reconcile,
    running,
    shell,
    succeed,
    task,
    valid,
    write,
)
from tests.databases import Database, Databases


@pytest.fixture
def lived(databases: Databases) -> Database:
    return databases.captured("sqlite", "lived-in")


def test_exit_codes_one_by_one(lived: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    js = ("--format", "json")
    write("tasks.yaml", many(12))
    assert valid(on(lived, *js, "--dry-run", "tasks.yaml"))["outcome"] is None
    pending = on(lived, *js, "--dry-run", "--detailed-exitcode", "tasks.yaml")
    assert (pending.code, valid(pending)["summary"]["create"]) == (2, 12)
    done = on(lived, *js, "tasks.yaml")
    assert (done.code, valid(done)["outcome"]["verified"]) == (0, True)
    nothing = on(lived, *js, "--dry-run", "--detailed-exitcode", "tasks.yaml")
    assert (nothing.code, valid(nothing)["changes"]) == (0, [])
    wrong = on(lived, *js, write("wrong.yaml", [task("x", Schedule="61 * * * *")]))
    assert (wrong.code, [one["code"] for one in valid(wrong)["diagnostics"]]) == (1, ["S001"])
    for words in ((), ("--dry-run",)):
        refused = on(lived, *js, *words, write("tasks.yaml", []))
        assert (refused.code, {one["code"] for one in valid(refused)["blocked"]}) == (3, {"O001", "O003"})
    gone = on(lived, *js, "--no-such-option")
    assert (gone.code, gone.out) == (64, "")
    unreachable = reconcile(*js, "--database-url", "mysql://u@127.0.0.1:1/d", "tasks.yaml")
    assert (unreachable.code, unreachable.out) == (4, "")


def test_what_another_wrote_meanwhile_is_exit_5(lived: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.behaviour.program import watched

    def meddle(stage: str) -> None:
        if stage == "verifying":
            lived.query("UPDATE task SET schedule = '@yearly' WHERE name = 't00001'")

    with watched(meddle):
        ended = on(lived, "--format", "json", write("tasks.yaml", many(3)))
    assert ended.code == 5
    assert valid(ended)["outcome"] | {"apply_id": None} == {
        "applied": True,
        "verified": False,
        "apply_id": None,
    }


def test_an_unexpected_failure_is_one_document_and_one_line(
    lived: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reconciler import pipeline

    monkeypatch.setattr(pipeline, "_report", lambda *given: 1 / 0)
    ended = on(lived, "--format", "json", "--dry-run", write("tasks.yaml", many(1)))
    assert ended.code == 1
    assert "ZeroDivisionError" in valid(ended, "failure")["error"]["message"]
    assert len(ended.err.splitlines()) == 1
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    lost = on(lived, "--dry-run", "tasks.yaml")
    assert (lost.code, lost.out) == (1, "")
    assert "could not be written" in only_line(lost)


@pytest.mark.parametrize("output", ["no=such.format", "no/such/folder.json", "."])
def test_an_output_that_cannot_be_is_told_before_anything_is_done(lived: Database, output: str) -> None:
    before = all_of(lived)
    ended = on(lived, "--output", output, write("tasks.yaml", many(1)))
    assert ended.code == 64
    assert "--output" in only_line(ended)
    assert all_of(lived) == before


def test_an_output_beside_a_pipe_that_is_closed(lived: Database) -> None:
    """Who reads us has seen enough: the apply is done and told all the same."""
    read, write_end = os.pipe()
    os.close(read)
    words = ("--database-url", lived.url, "--output", "json=out.json", write("tasks.yaml", many(2000)))
    with running(*words, stdout=write_end) as process:
        os.close(write_end)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert json.loads(Path("out.json").read_text())["outcome"]["verified"] is True


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed(lived: Database, closed: str) -> None:
    write("tasks.yaml", many(2))
    ended = shell(f'"$@" --database-url {lived.url} tasks.yaml {closed}')
    assert (ended.code, ended.err) == (0, "")
    assert dry_run(lived, "tasks.yaml")["changes"] == []


def test_an_interrupt_after_the_commit_says_that_it_was_applied(lived: Database) -> None:
    write("tasks.yaml", many(2000))  # more than a pipe takes that nobody reads
    with running("--database-url", lived.url, "--yes", "tasks.yaml") as process:
        assert process.stdout is not None
        assert process.stdout.readline()  # what is shown comes after the commit
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    ((apply_id,),) = lived.query("SELECT apply_id FROM reconciler_apply")
    assert (process.returncode, err) == (130, f"reconcile: interrupted; it was applied as {apply_id}\n")


def test_a_full_disk_behind_stdout(lived: Database) -> None:
    write("tasks.yaml", many(2))
    ended = shell(f'"$@" --database-url {lived.url} --dry-run tasks.yaml > /dev/full')
    assert (ended.code, ended.out) == (1, "")
    assert only_line(ended) == "reconcile: cannot write to standard output: No space left on device"
    both = shell(f'"$@" --database-url {lived.url} -v --dry-run tasks.yaml > /dev/full 2> /dev/full')
    assert (both.code, both.out, both.err) == (1, "", "")
    quiet = shell(f'"$@" --database-url {lived.url} -v tasks.yaml 2> /dev/full')
    assert quiet.code == 0


@pytest.mark.parametrize(
    "env", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "ascii"}]
)
@pytest.mark.parametrize("format_", ["text", "json"])
def test_a_locale_without_letters(lived: Database, env: dict[str, str], format_: str) -> None:
    write("früh.yaml", [task("früh 🌅 \x7f")])
    words = f"--database-url {lived.url} --dry-run --format {format_} --output json=out.json"
    ended = shell(f'"$@" {words} .', env=env)
    assert ended.code == 1, ended.err  # N003
    assert "Traceback" not in ended.err
    if format_ == "json":
        assert [one["code"] for one in valid(ended)["diagnostics"]] == ["N003"]
        file = ended.json["diagnostics"][0]["file"]
        assert file.encode("utf-8", "surrogateescape") == "früh.yaml".encode()
    assert json.loads(Path("out.json").read_text())["diagnostics"][0]["code"] == "N003"


def test_no_home(lived: Database) -> None:
    write("tasks.yaml", many(1))
    ended = shell(f'unset HOME XDG_STATE_HOME; "$@" --database-url {lived.url} --dry-run tasks.yaml')
    assert (ended.code, ended.err) == (0, "")


def test_standard_input_twice_is_read_once(lived: Database) -> None:
    content = write("tasks.yaml", many(2)).read_bytes()
    ended = on(lived, "--dry-run", "--format", "json", "-", "-", stdin=content)
    assert (ended.code, valid(ended)["source"]["files"]) == (0, ["-"])
    assert ended.json["summary"]["create"] == 2


STRANGE = (
    b"new\nline.yaml",
    b"escape\x1b[31m.yaml",
    b"bytes\xff\xfe.yaml",
    "früh ☕.yaml".encode(),
    b"-.yaml",
    b" .yml",
)


def test_names_of_files_of_any_bytes(lived: Database) -> None:
    os.mkdir("tasks")
    for number, name in enumerate(STRANGE):
        Path("tasks", os.fsdecode(name)).write_bytes(write("one.yaml", [task(f"t{number}")]).read_bytes())
    plan = valid(on(lived, "--dry-run", "--format", "json", "tasks"))
    assert plan["summary"]["create"] == len(STRANGE)
    plan["source"]["files"][0].encode()
    applied = ran("--database-url", lived.url, "--output", "json=out.json", "tasks")
    assert applied.code == 0, applied.err
    assert "\x1b" not in applied.out
    assert dry_run(lived, "tasks")["changes"] == []
    os.unlink(os.fsdecode(b"tasks/bytes\xff\xfe.yaml"))
    assert [one["action"] for one in dry_run(lived, "tasks")["changes"]] == ["delete"]
    with open(os.fsdecode(b"tasks/bytes\xff\xfe.yaml"), "w") as file:
        file.write("Tasks: é")
    broken = ran("--database-url", lived.url, "--dry-run", "tasks", env={"PYTHONIOENCODING": "ascii"})
    assert (broken.code, broken.err) == (1, "")
    assert "error[F004]" in broken.out


def test_what_is_no_file_among_the_files(lived: Database) -> None:
    """A pipe has no end, a link may have no target, a folder may be named like a file."""
    os.mkdir("tasks")
    os.mkfifo("tasks/pipe.yaml")
    os.symlink("loop.yaml", "tasks/loop.yaml")
    os.symlink("nowhere", "tasks/dangling.yaml")
    os.symlink("..", "tasks/up")
    write("tasks/folder.yaml/inner.yaml", many(1))
    ended = on(lived, "--dry-run", "--format", "json", "tasks")
    assert ended.code == 1
    found = {(one["file"], one["code"]) for one in valid(ended)["diagnostics"]}
    assert found == {(f"tasks/{name}.yaml", "F001") for name in ("pipe", "loop", "dangling")}
    named = on(lived, "--dry-run", "tasks/loop.yaml", "tasks/nothing.yaml")
    assert (named.code, named.out.count("error[F001]")) == (1, 2)


def test_a_pipe_that_is_named_is_read(lived: Database) -> None:
    write("tasks.yaml", many(2))
    ended = shell(f'"$@" --database-url {lived.url} --dry-run <(cat tasks.yaml)')
    assert ended.code == 0, ended.out + ended.err
    assert "2 to add" in ended.out


ONE = b"Tasks:\n  - Name: x\n"
SIZES: dict[str, tuple[Callable[[], bytes], str]] = {
    "lines": (lambda: ONE + b"    Attributes:\n      note: |\n" + b"        line\n" * 200_000, "U001"),
    "bytes": (lambda: ONE + b"#" * (64 * 1024 * 1024), "F006"),
    "zeros": (lambda: bytes(1_000_000), "F002"),
    "brackets": (lambda: b"Tasks: " + b"[" * 1_000_000, "F006"),
    "braces": (lambda: b"{" * 300_000, "F006"),
    "dashes": (lambda: b"- " * 300_000, "F006"),
}


@pytest.mark.parametrize("name", SIZES)
def test_huge_files(lived: Database, name: str) -> None:
    content, code = SIZES[name]
    Path("tasks.yaml").write_bytes(content())
    ended = on(lived, "--dry-run", "--format", "json", "tasks.yaml")
    assert ended.code == 1
    assert code in {one["code"] for one in valid(ended)["diagnostics"]}


def test_many_files(lived: Database) -> None:
    for number in range(3000):
        write(f"tasks/{number % 50}/{number}.yaml", [task(f"t{number}")])
    assert dry_run(lived, "tasks")["summary"]["create"] == 3000
    succeed(lived, "-q", "tasks")
    assert dry_run(lived, "tasks")["changes"] == []
