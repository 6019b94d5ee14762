"""Each folder of examples/, run in a copy as its README says."""

import functools
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.consoles import ROOT, environment, normal, run, told
from tests.databases import Databases
from tests.servers import Unavailable

EXAMPLES = ROOT / "examples"
KNOWN = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())
FOLDERS = sorted(path.parent.name for path in EXAMPLES.glob("*/prepare.sh"))
Prepared = Callable[[str], Path]
NOW = "--now 2026-12-01T06:00Z"

BROKEN = {
    "f-file.yaml": "F003 F004 F004 F004 F005 F008 F009",
    "f-syntax.yaml": "F002",
    "n-names.yaml": "N001 N002 N003",
    "s-schedules.yaml": "S001 S001 S001 S002 S003 S004 S005 S006 S007",
    "u-users.yaml": "U001 U002 U002",
    "a-actions.yaml": "A001 A002 A002",
    "j-attributes.yaml": "J001 J001 J002 J003 J004",
    "schema_d-reader.yaml": "D001",
    "e-environment/": "E001 E003 E004 E004 E005 E006 E007 E008 E009",
    "p-policies/": "P001 P002 P003 P004 P005",
}
OTHERWISE = {
    "e-environment/": "reconcile --dry-run --env prod e-environment",
    "p-policies/": "cd p-policies && reconcile validate",
}
"""What is run where a file alone is not enough."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A folder of the examples, with the database that its prepare.sh makes; made once."""
    folder = _copied(tmp_path_factory.mktemp("stage"))

    @functools.cache
    def prepare(name: str) -> Path:
        output, code = run("./prepare.sh", folder / name)
        assert code == 0, output
        return folder / name

    return prepare


