"""Databases for the corpus: as `reconcile init` makes them, with the users and actions that it names."""

from pathlib import Path

from benchmarks.corpus import ACTIONS, INPUTS, USERS
from reconciler.catalogue import Input
from reconciler.database.embedded import add_action, add_user, initialise
from reconciler.database.target import connect
from reconciler.database.urls import target_url


def make(url: str) -> None:
    """Make the tables on an empty database, and fill the catalogue."""
    at = target_url(url, {})
    initialise(at)
    with connect(at, read_only=False) as target:
        for user in USERS:
            add_user(target, user, ["administrators"])
        for entity, action in ACTIONS:
            inputs = [Input(name=name, nullable=True) for name in INPUTS]
            add_action(target, entity, action, inputs)


def make_file(path: Path) -> str:
    """A SQLite database; its URL."""
    url = f"sqlite:///{path}"
    make(url)
    return url
