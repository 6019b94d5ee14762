"""Plans and stamps for the tests of the database."""

import fcntl
import importlib
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.database.applies import Apply
from reconciler.database.target import Target, connect
from reconciler.database.transactions import locked, transaction
from reconciler.database.urls import target_url
from reconciler.database.writing import Stamp
from reconciler.errors import TargetError
from reconciler.planning.changes import Change, Desired, FieldChange, Plan
from reconciler.task import Row, Task
from tests.databases import Database
from tests.servers import PASSWORD

NOW = datetime(2026, 11, 23, 12, 30, 45, 678901, tzinfo=UTC)
APPLY = "01a208d6-6865-7000-8000-00000000a001"
KEEP = timedelta(days=365)


def task(name: str = "daily_report", **fields: Any) -> Task:
    known = {
        "schedule": "0 8 * * *",
        "entity_name": "event",
        "action_name": "log_run",
        "as_user_email": "ann@example.com",
        "attributes": {"note": "café", "n": 1},
    }
    return Task(name=name, **{**known, **fields})


def desired(one: Task, line: int = 2) -> Desired:
    return Desired.of(one, file="tasks/a.yaml", line=line)


def creates(*tasks: Task) -> Plan:
    changes = [
        Change(action="create", name=one.name, reason="new", desired=desired(one, line))
        for line, one in enumerate(tasks, 2)
    ]
    return Plan(owner="default", changes=tuple(changes))


def change(action: Any, row: Row, one: Task, *paths: str) -> Change:
    fields = tuple(FieldChange(path=path, before=None, after=None) for path in paths)
    return Change(
        action=action,
        name=row.name,
        reason="git",
        row=row,
        desired=desired(one),
        fields=fields,
        writes_row=bool(paths),
    )


def delete(row: Row) -> Change:
    return Change(action="delete", name=row.name, reason="removed", row=row)


def plan(*changes: Change, **rest: Any) -> Plan:
    return Plan(owner="default", changes=changes, **rest)


def new_ids(prefix: int = 0x01A208D66865) -> Callable[[int], list[bytes]]:
    numbers = itertools.count()
    fixed = prefix << 80 | 0x7 << 76 | 0x2 << 62
    return lambda number: [(fixed | next(numbers)).to_bytes(16, "big") for _ in range(number)]


def stamp(**rest: Any) -> Stamp:
    known = {"apply_id": APPLY, "owner": "default", "now": NOW, "commit": "c0ffee", "new_ids": new_ids()}
    return Stamp(**{**known, **rest})


@contextmanager
def applying(database: Database, timeout: float = 5.0) -> Iterator[Target]:
    """A target under the lock, within the transaction."""
    url = target_url(database.url, {})
    with (
        connect(url, read_only=False, lock_timeout=timeout) as target,
        locked(target, timeout),
        transaction(target),
    ):
        yield target


@contextmanager
def reading(database: Database) -> Iterator[Target]:
    with connect(target_url(database.url, {}), read_only=True) as target:
        yield target


def row_of(rows: Sequence[Row], name: str) -> Row:
    (found,) = [row for row in rows if row.name == name]
    return found


@contextmanager
def writing(database: Database) -> Iterator[Target]:
    with connect(target_url(database.url, {}), read_only=False, lock_timeout=60) as target:
        yield target


@contextmanager
def fails(what: str, hint: str = "") -> Iterator[None]:
    with pytest.raises(TargetError, match=what) as caught:
        yield
    assert "\n" not in caught.value.message
    assert PASSWORD not in caught.value.message
    assert caught.value.exit_code == 4
    assert hint in str(caught.value.hint)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """The folders above are those of other tests too, which run at the same time."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def reader_only(database: Database) -> Iterator[Path]:
    """The file and its folder may be read only, and we are not root, to whom all is writable."""
    path = Path(database.name)
    user, folders = os.geteuid(), list(path.parents)[:-2]
    with reading(database):
        importlib.import_module("alembic.command")  # what is imported late, while we still may
    with _alone_in(folders[-1]):
        modes = {folder: folder.stat().st_mode for folder in folders}
        for folder, mode in modes.items():
            folder.chmod(mode | 0o055)
        path.chmod(0o444)
        path.parent.chmod(0o555)
        try:
            if user == 0:
                os.seteuid(65534)
            yield path
        finally:
            os.seteuid(user)
            for folder, mode in modes.items():
                folder.chmod(mode)


def apply_of(owner: str = "default", **rest: Any) -> Apply:
    known = {
        "apply_id": APPLY,
        "owner": owner,
        "repository": "github.com/team/tasks",
        "commit": "c0ffee",
        "dirty": False,
        "who": "ann",
        "host": "ci",
        "tool": "0.1.0",
        "started_at": NOW,
        "finished_at": NOW + timedelta(seconds=1),
        "plan": '{"changes": []}',
        "plan_hash": "ab" * 32,
        "outcome": {"undoes": None},
    }
    return Apply(**{**known, **rest})
