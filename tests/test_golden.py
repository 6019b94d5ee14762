"""What a user sees, case by case: a folder each below `golden/`.

    case.yaml      `run`: the command lines whose output is expected, in order: of `reconcile`, or of the
                   `task-scheduler` that they begin with; `COLUMNS=50` before one is the width of the
                   screen, and `environ:` sets variables for those that follow
                   `before`: command lines, `sql:` statements and `sh:` scripts that set the stage
                   `embedded: true`: an embedded database with a small catalogue is there from the start
    (other files)  the working directory of the case
    expected.txt   for each of `run`: the command, stdout, stderr and the exit code

`make golden` writes every expected.txt anew; read the difference as prose before you commit it.
"""

import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import jsonschema
import pytest
import yaml

from reconciler.cli import main, scheduler
from reconciler.shipped import schema_names, schema_text

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.parent.relative_to(GOLDEN).as_posix() for path in GOLDEN.rglob("case.yaml"))
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"

EMBEDDED = (
    "init",
    "users add reports@example.com",
    "users add system@example.com",
    "actions add report generate_report --input type? --input format?",
    "actions add integration sync_external_data --input source?",
)

SCHEDULER = "task-scheduler "
OUTPUTS = {
    name: jsonschema.Draft202012Validator(json.loads(schema_text(name)))
    for name in schema_names()
    if name not in ("tasks", "reconcile")
}
"""The schemas of what `--format json` prints: every document fits one."""

HELP = re.compile(r'"markdown": ".*"')
UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}((-[0-9a-f]{4}){2}-[0-9a-f]{12})?\b")
"""Whole, or the beginning that names an apply."""
CONTROLLED = (
    *("RECONCILE_OWNER", "RECONCILE_DATABASE_URL", "RECONCILE_TIMEZONE"),
    *("DAPTIN_DB_TYPE", "GITHUB_ACTIONS", "RECONCILE_ENV", "RECONCILE_NOTIFY"),
)


@pytest.mark.parametrize("case", CASES)
def test_golden(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = GOLDEN / case
    story = yaml.safe_load((folder / "case.yaml").read_text())
    here = tmp_path / "here"
    shutil.copytree(folder, here, ignore=shutil.ignore_patterns("case.yaml", "expected.txt"))
    monkeypatch.chdir(here)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))  # a case is not part of this repository
    monkeypatch.setenv("LOGNAME", "ann")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in CONTROLLED:
        monkeypatch.delenv(name, raising=False)
    embedded = EMBEDDED if story.get("embedded") else ()
    for step in (*embedded, *story.get("before", ())):
        _set_stage(step)
        capsys.readouterr()
    told = "\n".join(filter(None, (_told(step, capsys, monkeypatch) for step in story["run"])))
    expected = folder / "expected.txt"
    if UPDATE:
        expected.write_text(told)
    assert told == expected.read_text()
    for document in _documents(told):
        assert [name for name, schema in OUTPUTS.items() if schema.is_valid(document)], document


def _documents(told: str) -> Iterator[Any]:
    """The JSON documents of ours in what was told."""
    for text in re.findall(r"^\{\n.*?^\}$", told, re.MULTILINE | re.DOTALL):
        document = json.loads(text)
        if "format_version" in document:
            yield document


def _set_stage(step: str | dict[str, str]) -> None:
    if isinstance(step, dict) and "sh" in step:
        subprocess.run(["sh", "-ec", step["sh"]], check=True, capture_output=True, env=_git_environment())
    elif isinstance(step, dict):
        with sqlite3.connect("daptin.db") as connection:
            connection.executescript(step["sql"])
        connection.close()
    else:
        assert _code(step) == 0, step


def _git_environment() -> dict[str, str]:
    """Commits of the same ids on every machine."""
    person = {"NAME": "Ann Lee", "EMAIL": "ann@example.com", "DATE": "2026-11-30T10:00:00+0100"}
    roles = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in person.items()}
    return {**os.environ, **roles, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}


def _told(
    line: str | dict[str, Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> str:
    if isinstance(line, dict):
        for name, value in line["environ"].items():
            monkeypatch.setenv(name, value)
        return ""
    width, line = re.fullmatch(r"(COLUMNS=\d+ )?(.*)", line).groups("")
    with mock.patch.dict(os.environ, {"COLUMNS": width.removeprefix("COLUMNS=").strip()}):
        code = _code(line)
    said = capsys.readouterr()
    stderr = "".join(f"stderr: {text}\n" for text in said.err.splitlines())
    command = width + (line if line.startswith(SCHEDULER) else f"reconcile {line}")
    return _steady(f"$ {command}\n{said.out}{stderr}exit {code}\n")


def _steady(told: str) -> str:
    """Without what differs from run to run, and the texts of docs/diagnostics.md that SARIF carries."""
    return HELP.sub('"markdown": "<help>"', UUID.sub("<uuid>", told))


def _code(line: str) -> Any:
    run = scheduler.run if line.startswith(SCHEDULER) else main.run
    with pytest.raises(SystemExit) as end:
        run(shlex.split(line.removeprefix(SCHEDULER)))
    return end.value.code
