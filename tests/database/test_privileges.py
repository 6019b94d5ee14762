"""The least privileges of docs/databases.md, granted for real."""

import pytest

from reconciler.database.applies import last_apply, record_apply
from reconciler.database.catalogue import read_catalogue
from reconciler.database.embedded import initialise
from reconciler.database.rows import read_existing
from reconciler.database.target import connect
from reconciler.database.transactions import locked, transaction
from reconciler.database.urls import target_url
from reconciler.database.writing import write
from reconciler.errors import TargetError
from tests.database.build import KEEP, apply_of, change, creates, delete, plan, row_of, stamp, task
from tests.database.grants import grants, url_of
from tests.databases import Database


def servers_only(database: Database) -> None:
    if database.kind == "sqlite":
        pytest.skip("SQLite has no accounts")
    initialise(target_url(database.url, {}))
    grants(database)


def test_a_dry_run_needs_no_more(lived_in: Database) -> None:
    servers_only(lived_in)
    with connect(target_url(url_of(lived_in, "plan"), {}), read_only=True) as target:
        assert len(read_existing(target).rows) == 9
        assert len(read_catalogue(target).actions) == 54
        assert last_apply(target, "default") is None
    with pytest.raises(TargetError, match="permission denied") as caught:
        _apply(url_of(lived_in, "plan"))
    assert "docs/databases.md" in str(caught.value.hint)


def test_an_apply_needs_no_more(lived_in: Database) -> None:
    servers_only(lived_in)
    _apply(url_of(lived_in, "apply"))
    assert lived_in.query("SELECT version, schedule FROM task WHERE name = 'changed'") == [(2, "@daily")]
    assert lived_in.query("SELECT count(*) FROM task WHERE name = 'gone'") == [(0,)]
    with (
        pytest.raises(TargetError, match="permission denied"),
        connect(target_url(url_of(lived_in, "apply"), {}), read_only=False) as target,
    ):
        target.execute("SELECT password FROM user_account")


def _apply(url: str) -> None:
    with connect(target_url(url, {}), read_only=False) as target, locked(target, 5):
        with transaction(target):
            assert len(read_catalogue(target).actions) == 54
            write(target, creates(task("changed"), task("gone")), stamp())
            rows = read_existing(target).rows
            moved = change("update", row_of(rows, "changed"), task("changed", schedule="@daily"), "Schedule")
            write(target, plan(delete(row_of(rows, "gone")), moved), stamp())
            record_apply(target, apply_of(), KEEP)
        assert last_apply(target, "default") is not None
