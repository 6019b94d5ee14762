"""`reconcile fmt` on real files: what it replaces, what it keeps, and what it does with a pipe."""

import os
from pathlib import Path

import pytest

from tests.behaviour.program import ran, reconcile

LOOSE = "Tasks:\n- AsUserEmail: 'é@x'\n  Name: a   # why\n"
CANONICAL = "Tasks:\n  - Name: a  # why\n    AsUserEmail: é@x\n"


def file(content: str | bytes = LOOSE, path: str = "tasks.yaml") -> Path:
    Path(path).write_bytes(content.encode() if isinstance(content, str) else content)
    return Path(path)


def test_a_file_keeps_its_mode_and_a_link_stays_one() -> None:
    path = file(path="real.yaml")
    path.chmod(0o640)
    os.link(path, "other.yaml")
    Path("link.yaml").symlink_to("real.yaml")
    assert reconcile("fmt", "link.yaml").code == 0
    assert Path("link.yaml").is_symlink()
    assert path.read_text(encoding="utf-8") == CANONICAL
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in Path().iterdir() if one.name.startswith(".")] == []


def test_a_canonical_file_is_not_written() -> None:
    path = file(CANONICAL)
    os.utime(path, ns=(1, 1))
    assert reconcile("fmt", path).code == 0
    assert path.stat().st_mtime_ns == 1


def test_standard_input_goes_to_standard_output() -> None:
    ended = reconcile("fmt", "-", stdin=LOOSE.encode())
    assert (ended.code, ended.out) == (0, CANONICAL)
    assert reconcile("fmt", "--check", "-", stdin=CANONICAL.encode()).code == 0


def test_what_is_no_yaml_does_not_go_to_standard_output() -> None:
    ended = reconcile("fmt", "-", stdin=b"Tasks: [")
    assert (ended.code, ended.out) == (1, "")
    assert "-:1:9: error[F002]" in ended.err


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf" + LOOSE.encode(), LOOSE.replace("\n", "\r\n").encode()])
def test_lines_end_as_they_do_here(content: bytes) -> None:
    path = file(content)
    assert reconcile("fmt", path).code == 0
    assert path.read_bytes() == CANONICAL.encode()
    assert reconcile("fmt", "--check", path).code == 0


@pytest.mark.parametrize(
    "content", ["", "\n", "# nothing\n", "Tasks:\n", "Tasks: []\n", "a: 1\n", "- 1\n", "x"]
)
def test_a_file_without_tasks_stays_as_it_is(content: str) -> None:
    path = file(content)
    assert reconcile("fmt", path).code == 0
    assert path.read_text() == content


def test_what_cannot_be_written_is_one_line() -> None:
    Path("closed").mkdir()
    path = file(path="closed/tasks.yaml")
    Path("closed").chmod(0o500)
    try:
        if os.access("closed", os.W_OK):
            pytest.skip("to root all is writable")
        ended = reconcile("fmt", path)
    finally:
        Path("closed").chmod(0o700)
    assert (ended.code, ended.out) == (1, "")
    assert "cannot write closed/tasks.yaml: permission denied" in ended.err
    assert path.read_text(encoding="utf-8") == LOOSE


def test_it_needs_no_database() -> None:
    ended = ran("fmt", file())
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "tasks.yaml: formatted\n\n1 file formatted, 0 unchanged.\n"
