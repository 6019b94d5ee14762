"""`task-scheduler` in a process of its own."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.behaviour.program import Ended, succeed
from tests.databases import Database

PROGRAM = (sys.executable, "-c", "from reconciler.cli.scheduler import main; main()")


def task(name: str, schedule: str = "@every 1s", action: str = "note", **keys: Any) -> Mapping[str, Any]:
    return {
        "Name": name,
        "Schedule": schedule,
        "EntityName": "job",
        "ActionName": action,
        "AsUserEmail": "ann@example.com",
        **keys,
    }


def apply(database: Database, tasks: Sequence[Mapping[str, Any]], *words: str) -> None:
    Path("tasks.yaml").write_text(yaml.safe_dump({"Tasks": list(tasks)}), encoding="utf-8")
    succeed(database, "--yes", *words)


def start(database: Database, *words: str, log: str = "log") -> "subprocess.Popen[bytes]":
    """The log goes to a file; its lines are there as they are written."""
    command = (*PROGRAM, "--database-url", database.url, "--actions", "tests.scheduler.acts", *words)
    with open(log, "ab") as file:
        return subprocess.Popen(command, stderr=file, stdin=subprocess.DEVNULL, env=dict(os.environ))


@contextlib.contextmanager
def scheduler(database: Database, *words: str, log: str = "log") -> Iterator["subprocess.Popen[bytes]"]:
    process = start(database, *words, log=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def run_task(database: Database, name: str, url: str, *words: str) -> Ended:
    """Once, by a Daptin server."""
    command = (*PROGRAM, "run", name, "--database-url", database.url, "--daptin-url", url, *words)
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return Ended(code=ended.returncode, out=ended.stdout, err=ended.stderr)


def end(process: "subprocess.Popen[bytes]", sign: signal.Signals = signal.SIGTERM) -> int:
    process.send_signal(sign)
    return process.wait(30)


def lines(log: str = "log") -> list[str]:
    """What was logged, without the times."""
    found = Path(log).read_text(encoding="utf-8").splitlines()
    return [line[:4] + line[line.index("]") + 1 :] if "]" in line else line for line in found]


def runs(database: Database, **where: Any) -> list[tuple[Any, ...]]:
    """(name, state, error) of the history, the oldest moment first."""
    tests = " AND ".join(f"{key} = ?" for key in where) or "1 = 1"
    statement = f"SELECT name, state, error FROM reconciler_run WHERE {tests} ORDER BY moment"
    return database.query(statement, tuple(where.values()))
