"""A task that is registered, a fire of it, and the claim to run that fire."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from reconciler.task import Row

Cause = Literal["schedule", "catch-up", "manual"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a task's fires are treated. Durations are seconds."""

    overlap: Literal["allow", "skip", "queue"] = "allow"
    catch_up: Literal["none", "once", "all"] = "none"
    window: float | None = None  # how far back a catch-up reaches; None: to the last moment that was settled
    timeout: float | None = None
    jitter: int = 0  # the most that a start is put off


DEFAULT_POLICY = Policy()


class Registered(NamedTuple):
    """A task that fires. A tuple, since there is one for each row of the table."""

    row: Row
    attributes: Mapping[str, Any]
    policy: Policy = DEFAULT_POLICY


class Fire(NamedTuple):
    """One due moment of one task."""

    task: Registered
    moment: int  # seconds since 1970; what is claimed, whatever the start is put off by jitter


class Claim(NamedTuple):
    """The right to run one fire, or what was asked for by hand."""

    run_id: bytes  # 16 bytes of a UUIDv7
    task: Registered
    moment: datetime  # aware, UTC
    cause: Cause = "schedule"
