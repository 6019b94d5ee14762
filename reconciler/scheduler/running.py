"""The runs that are going on in this process: how long they may, and how they are cancelled."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from reconciler.database import Target
from reconciler.scheduler.fires import Claim


@dataclass(slots=True, kw_only=True, eq=False)
class Going:
    """A run that has started. Times are seconds since 1970."""

    claim: Claim
    started: float
    target: Target
    thread_id: int = field(default_factory=threading.get_ident)
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def deadline(self) -> float | None:
        timeout = self.claim.task.policy.timeout
        return None if timeout is None else self.started + timeout


class Running:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._going: set[Going] = set()

    def __len__(self) -> int:
        return len(self._going)

    @contextmanager
    def entered(self, going: Going) -> Iterator[Going]:
        """It goes on for as long as the block lasts, or until it is cancelled."""
        with self._lock:
            self._going.add(going)
        try:
            yield going
        finally:
            with self._lock:
                self._going.discard(going)

    def overdue(self, now: float) -> list[Going]:
        """Those that have gone on for longer than they may."""
        with self._lock:
            return [one for one in self._going if one.deadline is not None and one.deadline <= now]

    def all(self) -> list[Going]:
        with self._lock:
            return list(self._going)

    def cancel(self, going: Going) -> bool:
        """Take a run out, set its flag and stop its connection. False: it ended by itself meanwhile."""
        with self._lock:
            if going not in self._going:
                return False
            self._going.discard(going)
            going.cancelled.set()
        going.target.dialect.interrupt(going.target)
        return True
