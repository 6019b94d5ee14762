"""The program as users run it, in this process or in one of its own, and what it leaves in a database."""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reconciler.cli.main import run
from tests.databases import Database

MAIN = "from reconciler.cli.main import main; main()"
PROGRAM = (sys.executable, "-c", MAIN)
FREE = ("--max-delete", "100%", "--max-update", "100%", "--allow-empty")
JOINS = "task_task_id_has_usergroup_usergroup_id"
SCHEMAS = Path(__file__).parents[2] / "schemas"
SAID = """
SELECT t.name, t.schedule, t.entity_name, t.action_name, u.email, t.active, t.job_type, t.attributes
FROM task t LEFT JOIN user_account u ON u.id = t.as_user_id ORDER BY t.name, t.id
"""

EXPRESSIBLE = ["heartbeat", "nightly-schema", "paused-export", "renamed", "weekdays"]
"""The rows of the captured database `lived-in` that a file can declare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out, parse_constant=_refuse)


def _refuse(word: str) -> None:
    raise AssertionError(f"{word} is not JSON")


def reconcile(*words: str | Path, stdin: bytes = b"") -> Ended:
    """Run it in this process."""
    out, err = io.StringIO(), io.StringIO()
    stdin_before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(stdin))
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            run([str(word) for word in words])
    except SystemExit as end:
        code = end.code
        assert isinstance(code, int)
        return Ended(code=code, out=out.getvalue(), err=err.getvalue())
    finally:
        sys.stdin = stdin_before


def on(database: Database, *words: str | Path, stdin: bytes = b"") -> Ended:
    return reconcile("--database-url", database.url, *words, stdin=stdin)


def succeed(database: Database, *words: str | Path) -> Ended:
    ended = on(database, *words)
    assert ended.code == 0, ended.out + ended.err
    return ended


def dry_run(database: Database, *words: str | Path) -> Any:
    """The plan as JSON, with exit code 0."""
    return succeed(database, "--dry-run", "--format", "json", *words).json


def spawned(
    *words: str | Path, env: Mapping[str, str] | None = None, **streams: Any
) -> "subprocess.Popen[str]":
    """Run it in a process of its own. Its environment is ours, and `env` besides."""
    pipes: dict[str, Any] = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
    }
    command = (*PROGRAM, *map(str, words))
    return subprocess.Popen(command, env={**os.environ, **(env or {})}, text=True, **{**pipes, **streams})


@contextlib.contextmanager
def running(*words: str | Path, **more: Any) -> Iterator["subprocess.Popen[str]"]:
    """As `spawned`; it is over at the end of the block."""
    with spawned(*words, **more) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def ran(*words: str | Path, **more: Any) -> Ended:
    """Run it in a process of its own, to its end."""
    with running(*words, **more) as process:
        out, err = process.communicate(timeout=120)
    return Ended(code=process.returncode, out=out or "", err=err or "")


def task(name: str = "daily", **keys: Any) -> dict[str, Any]:
    """One that the captured database `lived-in` takes without a warning."""
    known = {
        "Name": name,
        "Schedule": "0 8 * * *",
        "EntityName": "event",
        "ActionName": "log_run",
        "AsUserEmail": "ann@example.com",
        "Attributes": {"note": "n"},
    }
    return {**known, **keys}


def guests(name: str, **keys: Any) -> dict[str, Any]:
    """A task for a database where nobody has signed up yet."""
    known = {
        "EntityName": "world",
        "ActionName": "download_system_schema",
        "AsUserEmail": "guest@cms.go",
        "Attributes": {},
    }
    return task(name, **known) | keys


def yaml_of(tasks: Iterable[Mapping[str, Any]]) -> str:
    """JSON, which is YAML but for its surrogate pairs, a line each: quick to write and to read."""
    lines = "".join(f"  - {_escaped(json.dumps(one, ensure_ascii=False))}\n" for one in tasks)
    return f"Tasks:\n{lines}" if lines else "Tasks: []\n"


def _escaped(text: str) -> str:
    return "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in text)


def write(path: str | Path, tasks: Iterable[Mapping[str, Any]]) -> Path:
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml_of(tasks), encoding="utf-8")
    return path


def many(count: int, prefix: str = "t", **keys: Any) -> list[dict[str, Any]]:
    return [task(f"{prefix}{number:05}", **keys) for number in range(count)]


def rows(database: Database, where: str = "1 = 1", parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Every column of rows of `task`."""
    return database.query(f"SELECT * FROM task WHERE {where} ORDER BY id", parameters)


def said(database: Database) -> dict[str, Any]:
    """What each row says: its fields, the attributes as a value."""
    return {name: (*rest, _value(attributes)) for name, *rest, attributes in database.query(SAID)}


def _value(attributes: str) -> Any:
    try:
        return json.loads(attributes)
    except ValueError:
        return attributes


def joins(database: Database, where: str = "1 = 1", parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    return database.query(f"SELECT * FROM {JOINS} WHERE {where} ORDER BY id", parameters)


def records(database: Database) -> list[tuple[Any, ...]]:
    """The bookkeeping of rows; nothing where there is none."""
    known = database.query(
        {
            "sqlite": "SELECT name FROM sqlite_master",
            "postgresql": "SELECT tablename::text FROM pg_tables",
            "mysql": "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()",
        }[database.kind]
    )
    if ("reconciler_task",) not in known:
        return []
    return database.query("SELECT * FROM reconciler_task ORDER BY reference_id")


def all_of(database: Database) -> tuple[Any, ...]:
    """All that an apply may change, but its diary."""
    return rows(database), joins(database), records(database)


def names(database: Database) -> list[str]:
    return [name for (name,) in database.query("SELECT name FROM task ORDER BY id")]


def only_line(ended: Ended) -> str:
    """What a program that failed says: a line and a hint perhaps, on stderr alone."""
    assert ended.out == ""
    assert "Traceback" not in ended.err
    line, *hints = ended.err.splitlines()
    assert line.startswith("reconcile: ")
    assert len(hints) <= 1
    assert all(hint.startswith("  hint: ") for hint in hints)
    return line


def until(lines: Iterable[str], stage: str) -> None:
    """Read what a program says, up to the start of a stage."""
    for line in lines:
        if line.startswith(stage):
            return
    raise AssertionError(f"it ended before {stage}")


@contextlib.contextmanager
def watched(watch: Callable[[str], None]) -> Iterator[None]:
    """Told, within the apply, of the start of each stage: no need to hit a moment."""
    from reconciler.cli import plan_steps

    @contextlib.contextmanager
    def watching(given: Any) -> Iterator[Callable[[str], None]]:
        yield watch

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan_steps, "watching", watching)
        yield


def valid(ended: Ended, schema: str = "plan") -> Any:
    """The one document on stdout."""
    document = ended.json
    jsonschema.validate(document, json.loads((SCHEMAS / f"{schema}.schema.json").read_text()))
    return document


def shell(line: str, env: dict[str, str] | None = None) -> Ended:
    """A line of bash, in which `"$@"` is the program."""
    done = subprocess.run(
        ["bash", "-c", line, "bash", *PROGRAM],
        env={**os.environ, **(env or {})},
        capture_output=True,
        check=False,
        timeout=60,
    )
    return Ended(code=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())


def columns_of(database: Database) -> list[str]:
    with database.connection() as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT * FROM task")
        return [column[0] for column in cursor.description]
