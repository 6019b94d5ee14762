"""Worker threads that run claims. Nothing that a claim raises ends one of them."""

import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue

from reconciler.scheduler import events
from reconciler.scheduler.fires import Claim

Execute = Callable[[Claim], None]


class Workers:
    """A fixed number of daemon threads on one queue.

    A thread cannot be killed. One that a run keeps for ever is abandoned: another takes its place, and it
    ends by itself if the run ever does.
    """

    def __init__(self, size: int, execute: Execute) -> None:
        self.size = size
        self._execute = execute
        self._queue: SimpleQueue[Claim | None] = SimpleQueue()
        self._busy: dict[int, Claim] = {}  # what each thread runs
        self._lock = threading.Lock()
        self._unfinished = 0
        for _ in range(size):
            self._add()

    def put(self, claims: Sequence[Claim]) -> None:
        with self._lock:
            self._unfinished += len(claims)
        for claim in claims:
            self._queue.put(claim)

    @property
    def unfinished(self) -> int:
        """Claims that wait or run."""
        return self._unfinished

    @property
    def waiting(self) -> int:
        """Claims that no worker has taken yet."""
        return self._queue.qsize()

    def abandon(self, thread_id: int, claim: Claim) -> None:
        """Let another thread take the place of one that does not come back from a claim.

        One that came back meanwhile, and may run another claim by now, stays.
        """
        with self._lock:
            if self._busy.get(thread_id) is not claim:
                return
            del self._busy[thread_id]
            self._unfinished -= 1
        self._add()

    def close(self) -> None:
        """End the threads once the queue is empty."""
        for _ in range(self.size):
            self._queue.put(None)

    def take_back(self) -> list[Claim]:
        """The claims that no worker has taken; none is left to be taken."""
        found = []
        while self._queue.qsize():
            claim = self._queue.get()
            if claim is not None:
                found.append(claim)
        with self._lock:
            self._unfinished -= len(found)
        return found

    def _add(self) -> None:
        threading.Thread(target=self._work, name="worker", daemon=True).start()

    def _work(self) -> None:
        me, busy, lock = threading.get_ident(), self._busy, self._lock
        take, execute = self._queue.get, self._execute
        while (claim := take()) is not None:
            busy[me] = claim
            try:
                execute(claim)
            except BaseException as error:
                events.broken("a worker", error)
            with lock:
                if busy.pop(me, None) is None:  # abandoned: another has taken this place
                    return
                self._unfinished -= 1
