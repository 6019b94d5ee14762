"""The runs that are going on in this process: how long they may, and how they are cancelled."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field

from reconciler.database import Target
from reconciler.scheduler.fires import Claim


@dataclass(slots=True, kw_only=True, eq=False)
class Going:
    """A claim that a worker has taken. Times are seconds since 1970."""

    claim: Claim
    started: float | None = None  # None: it waits for its turn
    target: Target | None = None
    thread_id: int = field(default_factory=threading.get_ident)
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def deadline(self) -> float | None:
        timeout = self.claim.task.policy.timeout
        return None if timeout is None or self.started is None else self.started + timeout


class Turn:
    """A lock that can be taken from a thread that does not come back."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._holder: int | None = None

    @contextmanager
    def taken(self) -> Iterator[None]:
        me = threading.get_ident()
        with self._changed:
            self._changed.wait_for(lambda: self._holder is None)
            self._holder = me
        try:
            yield
        finally:
            self.give_up(me)

    def give_up(self, thread_id: int) -> None:
        """End a thread's turn, if it has it."""
        with self._changed:
            if self._holder == thread_id:
                self._holder = None
                self._changed.notify()


class Running:
    """With `one_by_one` only one run has a transaction open, as SQLite wants it."""

    def __init__(self, *, one_by_one: bool = False) -> None:
        self._lock = threading.Lock()
        self._going: set[Going] = set()
        self._turn = Turn() if one_by_one else None

    def turn(self) -> AbstractContextManager[None]:
        """Wait until a transaction may be opened."""
        return nullcontext() if self._turn is None else self._turn.taken()

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
        if going.target is not None:
            going.target.dialect.interrupt(going.target)
        if self._turn is not None:
            self._turn.give_up(going.thread_id)
        return True
