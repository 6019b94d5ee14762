"""A folder of its own for each test, outside of any repository, and an environment that says nothing."""

import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

settings.register_profile(
    "behaviour", derandomize=True, deadline=None, database=None, phases=(Phase.explicit, Phase.generate)
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    for name in os.environ:
        if name.startswith(("RECONCILE_", "DAPTIN_")) or name in ("NO_COLOR", "COLUMNS"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))  # wherever the program is run
    monkeypatch.chdir(folder)
    return folder
