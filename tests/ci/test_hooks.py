""".pre-commit-hooks.yaml: pre-commit installs it from a repository and runs it, without any network."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ci.wheels import make_wheels
from tests.consoles import ROOT
from tests.repositories import TASKS, git


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that holds the project as it stands here, and wheels beside it."""
    folder = tmp_path_factory.mktemp("hooks")
    wheels, project = folder / "wheels", folder / "project"
    wheels.mkdir()
    make_wheels(wheels)
    listed = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    for file in filter(None, listed):
        if file.startswith(("reconciler/", "schemas/", "docs/")) or "/" not in file:
            (project / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, project / file)
    git(folder, "init", "-q", str(project))
    git(project, "add", "--all")
    git(project, "commit", "-q", "-m", "All of it")
    return folder


def committed(hooks: Path, here: Path) -> subprocess.CompletedProcess[str]:
    """pre-commit on what is staged, installed from the wheels."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "RECONCILE_"))},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(hooks),
        "PRE_COMMIT_HOME": str(hooks / "cache"),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(hooks / "wheels"),
        "PIP_CONFIG_FILE": os.devnull,
    }
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--color=never"],
        cwd=here,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_hooks_run_from_an_installation_of_their_own(hooks: Path, tmp_path: Path) -> None:
    here = tmp_path / "here"
    (here / "tasks").mkdir(parents=True)
    git(tmp_path, "init", "-q", str(here))
    revision = git(hooks / "project", "rev-parse", "HEAD")
    (here / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {hooks / 'project'}\n    rev: {revision}\n    hooks:\n"
        "      - {id: reconcile-validate, args: [--strict]}\n      - {id: reconcile-fmt, args: [--check]}\n"
    )
    file = here / "tasks" / "reports.yaml"
    file.write_text(TASKS)
    git(here, "add", "--all")
    done = committed(hooks, here)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Passed") == 2

    file.write_text(TASKS.replace("0 8", "61 8"))
    git(here, "add", "--all")
    done = committed(hooks, here)
    assert done.returncode == 1
    assert "- exit code: 1" in done.stdout
    assert "tasks/reports.yaml:3:16: error[S001]" in done.stdout

    file.write_text(TASKS)
    git(here, "add", "--all")
    git(here, "commit", "-q", "-m", "One task")
    (here / "tasks" / "more.yaml").write_text(TASKS.replace('"0 8 * * *"', "'0 8 * * *'"))
    git(here, "add", "--all")  # the other file is not part of the commit, yet of the set
    done = committed(hooks, here)
    assert done.returncode == 1
    assert "tasks/reports.yaml:2:11: error[N001]: a task of the name" in done.stdout
    assert "reconcile fmt" in done.stdout.split("N001")[1]
