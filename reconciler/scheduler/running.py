"""The runs that are going on in this process: how long they may, and how they are cancelled."""

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from reconciler.database.target import Target
from reconciler.scheduler import events
from reconciler.scheduler.fires import Claim


@dataclass(slots=True, kw_only=True, eq=False)
class Going:
    """A claim that a worker has taken. Times are seconds since 1970."""

    claim: Claim
    started: float | None = None  # None: it waits for its turn
    target: Target | None = None
    thread_id: int = field(default_factory=threading.get_ident)
    cancelled: threading.Event = field(default_factory=threading.Event)
    is_out: bool = False  # it was cancelled here; the flag alone can be set by an action too
    fields: Mapping[str, Any] = field(init=False)  # what its events have in common

    def __post_init__(self) -> None:
        self.fields = events.fields_of(self.claim)

    @property
    def deadline(self) -> float | None:
        timeout = self.claim.task.policy.timeout
        return None if timeout is None or self.started is None else self.started + timeout


class Turn:
    """A lock that is had in the order of asking, and can be taken from a thread that does not come back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: int | None = None
        self._asking: deque[tuple[int, threading.Event]] = deque()

    @contextmanager
    def taken(self, patience: float | None = None) -> Iterator[bool]:
        """Wait for the turn. Who has `patience`, in seconds, goes before the others, and may get False."""
        is_ours = self._ask(patience)
        try:
            yield is_ours
        finally:
            if is_ours:
                self.give_up(threading.get_ident())

    def _ask(self, patience: float | None) -> bool:
        place = (threading.get_ident(), threading.Event())
        with self._lock:
            if self._holder is None:
                self._holder = place[0]
                return True
            (self._asking.append if patience is None else self._asking.appendleft)(place)
        if place[1].wait(patience):
            return True
        with self._lock:
            if place[1].is_set():  # it came at the last moment
                return True
            self._asking.remove(place)
            return False

    def give_up(self, thread_id: int) -> None:
        """End a thread's turn, if it has it; the next one's begins."""
        with self._lock:
            if self._holder != thread_id:
                return
            self._holder = None
            if self._asking:
                self._holder, has_come = self._asking.popleft()
                has_come.set()


class Running:
    """With `one_by_one` only one run has a transaction open, as SQLite wants it."""

    def __init__(self, *, one_by_one: bool = False) -> None:
        self._lock = threading.Lock()
        self._going: set[Going] = set()
        self._turn = Turn() if one_by_one else None

    def turn(self, patience: float | None = None) -> AbstractContextManager[bool]:
        """Wait until a transaction may be opened; see `Turn.taken`."""
        return nullcontext(True) if self._turn is None else self._turn.taken(patience)

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
            going.is_out = True
            going.cancelled.set()
        _interrupt(going)
        if self._turn is not None:
            self._turn.give_up(going.thread_id)
        return True


def _interrupt(going: Going) -> None:
    """Whatever comes of it: the run is out, and that has still to be written."""
    if going.target is None:
        return
    try:
        going.target.dialect.interrupt(going.target)
    except Exception as error:
        events.broken("the interruption of a run", error)
