"""Where the files come from, asked of real repositories."""

import subprocess
from pathlib import Path

import pytest

from reconciler.git import OUTSIDE, Checkout, checkout, same_form


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
    done = subprocess.run(
        ("git", *identity, *arguments), cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    folder = tmp_path / "repository"
    (folder / "tasks").mkdir(parents=True)
    (folder / "tasks" / "a.yaml").write_text("Tasks: []\n")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "First")
    return folder


def test_without_a_repository_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert checkout(tmp_path) == OUTSIDE


def test_without_git_files_are_recorded_under_the_same_root(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container without git, or where git refuses a folder of another user's."""
    monkeypatch.setenv("PATH", "")
    found = checkout(repository / "tasks")
    assert found == Checkout(root=repository.resolve(), is_refused=True)
    assert found.recorded("a.yaml", repository / "tasks") == "tasks/a.yaml"


def test_the_root_commit_names_a_repository_without_a_remote(repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    (repository / "tasks" / "a.yaml").write_text("Tasks: [] # again\n")
    git(repository, "commit", "--quiet", "--all", "--message", "Second")
    found = checkout(repository / "tasks")
    assert found.repository == first
    assert found.commit == git(repository, "rev-parse", "HEAD") != first
    assert found.root == repository.resolve()
    assert not found.is_shallow


def test_the_remote_names_a_repository_without_its_credentials(repository: Path) -> None:
    git(repository, "remote", "add", "origin", "https://ann:secret@example.com/ops/tasks.git")
    assert checkout(repository).repository == "example.com/ops/tasks"


def test_a_shallow_clone_without_a_remote_does_not_tell(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth", "1", repository.as_uri(), "shallow")
    git(tmp_path / "shallow", "remote", "remove", "origin")
    found = checkout(tmp_path / "shallow")
    assert found.is_shallow
    assert found.repository is None


def test_dirty_speaks_of_the_given_paths_alone(repository: Path) -> None:
    (repository / "notes.txt").write_text("not a task")
    assert not checkout(repository, ["tasks"]).dirty
    assert not checkout(repository, ["tasks", "-"]).dirty
    assert checkout(repository).dirty
    (repository / "tasks" / "new.yaml").write_text("Tasks: []\n")
    assert checkout(repository, ["tasks"]).dirty


def test_a_path_is_no_pattern_and_one_outside_is_left_out(repository: Path) -> None:
    (repository / "tasks" / "new.yaml").write_text("Tasks: []\n")
    assert checkout(repository, ["tasks", "../elsewhere.yaml"]).dirty
    assert not checkout(repository, ["tasks/a.yaml", "../elsewhere.yaml"]).dirty
    assert not checkout(repository, ["../elsewhere.yaml"]).dirty
    assert not checkout(repository, ["tasks/[n]ew.yaml", "tasks/a.yaml"]).dirty


def test_an_unborn_branch_has_no_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    found = checkout(tmp_path)
    assert found.root == tmp_path.resolve()
    assert (found.commit, found.repository) == (None, None)


@pytest.mark.parametrize(
    ("file", "recorded"),
    [
        ("a.yaml", "tasks/a.yaml"),
        ("../b.yaml", "b.yaml"),
        ("../../c.yaml", "../c.yaml"),
        ("-", "-"),
        (".", "tasks"),
    ],
)
def test_a_file_is_recorded_relative_to_the_root(tmp_path: Path, file: str, recorded: str) -> None:
    assert Checkout(root=tmp_path.resolve()).recorded(file, tmp_path / "tasks") == recorded


def test_without_a_root_a_file_is_recorded_relative_to_the_working_directory(tmp_path: Path) -> None:
    assert OUTSIDE.recorded("tasks/a.yaml", tmp_path) == "tasks/a.yaml"


@pytest.mark.parametrize(
    "url",
    [
        "git@example.com:ops/tasks.git",
        "https://example.com/ops/tasks",
        "https://ann:p%40ss@example.com/ops/tasks.git/",
        "ssh://git@example.com:2222/ops/tasks.git",
        "https://EXAMPLE.com:443/ops/tasks",
    ],
)
def test_ssh_and_https_forms_of_a_remote_are_equal(url: str) -> None:
    assert same_form(url) == "example.com/ops/tasks"


@pytest.mark.parametrize(
    ("url", "form"), [("/srv/git/tasks.git", "/srv/git/tasks"), ("file:///srv/x", "/srv/x")]
)
def test_a_remote_on_this_machine_is_its_path(url: str, form: str) -> None:
    assert same_form(url) == form
