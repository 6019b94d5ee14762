"""A repository of tasks that a pipeline runs in."""

import shutil
from pathlib import Path

import pytest

from tests.consoles import run
from tests.repositories import TASKS


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one task that is yet to be made, and its database."""
    folder = tmp_path_factory.mktemp("ci") / "here"
    (folder / "tasks").mkdir(parents=True)
    (folder / "tasks" / "reports.yaml").write_text(TASKS)
    for line in (
        "init",
        "users add reports@example.com",
        "actions add report generate_report",
    ):
        assert run(f"reconcile {line}", folder)[1] == 0
    return folder


@pytest.fixture
def here(prepared: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(prepared, tmp_path / "here"))
