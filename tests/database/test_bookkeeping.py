"""The side tables: made whole, also where making them was cut short."""

import pytest

from reconciler.database import connect, last_apply, locked, read_existing, target_url, transaction
from tests.databases import Database


@pytest.mark.parametrize("left", [(), ("reconciler_task",), ("reconciler_task", "reconciler_apply")])
def test_bookkeeping_cut_short_is_completed(lived_in: Database, left: tuple[str, ...]) -> None:
    """MySQL commits after each table, so a kill can leave some of them without a version."""
    url = target_url(lived_in.url, {})
    with connect(url, read_only=False) as target, locked(target, 10), transaction(target):
        pass
    for table in ("reconciler_version", "reconciler_setting", "reconciler_apply", "reconciler_task"):
        if table not in left:
            lived_in.query(f"DROP TABLE {table}")
    with connect(url, read_only=False) as target, locked(target, 10), transaction(target):
        pass
    with connect(url, read_only=True) as target:
        assert read_existing(target).records == {}
        assert last_apply(target, "default") is None
    assert lived_in.query("SELECT count(*) FROM reconciler_setting") == [(0,)]
