"""Fixtures of the tests of the database."""

import pytest

from tests.database.build import applying
from tests.databases import Database


@pytest.fixture
def history(database: Database) -> Database:
    """A database with the tables of the scheduler, and nothing else."""
    if database.kind == "sqlite":
        database.query("CREATE TABLE task (id INTEGER PRIMARY KEY)")
    with applying(database):
        pass
    return database
