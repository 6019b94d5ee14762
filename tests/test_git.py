"""Where the files come from, asked of real repositories."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from reconciler.git import (
    OUTSIDE,
    UNCOMMITTED,
    Blame,
    Checkout,
    Lines,
    blame,
    checkout,
    commits_since,
    latest,
    removed_lines,
    same_form,
)
from tests.repositories import git


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


def commit(folder: Path, text: str, subject: str) -> str:
    (folder / "tasks" / "a.yaml").write_text(text)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", subject)
    return git(folder, "rev-parse", "HEAD")


def told(found: Mapping[Lines, Blame]) -> dict[Lines, tuple[str | None, str | None]]:
    return {lines: (one.author, one.subject) for lines, one in found.items()}


def test_the_newest_commit_of_lines_is_blamed(repository: Path) -> None:
    commit(repository, "a\nb\nc\nd\n", "Four")
    commit(repository, "a\nb\nC\nd\n", "A large one")
    (repository / "tasks" / "a.yaml").write_text("a\nb\nC\nd\ne\n")
    spans = [(1, 2), (3, 4), (4, 5)]
    found = blame(checkout(repository), "tasks/a.yaml", spans)
    assert told(found) == {(1, 2): ("Ann", "Four"), (3, 4): ("Ann", "A large one"), (4, 5): (None, None)}
    assert found[4, 5] is UNCOMMITTED


def test_commits_of_one_second_are_told_apart_by_their_order(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a rebase makes them."""
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-11-30T10:00:00+0100")
    commit(repository, "a\nb\n", "Before")
    commit(repository, "A\nb\n", "After")
    found = blame(checkout(repository), "tasks/a.yaml", [(1, 2)])
    assert told(found) == {(1, 2): ("Ann", "After")}


def test_lines_stay_with_their_commit_when_the_file_is_renamed(repository: Path) -> None:
    commit(repository, "".join(f"line {number}\n" for number in range(20)), "Twenty")
    git(repository, "mv", "tasks/a.yaml", "b.yaml")
    git(repository, "commit", "--quiet", "--message", "Move")
    assert told(blame(checkout(repository), "b.yaml", [(1, 20)])) == {(1, 20): ("Ann", "Twenty")}


def test_what_a_shallow_clone_does_not_hold_is_blamed_on_nobody(repository: Path, tmp_path: Path) -> None:
    commit(repository, "a\nb\n", "Old")
    commit(repository, "a\nB\n", "New")
    git(tmp_path, "clone", "--quiet", "--depth", "1", repository.as_uri(), "shallow")
    commit(tmp_path / "shallow", "A\nB\n", "Here")
    found = blame(checkout(tmp_path / "shallow"), "tasks/a.yaml", [(1, 1), (2, 2), (1, 2)])
    assert told(found) == {(1, 1): ("Ann", "Here")}


@pytest.mark.parametrize("file", ["--output=stolen", "missing.yaml", "../outside.yaml", "tasks/a\0.yaml", ""])
def test_a_file_that_git_does_not_have_is_blamed_on_nobody(repository: Path, file: str) -> None:
    assert blame(checkout(repository), file, [(1, 1)]) == {}
    assert list(removed_lines(checkout(repository), [file], None)) == []
    assert not (repository / "stolen").exists()


def test_lines_that_are_not_there_are_blamed_on_nobody(repository: Path) -> None:
    assert blame(checkout(repository), "tasks/a.yaml", [(98, 99)]) == {}
    assert blame(OUTSIDE, "tasks/a.yaml", [(1, 1)]) == {}
    assert blame(checkout(repository), "tasks/a.yaml", []) == {}


def test_carriage_returns_and_headers_in_a_file_are_text(repository: Path) -> None:
    fake = f"{'a' * 40} 1 2 1"
    commit(repository, f"x\r{fake}\rauthor Eve\n{fake}\nboundary\n", "Odd \u2028 lines")
    found = blame(checkout(repository), "tasks/a.yaml", [(1, 3)])
    assert told(found) == {(1, 3): ("Ann", "Odd \u2028 lines")}


def test_removed_lines_come_with_their_commit_the_latest_first(repository: Path) -> None:
    since = commit(repository, "one\ntwo\nthree\nfour\n", "Four")
    commit(repository, "two\nthree\nfour\n", "Without one")
    commit(repository, "one\nthree\nfour\n", "Without two, with one")
    commit(repository, "three\nfour\n", "Without one again")
    (repository / "tasks" / "a.yaml").write_text("four\n")
    found = [
        (one.subject, line) for one, line in removed_lines(checkout(repository), ["tasks/a.yaml"], since)
    ]
    assert found == [
        (None, "three"),
        ("Without one again", "one"),
        ("Without two, with one", "two"),
        ("Without one", "one"),
    ]


def test_lines_of_a_file_that_is_gone_are_removed_lines(repository: Path) -> None:
    commit(repository, "one\n", "One")
    git(repository, "rm", "--quiet", "tasks/a.yaml")
    git(repository, "commit", "--quiet", "--message", "Gone")
    ((one, line),) = list(removed_lines(checkout(repository), ["tasks/a.yaml"], None))[:1]
    assert (one.subject, line) == ("Gone", "one")


def test_the_commits_after_one_are_known_unless_that_one_is_not(repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    second = commit(repository, "a\n", "Second")
    assert commits_since(checkout(repository), "tasks/a.yaml", first) == {second}
    assert commits_since(checkout(repository), "tasks/a.yaml", second) == frozenset()
    assert commits_since(checkout(repository), "tasks/a.yaml", "f" * 40) is None
    assert commits_since(checkout(repository), "tasks/a.yaml", "--all") is None


def test_a_line_that_was_taken_out_is_the_latest_change_of_those_around_it(repository: Path) -> None:
    since = commit(repository, "a\nb\nc\nd\n", "Four")
    commit(repository, "a\nc\nd\n", "Without b")
    commit(repository, "a\nc\nD\n", "Another d")
    found = latest(checkout(repository), "tasks/a.yaml", (1, 2), since)
    assert found is not None
    assert found.subject == "Without b"
    assert latest(checkout(repository), "tasks/a.yaml", (1, 1), "f" * 40) is None


def test_a_file_that_no_commit_has_is_not_committed_yet(repository: Path) -> None:
    (repository / "new.yaml").write_text("a\nb\n")
    assert blame(checkout(repository), "new.yaml", [(1, 2)]) == {(1, 2): UNCOMMITTED}
    git(repository, "add", "new.yaml")
    assert blame(checkout(repository), "new.yaml", [(1, 2)]) == {(1, 2): UNCOMMITTED}
