"""A run on a small database in memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from reconciler.actions import Run
from reconciler.actions.testing import make_run


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    engine = create_engine("sqlite://", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield make_run(connection, folder=tmp_path)
    engine.dispose()
