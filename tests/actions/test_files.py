"""Files that actions write: whole, or not at all."""

import threading
from pathlib import Path

import pytest

from reconciler.actions import ActionFailed, Run, new_file
from reconciler.actions.testing import make_run


def names(run: Run) -> list[str]:
    assert run.folder is not None
    return sorted(path.name for path in run.folder.iterdir())


def test_a_file_appears_when_it_is_whole(run: Run, tmp_path: Path) -> None:
    with new_file(run, "orders", "csv") as file:
        file.write(b"a,b\n")
        file.flush()
        assert names(run) == [".orders-20260101T120000Z.csv.part"]
    assert names(run) == ["orders-20260101T120000Z.csv"]
    assert (tmp_path / "orders-20260101T120000Z.csv").read_bytes() == b"a,b\n"


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt(), SystemExit()])
def test_a_file_that_is_broken_off_leaves_nothing(error: BaseException, run: Run) -> None:
    def break_off() -> None:
        with new_file(run, "orders", "csv") as file:
            file.write(b"a")
            raise error

    with pytest.raises(type(error)):
        break_off()
    assert names(run) == []


def test_no_file_is_replaced(run: Run, tmp_path: Path) -> None:
    for text in (b"1", b"2", b"3"):
        with new_file(run, "orders", "csv") as file:
            file.write(text)
    found = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert found == {
        "orders-20260101T120000Z.csv": b"1",
        "orders-20260101T120000Z-2.csv": b"2",
        "orders-20260101T120000Z-3.csv": b"3",
    }


def test_runs_at_once_do_not_meet(run: Run) -> None:
    barrier = threading.Barrier(8)

    def write(number: int) -> None:
        barrier.wait()
        with new_file(run, "orders", "csv") as file:
            file.write(bytes([number]) * 100_000)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert run.folder is not None
    contents = sorted(path.read_bytes() for path in run.folder.iterdir())
    assert contents == [bytes([number]) * 100_000 for number in range(8)]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..", "a/b", "über\n\x00x", ".hidden"])
def test_a_name_leads_nowhere_else(name: str, run: Run, tmp_path: Path) -> None:
    with new_file(run, name, "txt") as file:
        file.write(b"x")
    (path,) = tmp_path.iterdir()
    assert path.name.endswith("-20260101T120000Z.txt")
    assert not path.name.startswith((".", "-"))


def test_without_a_folder_nothing_is_written(run: Run) -> None:
    nowhere = make_run(run.connection)
    with pytest.raises(ActionFailed, match="--folder"), new_file(nowhere, "orders", "csv"):
        pytest.fail("the block ran")


def test_a_folder_that_is_gone_fails_in_one_line(run: Run, tmp_path: Path) -> None:
    gone = make_run(run.connection, folder=tmp_path / "gone")
    with pytest.raises(ActionFailed, match="No such file or directory"), new_file(gone, "orders", "csv"):
        pytest.fail("the block ran")
