"""Where a file of SQLite is to be, and cannot: exit 4, and what it is that stands in the way."""

import os
from pathlib import Path

import pytest

from reconciler.database.embedded import initialise
from reconciler.database.target import connect
from reconciler.database.urls import TargetUrl, target_url
from reconciler.errors import ReconcilerError, TargetError
from tests.database.build import fails, reader_only, reading
from tests.databases import Databases


def url_of(path: Path) -> TargetUrl:
    return target_url(f"sqlite:///{path}", {})


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    missing = url_of(tmp_path / "none" / "such" / "x.db")
    with fails("there is no directory for .*: .*/none/such$", "make the directory"):
        initialise(missing)
    for read_only in (True, False):
        with fails("there is no database", "reconcile init"), connect(missing, read_only=read_only):
            pass
    assert not (tmp_path / "none").exists()


def test_a_directory_in_place_of_a_file(tmp_path: Path) -> None:
    with fails("is a directory", "a file in it"):
        initialise(url_of(tmp_path))
    with fails("is a directory"), connect(url_of(tmp_path), read_only=True):
        pass
    assert tmp_path.is_dir()


def test_a_file_that_may_not_be_read_in_a_folder_that_may_not_be_written(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`os.access` asks for the real user, who in a test may be root."""
    database = databases.captured("sqlite", "lived-in")
    with reader_only(database) as path:
        user = os.geteuid()
        os.seteuid(os.getuid())
        path.chmod(0)
        os.seteuid(user)
        monkeypatch.setattr("os.access", lambda path, mode: False)
        with fails("permission denied"), reading(database):
            pass


def test_a_failed_init_spares_what_somebody_else_made_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.db"

    def rival_wins(target: object) -> None:
        path.write_bytes(b"the rival's")
        raise TargetError("locked")

    monkeypatch.setattr("reconciler.database.embedded._initialise", rival_wins)
    with pytest.raises(ReconcilerError):
        initialise(url_of(path))
    assert path.read_bytes() == b"the rival's"
