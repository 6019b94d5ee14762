"""The loop: what is due is claimed and handed to the workers. It sleeps nowhere but in its clock."""

from collections.abc import Callable, Sequence
from itertools import chain
from queue import SimpleQueue
from typing import NamedTuple, Protocol

from reconciler.errors import ReconcilerError
from reconciler.scheduler import events
from reconciler.scheduler.clock import Clock
from reconciler.scheduler.counters import Counters
from reconciler.scheduler.fires import Claim, Fire
from reconciler.scheduler.timetable import Timetable

BACKWARD = 1.0
"""Seconds that a clock may go back without anybody having set it."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 10.0
"""Seconds until claims are tried again that failed; doubled each time."""


class Claims(Protocol):
    """Who may run what."""

    def claim(self, fires: Sequence[Fire], now: float) -> Sequence[Claim]:
        """The fires that are ours to run now. Raises TargetError where the database is away."""
        ...


class Gap(NamedTuple):
    """Starts due later than `since` and up to `until` that the loop did not make. Seconds since 1970."""

    since: int
    until: int


class Loop:
    """One pass is `step`. Seconds since 1970."""

    def __init__(
        self,
        *,
        timetable: Timetable,
        claims: Claims,
        put: Callable[[Sequence[Claim]], None],
        counters: Counters,
        on_gap: Callable[[Gap], None],
        max_lateness: float,
        start: float,
    ) -> None:
        self.timetable = timetable
        self.settled = int(start)  # each fire up to then has been claimed, or is in a gap
        self._claims = claims
        self._put = put
        self._counters = counters
        self._on_gap = on_gap
        self._max_lateness = max_lateness
        self._last = start
        self._pause = 0.0
        self._again_at = 0.0
        self._outage: int | None = None  # what was settled when claims began to fail, until one succeeds
        self._later: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def later(self, change: Callable[[], None]) -> None:
        """Have a change of the timetable made after the next pass, by the loop's own thread."""
        self._later.put(change)

    def step(self, now: float) -> float:
        """Fire what is due by now; when to come again, at the latest."""
        self._counters.passed(now)
        if now < self._last - BACKWARD:
            # What was claimed already cannot be claimed again: going over it twice fires nothing twice. What
            # could not be claimed yet is still due.
            self.settled, self._again_at = min(self.settled, int(now)), now
            self.timetable.skip_to(self.settled)
        self._last = now
        if now < self._again_at:
            return self._again_at
        self._give_up_on(now - self._max_lateness)
        try:
            self._fire(now)
        except ReconcilerError as error:
            return self._try_again_later(now, error)
        self._pause = 0.0
        self._counters.claims_fail = False
        self.settled = int(now)
        while self._later.qsize():
            self._later.get()()
            self._outage = None  # the table was read: the database is there
        upcoming = self.timetable.next()
        return now + 3600 if upcoming is None else float(upcoming)

    def _fire(self, now: float) -> None:
        """All of it in one batch: once that is claimed, each start up to now has been.

        A pass in time has the fires of one second, and the timetable goes on after they are handed over.
        """
        first = self.timetable.next()
        due = self.timetable.due(now)
        fires = next(due, [])
        if first is not None and first <= now - 1:
            fires = [*fires, *chain.from_iterable(due)]
        if fires:
            self._put(self._claims.claim(fires, now))
            self._outage = None
            self._counters.fired(len(fires))
        for _ in due:  # nothing more: the groups that have fired are entered anew
            pass

    def _give_up_on(self, limit: float) -> None:
        """What should have started before the limit is not started any more: it is looked into as a gap.

        Of one outage it is one gap that grows, so that what a task missed is one record.
        """
        upcoming = self.timetable.next()
        if upcoming is not None and upcoming < limit:
            since = self.settled if self._outage is None else min(self._outage, self.settled)
            self._on_gap(Gap(since, int(limit)))
            self.timetable.skip_to(int(limit))
            self.settled = int(limit)

    def _try_again_later(self, now: float, error: ReconcilerError) -> float:
        """All that was not claimed becomes due again; what was is refused when it is claimed twice."""
        if self._outage is None:
            self._outage = self.settled
            events.warn(f"fires cannot be claimed: {error.message}")
        self._pause = min(self._pause * 2 or FIRST_PAUSE, LONGEST_PAUSE)
        self._again_at = now + self._pause
        self._counters.claims_fail = True
        self.timetable.skip_to(self.settled)
        return self._again_at


def run(loop: Loop, clock: Clock, is_stopping: Callable[[], bool]) -> None:
    """Pass after pass, until somebody stops it."""
    while not is_stopping():
        clock.wait(loop.step(clock.now()))
