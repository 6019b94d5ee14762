"""Claims for tests of what runs them, and the process whose they are."""

import itertools
from datetime import UTC, datetime
from typing import Any

from reconciler.database.processes import Process
from reconciler.scheduler.fires import Cause, Claim, Policy, Registered
from tests.scheduler.build import registered, seconds

MOMENT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
NOW = seconds("2026-03-01T00:00:00")
PROCESS = b"p" * 16

_numbers = itertools.count(1)


def claim(
    name: str | None = None,
    action: str = "note",
    attributes: dict[str, Any] | None = None,
    *,
    cause: Cause = "schedule",
    timeout: float | None = None,
    jitter: int = 0,
    **row: Any,
) -> Claim:
    """A claim of an id and a task of its own; the row's fields as `registered` gives them, or as named."""
    number = next(_numbers)
    known = registered(name or f"t{number}").row._replace(action_name=action, **row)
    task = Registered(known, attributes or {}, Policy(timeout=timeout, jitter=jitter))
    return Claim(number.to_bytes(16, "big"), task, MOMENT, cause)


def process() -> Process:
    at = datetime.fromtimestamp(NOW, UTC)
    return Process(
        process_id=PROCESS,
        kind="scheduler",
        host="here",
        pid=1,
        tool="1",
        timezone="UTC",
        started_at=at,
        heartbeat_at=at,
        settled_until=at,
    )
