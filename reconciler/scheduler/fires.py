"""A task that is registered, a fire of it, and the claim to run that fire."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import repeat
from typing import Any, Literal, NamedTuple

from reconciler.scheduler.clock import moment_at
from reconciler.task import Row, Secret

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
    secrets: tuple[Secret, ...] = ()  # where in the attributes a value came from the environment


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


_fire, _claim = partial(tuple.__new__, Fire), partial(tuple.__new__, Claim)
"""A fire of a pair, a claim of its four, made without a call in Python: thousands are due in one second."""


def fires_at(moment: int, tasks: Iterable[Registered]) -> Iterator[Fire]:
    """The fires of tasks that are due together."""
    return map(_fire, zip(tasks, repeat(moment)))


def claims_of(fires: Iterable[Fire], new_id: Callable[[], bytes]) -> Iterator[Claim]:
    """A claim for each fire. Fires of one second share its datetime, which is half the work of a claim."""
    moments: dict[int, datetime] = {}
    for task, second in fires:
        moment = moments.get(second) or moments.setdefault(second, moment_at(second))
        yield _claim((new_id(), task, moment, "schedule"))
