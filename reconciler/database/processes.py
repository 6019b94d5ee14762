"""The processes that run tasks: who is alive, what each has loaded."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update

from reconciler.database.runs import has_history
from reconciler.database.statements import execute, moment, query
from reconciler.database.tables import reconciler_process
from reconciler.database.target import Target, worded

Loaded = Mapping[str, Sequence[str]]
"""What a process loaded: by reference id (UUID), the row's fingerprint, its schedule and its name."""

HEARD_OF = 60.0
"""Seconds since its last heartbeat for which a scheduler is taken to run still: several beats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    process_id: bytes
    kind: str  # scheduler, manual
    host: str
    pid: int
    tool: str  # version of the program
    timezone: str
    started_at: datetime
    heartbeat_at: datetime  # by the database's clock
    settled_until: datetime | None = None
    ended_at: datetime | None = None
    age: float = 0.0  # seconds since the heartbeat, both by the database's clock
    packed: bytes | None = None  # what it loaded

    def is_live(self, lease: float) -> bool:
        """Whether it has not ended, and was heard of within the lease, in seconds."""
        return self.ended_at is None and self.age <= lease

    @property
    def loaded(self) -> Loaded:
        return unpack(self.packed)


def register_process(target: Target, process: Process, loaded: Loaded) -> None:
    """Add the row of a process that begins."""
    values = {name: getattr(process, name) for name in _OWN}
    with worded(target.url):
        values |= {"heartbeat_at": database_now(target), "loaded": _pack(loaded)}
        target.connection.execute(insert(reconciler_process).values(**values))


_OWN = ("process_id", "kind", "host", "pid", "tool", "timezone", "started_at", "settled_until")


def _pack(loaded: Loaded) -> bytes:
    return zlib.compress(json.dumps(loaded, separators=(",", ":")).encode(), 1)


def unpack(packed: bytes | None) -> Loaded:
    found: Loaded = json.loads(zlib.decompress(packed)) if packed else {}
    return found


def record_loaded(target: Target, process_id: bytes, loaded: Loaded) -> None:
    """What a process has loaded by now."""
    one = reconciler_process.c.process_id == process_id
    with worded(target.url):
        target.connection.execute(update(reconciler_process).where(one).values(loaded=_pack(loaded)))


def heartbeat(target: Target, process_id: bytes, settled_until: datetime | None) -> datetime:
    """Say that the process lives; the database's clock. One that has ended stays so."""
    now = database_now(target)
    settled = None if settled_until is None else moment(target, settled_until)
    execute(target, _BEAT, (moment(target, now), settled, process_id))
    return now


_BEAT = """
UPDATE reconciler_process SET heartbeat_at = %s, settled_until = coalesce(%s, settled_until)
WHERE process_id = %s
"""


def end_process(target: Target, process_id: bytes, now: datetime) -> None:
    """The process ends and says so."""
    one = reconciler_process.c.process_id == process_id
    with worded(target.url):
        target.connection.execute(update(reconciler_process).where(one).values(ended_at=now))


def read_loaded(target: Target, process_id: bytes) -> Loaded:
    """What a process has loaded."""
    columns = reconciler_process.c
    with worded(target.url):
        packed = target.connection.scalar(select(columns.loaded).where(columns.process_id == process_id))
    return unpack(packed)


def read_processes(target: Target, *, with_loaded: bool = False) -> list[Process]:
    """Every process that is remembered, the newest first; none where there is no history yet."""
    columns = reconciler_process.c
    chosen = [columns[name] for name in (*_OWN, "heartbeat_at", "ended_at")]
    chosen += [columns.loaded] if with_loaded else []
    with worded(target.url):
        if not has_history(target):
            return []
        now = database_now(target)
        rows = target.connection.execute(select(*chosen).order_by(columns.started_at.desc())).mappings()
        return [_process(dict(row), now) for row in rows]


def _process(values: dict[str, Any], now: datetime) -> Process:
    beat = values["heartbeat_at"]
    packed = values.pop("loaded", None)
    process_id = bytes(values.pop("process_id"))
    return Process(
        process_id=process_id,
        age=(now - beat).total_seconds(),
        packed=None if packed is None else bytes(packed),
        **values,
    )


def read_uptimes(target: Target, now: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """From when to when each scheduler ran, as far as it is remembered; one that runs still, up to `now`."""
    return tuple(
        (one.started_at, one.ended_at or (now if one.age < HEARD_OF else one.heartbeat_at))
        for one in read_processes(target)
        if one.kind == "scheduler"
    )


def forget_processes(target: Target, before: datetime) -> None:
    """Forget those not heard of since a moment."""
    statement = "DELETE FROM reconciler_process WHERE heartbeat_at < %s"
    execute(target, statement, (moment(target, before),))


def database_now(target: Target) -> datetime:
    """The database's clock; on SQLite that is this machine's."""
    statement = {
        "sqlite": "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')",
        "postgresql": "SELECT clock_timestamp() AT TIME ZONE 'UTC'",
        "mysql": "SELECT utc_timestamp(6)",
    }[target.kind]
    ((found,),) = query(target, statement)
    naive = datetime.fromisoformat(found) if isinstance(found, str) else found
    return naive.replace(tzinfo=UTC)
