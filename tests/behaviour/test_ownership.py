"""Owners, repositories and recorded files, on the whole program."""

import os
import shutil
from pathlib import Path

import pytest

from reconciler.cli.main import run
from tests.repositories import git

TASK = """  - Name: {name}
    Schedule: "@daily"
    EntityName: report
    ActionName: generate_report
    AsUserEmail: reports@example.com
"""


@pytest.fixture(autouse=True)
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECONCILE_DATABASE_URL", f"sqlite:///{tmp_path}/daptin.db")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    for line in ("init", "users add reports@example.com", "actions add report generate_report"):
        assert ended(line) == 0


def ended(line: str) -> int:
    with pytest.raises(SystemExit) as end:
        run(line.split())
    assert isinstance(end.value.code, int)
    return end.value.code


def repository(folder: Path, remote: str) -> Path:
    folder.mkdir()
    git(folder, "init", "--quiet")
    git(folder, "remote", "add", "origin", remote)
    for name in ("a", "b"):
        (folder / name).mkdir()
        (folder / name / "tasks.yaml").write_text(f"Tasks:\n{TASK.format(name=name)}")
    return folder


def test_another_repository_is_refused_until_it_takes_over_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repository(tmp_path / "old", "https://example.com/ops/old"))
    assert ended("a b") == 0
    monkeypatch.chdir(repository(tmp_path / "new", "git@example.com:ops/new.git"))
    assert ended("a b --dry-run") == 3
    assert "O007 owner 'default' was last applied from example.com/ops/old" in capsys.readouterr().out
    assert ended("a b --take-over") == 0
    assert ended("a b --dry-run") == 0


def test_a_repository_that_git_will_not_tell_of_deletes_nothing_of_a_neighbour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in a container with a mounted checkout: no git, or the folder of another user's."""
    folder = repository(tmp_path / "repository", "https://example.com/ops/tasks")
    monkeypatch.chdir(folder)
    assert ended("a b") == 0
    monkeypatch.chdir(folder / "a")
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    assert ended(". --dry-run --detailed-exitcode") == 0
    told = capsys.readouterr().out
    assert "git does not tell of this repository" in told
    assert "left alone: b" in told


def test_a_file_that_is_gone_is_deleted_only_under_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = repository(tmp_path / "repository", "https://example.com/ops/tasks")
    monkeypatch.chdir(folder)
    assert ended("a b") == 0
    shutil.rmtree(folder / "b")
    assert ended("a --dry-run --detailed-exitcode") == 0
    assert ended("a --dry-run --detailed-exitcode --prune owned") == 2
    assert "- b  (removed, was b/tasks.yaml:2)" in capsys.readouterr().out
    assert ended(". --dry-run --detailed-exitcode") == 2
