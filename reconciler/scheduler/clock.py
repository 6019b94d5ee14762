"""The clock, and the wait that a signal or another thread can end."""

import time
from contextlib import suppress
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Protocol

LONGEST_WAIT = 1.0
"""Seconds. Waits are cut, so that a clock that was set is noticed."""


def moment_at(seconds: float) -> datetime:
    """The aware moment, in UTC, of a number of seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since 1970."""
        ...

    def wait(self, until: float) -> None:
        """Return at `until`, or earlier."""
        ...

    def wake(self) -> None:
        """End a wait now, from any thread or from a signal handler."""
        ...


class SystemClock:
    """The clock of this machine. Its wait is on a queue, whose `put` is safe within a signal handler."""

    def __init__(self) -> None:
        self._woken: SimpleQueue[None] = SimpleQueue()

    def now(self) -> float:
        return time.time()

    def wait(self, until: float) -> None:
        seconds = min(until - time.time(), LONGEST_WAIT)
        if seconds > 0:
            with suppress(Empty):
                self._woken.get(timeout=seconds)

    def wake(self) -> None:
        self._woken.put(None)
