"""Claims for tests of what runs them."""

import itertools
from datetime import UTC, datetime
from typing import Any

from reconciler.scheduler.fires import Cause, Claim, Policy, Registered
from tests.scheduler.build import registered

MOMENT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)

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