@pytest.fixture
def prepared(stage: Prepared, tmp_path: Path) -> Prepared:
    """A copy of such a folder, to be changed."""
    return lambda name: Path(shutil.copytree(stage(name), tmp_path / "here" / name))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The examples, without what a run of them left behind."""
    return _copied(tmp_path)


def _copied(folder: Path) -> Path:
    left = shutil.ignore_patterns("daptin.db*", "prod.*", "staging.*", "plan.json", "applied.json")
    return Path(shutil.copytree(EXAMPLES, folder / "examples", ignore=left))


def test_every_folder_has_a_readme_and_is_known() -> None:
    assert KNOWN == [
        "actions",
        "adopt",
        "broken",
        "ci",
        "environments",
        "patterns",
        "quickstart",
        "replicas",
        "systemd",
    ]
    assert FOLDERS == [
        "actions",
        "adopt",
        "broken",
        "ci",
        "environments",
        "patterns",
        "quickstart",
    ]  # those that are tried out in a shell
    index = (EXAMPLES / "README.md").read_text()
    for folder in KNOWN:
        assert (EXAMPLES / folder / "README.md").exists()
        assert f"]({folder}/)" in index


def test_the_files_are_in_canonical_form(copy: Path) -> None:
    right = [name for name in KNOWN if name != "broken"]
    folders = " ".join(name for name in right if any((copy / name).rglob("*.yaml")))
    assert run(f"reconcile fmt --check -q {folders}", copy)[1] == 0


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_readme_tells_what_happens(folder: str, copy: Path) -> None:
    document = (copy / folder / "README.md").read_text()
    seen = 0
    for step, output in told(document, copy / folder):
        assert normal(output) == normal(step.expected), f"$ {step.command}"
        seen += 1
    assert seen >= 2


def test_the_story_of_a_change(copy: Path) -> None:
    """From the clone to the undo, as its page tells it."""
    story = (copy / "ci" / "story.md").read_text()
    commands = []
    for step, output in told(story, copy / "ci"):
        assert normal(output) == normal(step.expected), f"$ {step.command}"
        commands.append(step.command)
    for word in ("clone", "switch", "--format markdown", "merge", "--notify", "drift", "hold", "undo"):
        assert any(word in command for command in commands), word


@pytest.mark.parametrize("folder", ["ci", "patterns", "quickstart"])
def test_applied_there_is_nothing_left(folder: str, prepared: Prepared) -> None:
    here = prepared(folder)
    plan = _json(f"reconcile --dry-run --strict --format json {NOW}", here)
    assert plan["diagnostics"] == []
    assert plan["summary"]["create"] == len(plan["changes"]) >= 2
    assert run("reconcile --yes", here)[1] == 0
    after = _json(f"reconcile --dry-run --detailed-exitcode --format json {NOW}", here)
    assert after["changes"] == []
    assert after["summary"]["unchanged"] == plan["summary"]["create"]


def test_the_quickstart_has_the_documented_tasks(prepared: Prepared) -> None:
    here = prepared("quickstart")
    assert run("reconcile --yes", here)[1] == 0
    output, _ = run("sqlite3 daptin.db 'SELECT name, schedule, attributes FROM task ORDER BY name'", here)
    rows = dict(line.split("|", 1) for line in output.splitlines())
    assert rows["hourly_sync"].startswith("@every 1h|")
    assert rows["daily_report"].startswith("0 8 * * *|")
    assert json.loads(rows["hourly_sync"].split("|")[1]) == {"source": "external_api"}
    assert json.loads(rows["daily_report"].split("|")[1]) == {"type": "daily", "format": "pdf"}


@pytest.mark.parametrize("file", BROKEN)
def test_a_broken_file(file: str, prepared: Prepared) -> None:
    here = prepared("broken")
    command = OTHERWISE.get(file, f"reconcile --dry-run {file}")
    output, code = run(f"{command} --format json {NOW} 2>/dev/null", here)
    plan = json.loads(output)
    codes = sorted(one["code"] for one in plan["diagnostics"])
    assert " ".join(codes) == BROKEN[file]
    is_error = any(one["severity"] == "error" for one in plan["diagnostics"])
    assert code == (1 if is_error else 0)


def test_warnings_alone_are_errors_where_that_is_asked_for(prepared: Prepared) -> None:
    command = f"reconcile --dry-run --strict {NOW} schema_d-reader.yaml"
    assert run(command, prepared("broken"))[1] == 1


def test_every_broken_file_is_known_and_told_of() -> None:
    paths = (EXAMPLES / "broken").iterdir()
    names = {f"{path.name}/" if path.is_dir() else path.name for path in paths}
    assert {name for name in names if name.endswith((".yaml", "/"))} == set(BROKEN)
    readme = (EXAMPLES / "broken" / "README.md").read_text()
    for file, codes in BROKEN.items():
        (row,) = re.findall(rf"^\| `{re.escape(file)}` \|.*$", readme, re.MULTILINE)
        assert set(re.findall(r"\b[A-Z]\d{3}\b", row)) >= set(codes.split()), file
        assert OTHERWISE.get(file, file) in row


def test_each_mistake_is_where_the_file_says_so(prepared: Prepared) -> None:
    """A comment names the code on its own line, or above the task that it is in."""
    here = prepared("broken")
    places = []
    for command in ("reconcile --dry-run *.yaml", *OTHERWISE.values()):
        found = _json(f"{command} --format json {NOW}", here)["diagnostics"]
        inside = here / "p-policies" if command.startswith("cd p-policies ") else here
        places += [(inside / one["file"], one["line"] or 1, one["code"]) for one in found]
    apart = [one for one in places if one[2] not in ("N001", "D001")]  # together the files share names
    assert len(apart) >= 35
    for file, line, code in apart:
        assert code in _told_above(file.read_text().splitlines(), line), f"{file}:{line} {code}"


def _told_above(lines: list[str], line: int) -> str:
    """The line, and the comment above the task that it is in."""
    start = max(index for index in range(line) if index == 0 or lines[index].startswith("  - "))
    return lines[line - 1] + (lines[start - 1] if start else "")


def test_the_reader_is_told_of(prepared: Prepared) -> None:
    here = prepared("broken")
    plan = _json(f"reconcile --dry-run --reader daptin --format json {NOW} schema_d-reader.yaml", here)
    assert sorted(one["code"] for one in plan["diagnostics"]) == ["D001", "D002", "D003"]


def test_daptins_restrictions_are_seen(copy: Path, databases: Databases) -> None:
    """U003 and A003, against a database that Daptin made."""
    url = _captured(databases)
    found = {
        code: _json(f"reconcile --dry-run --format json {NOW} --database-url {url} {file}", copy / "broken")
        for code, file in (("U003", "u-users.yaml"), ("A003", "a-actions.yaml"))
    }
    for code, plan in found.items():
        lines = [one["line"] for one in plan["diagnostics"] if one["code"] == code]
        assert len(lines) == 1


def test_the_patterns_fit_daptins_own_actions(copy: Path, databases: Databases) -> None:
    url = _captured(databases)
    here = copy / "patterns"
    plan = _json(f"reconcile --dry-run --strict --format json {NOW} --database-url {url}", here)
    assert plan["diagnostics"] == []
    assert plan["summary"]["create"] == 6
    storage = here / "tasks" / "storage.yaml"
    storage.write_text(re.sub(r"      site_id: .*\n", "", storage.read_text()))
    plan = _json(f"reconcile --dry-run --format json {NOW} --database-url {url}", here)
    assert [one["code"] for one in plan["diagnostics"]] == ["A003"]


def test_the_pipeline_stops_where_it_should(copy: Path) -> None:
    here = copy / "ci"
    assert run("./pipeline.sh review", here)[1] == 4  # no database yet
    assert run("./prepare.sh", here)[1] == 0
    output, code = run("./pipeline.sh deploy", here)
    assert code == 0
    assert "Applied and verified" in output
    assert json.loads((here / "applied.json").read_text())["outcome"]["verified"] is True
    output, code = run("./pipeline.sh deploy", here)
    assert (code, output.splitlines()[-1]) == (0, "pipeline: nothing to change")
    (here / "tasks" / "tasks.yaml").write_text("Tasks: []\n")
    assert run("./pipeline.sh deploy", here)[1] == 3
    (here / "tasks" / "tasks.yaml").write_text("Tasks: 1\n")
    assert run("./pipeline.sh deploy", here)[1] == 1


def test_the_pipeline_reviews_without_writing(prepared: Prepared) -> None:
    here = prepared("ci")
    before = (here / "daptin.db").read_bytes()
    output, code = run("./pipeline.sh review", here)
    assert (code, output.splitlines()[-1]) == (0, "pipeline: changes are pending")
    assert (here / "daptin.db").read_bytes() == before
    assert json.loads((here / "plan.json").read_text())["summary"]["create"] == 2


def test_the_demo(tmp_path: Path) -> None:
    """Whatever the surroundings say."""
    settings = "RECONCILE_ENV=prod RECONCILE_OWNER=ann RECONCILE_NOTIFY=command:false GITHUB_ACTIONS=true"
    output, code = run(f"{settings} {shlex.quote(str(ROOT / 'scripts' / 'demo'))}", tmp_path)
    assert code == 0, output
    assert output.endswith("demo: every step did what was expected\n")
    commands = [line for line in output.splitlines() if line.startswith("$ ")]
    assert "$ reconcile --dry-run" in commands
    assert '$ sqlite3 daptin.db "SELECT name, as_user_id, active FROM task"' in commands
    assert {"$ reconcile drift", "$ reconcile history"} <= set(commands)
    assert list(tmp_path.iterdir()) == []


def test_the_demo_fails_loudly(tmp_path: Path) -> None:
    """With a `reconcile` that does nothing the first step is not what was expected."""
    fake = tmp_path / "bin"
    fake.mkdir()
    (fake / "reconcile").write_text("#!/bin/sh\n")
    (fake / "reconcile").chmod(0o755)
    here = tmp_path / "here"
    here.mkdir()
    given = environment(here)
    done = subprocess.run(
        [ROOT / "scripts" / "demo"],
        env={**given, "PATH": os.pathsep.join([str(fake), given["PATH"]])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "was expected in the output" in done.stderr


def _captured(databases: Databases) -> str:
    try:
        return databases.captured("sqlite", "lived-in").url
    except Unavailable as reason:
        if os.environ.get("CI"):
            pytest.fail(str(reason))
        pytest.skip(str(reason))


def _json(command: str, folder: Path) -> Any:
    """The document that a command prints."""
    output, code = run(f"{command} 2>/dev/null", folder)
    assert code in (0, 1), (code, output)
    return json.loads(output)
