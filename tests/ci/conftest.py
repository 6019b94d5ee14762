"""A repository of tasks that a pipeline runs in."""

from pathlib import Path

import pytest

from tests.consoles import run

TASKS = """Tasks:
  - Name: daily_report
    Schedule: "0 8 * * *"
    EntityName: report
    ActionName: generate_report
    AsUserEmail: reports@example.com
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with one task that is yet to be made, and its database."""
    folder = tmp_path / "here"
    (folder / "tasks").mkdir(parents=True)
    (folder / "tasks" / "reports.yaml").write_text(TASKS)
    for line in (
        "init",
        "users add reports@example.com",
        "actions add report generate_report",
    ):
        assert run(f"reconcile {line}", folder)[1] == 0
    return folder
