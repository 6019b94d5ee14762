"""Databases for the corpus: as `reconcile init` makes them, with the users and actions that it names."""

import shutil
from pathlib import Path

from benchmarks.corpus import ACTIONS, INPUTS, USERS
from reconciler import database
from reconciler.catalogue import Input


def make(url: str) -> None:
    """Make the tables on an empty database, and fill the catalogue."""
    target_url = database.target_url(url, {})
    database.initialise(target_url)
    with database.connect(target_url, read_only=False) as target:
        for user in USERS:
            database.add_user(target, user, ["administrators"])
        for entity, action in ACTIONS:
            inputs = [Input(name=name, nullable=True) for name in INPUTS]
            database.add_action(target, entity, action, inputs)


def make_file(path: Path) -> str:
    """A SQLite database; its URL."""
    url = f"sqlite:///{path}"
    make(url)
    return url


def copy_file(path: Path, name: str) -> str:
    """The URL of a copy, beside it, of a SQLite database."""
    return f"sqlite:///{shutil.copyfile(path, path.with_name(name))}"
