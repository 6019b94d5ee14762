"""Runs of actions in a transaction, on a database of any kind."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from reconciler.actions import Run
from reconciler.actions.testing import make_run
from reconciler.database.target import connect
from reconciler.database.transactions import atomic
from reconciler.database.urls import target_url
from tests.databases import Database


@contextmanager
def running(database: Database, **given: Any) -> Iterator[Run]:
    """A run within its transaction, which the end of the block commits."""
    url = target_url(database.url, {})
    with connect(url, read_only=False, create=True) as target, atomic(target):
        yield make_run(target.connection, **given)
        assert target.dialect.in_transaction(target), "the action ended the transaction"
