"""The right to run a fire: on a server it is won in the database, on SQLite nobody else may be there."""

import threading
from collections import Counter as Tally
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from reconciler.database import (
    Hold,
    Link,
    NewRun,
    Target,
    active_runs,
    claim_runs,
    read_holds,
    start_run,
)
from reconciler.scheduler import events
from reconciler.scheduler.counters import Counters
from reconciler.scheduler.fires import Claim, Fire
from reconciler.scheduler.policies import overlap
from reconciler.scheduler.running import Running

NewId = Callable[[], bytes]


def new_run(claim: Claim, state: str = "claimed", error: str | None = None) -> NewRun:
    """The row of the history for a claim."""
    row = claim.task.row
    return NewRun(
        claim.run_id,
        row.reference_id,
        claim.moment,
        row.name,
        row.entity_name,
        row.action_name,
        row.as_user_email,
        claim.cause,
        state,
        error,
    )


class _Sorted:
    """Fires sorted by what becomes of them."""

    def __init__(self, new_id: NewId) -> None:
        self.new_id = new_id
        self.rows: list[NewRun] = []
        self.run: list[Claim] = []
        self.wait: list[Claim] = []

    def sort(
        self,
        fires: Sequence[Fire],
        holds: Mapping[bytes, Hold],
        active: Tally[bytes],
    ) -> None:
        for fire in fires:
            claim = Claim(self.new_id(), fire.task, datetime.fromtimestamp(fire.moment, UTC))
            reference = fire.task.row.reference_id
            verdict = overlap(fire.task.policy, active[reference])
            if hold := holds.get(reference):
                self._skip(claim, f"held until {hold.until:%Y-%m-%d %H:%M} UTC by {hold.who}: {hold.reason}")
            elif verdict == "skip":
                self._skip(claim, "an earlier run has not ended")
            else:
                self.rows.append(new_run(claim))
                (self.run if verdict == "run" else self.wait).append(claim)
                if fire.task.policy.overlap != "allow":
                    active[reference] += 1

    def _skip(self, claim: Claim, reason: str) -> None:
        self.rows.append(new_run(claim, "skipped", reason))


class ServerClaims:
    """Claims of one process among several. The loop calls `claim`, the housekeeper and workers the rest."""

    def __init__(
        self,
        link: Link,
        process_id: bytes,
        *,
        new_id: NewId,
        counters: Counters,
        settled: Callable[[int], int],
    ) -> None:
        self._link = link
        self._process_id = process_id
        self._new_id = new_id
        self._counters = counters
        self._settled = settled  # up to when all is settled, once the fires of a second are claimed
        self._waiting: list[Claim] = []
        self._lock = threading.Lock()

    def claim(self, fires: Sequence[Fire], now: float) -> Sequence[Claim]:
        """One batch: the fires of one second. Raises TargetError."""
        moment = datetime.fromtimestamp(now, UTC)
        sorted_ = _Sorted(self._new_id)
        with self._link.target() as target:
            sorted_.sort(fires, read_holds(target, moment), _active(target, fires))
            settled = datetime.fromtimestamp(self._settled(int(now)), UTC)
            won = claim_runs(target, self._process_id, sorted_.rows, now=moment, settled_until=settled)
        self._counters.claimed(len(won), len(sorted_.rows) - len(won))
        _say_skipped(sorted_.rows, won, self._counters)
        with self._lock:
            self._waiting += [claim for claim in sorted_.wait if claim.run_id in won]
        return [claim for claim in sorted_.run if claim.run_id in won]

    def released(self, target: Target) -> list[Claim]:
        """The fires that waited for an earlier run, which has ended by now. Raises TargetError."""
        with self._lock:
            references = [claim.task.row.reference_id for claim in self._waiting]
        if not references:
            return []
        active = active_runs(target, references)
        with self._lock:
            free = [claim for claim in self._waiting if active.get(claim.task.row.reference_id, 0) <= 1]
            self._waiting = [claim for claim in self._waiting if claim not in free]
        return free

    @staticmethod
    def start(target: Target, claim: Claim, now: datetime) -> bool:
        return start_run(target, claim.run_id, now)


def _active(target: Target, fires: Sequence[Fire]) -> Tally[bytes]:
    """Asked only for the tasks whose policy wants to know."""
    careful = {fire.task.row.reference_id for fire in fires if fire.task.policy.overlap != "allow"}
    return Tally(active_runs(target, sorted(careful)))


def _say_skipped(rows: Sequence[NewRun], won: frozenset[bytes], counters: Counters) -> None:
    for row in rows:
        if row.state == "skipped" and row.run_id in won:
            counters.ended("skipped")
            events.skipped(row.name, f"{row.moment:%Y-%m-%dT%H:%M:%SZ}", row.error or "")


class LocalClaims:
    """Claims of the only process. The loop never waits for the file: rows are written by the housekeeper.

    A run writes its own row before it begins, unless the moment has one: then it was run before.
    """

    def __init__(self, process_id: bytes, *, new_id: NewId, counters: Counters, running: Running) -> None:
        self._process_id = process_id
        self._new_id = new_id
        self._counters = counters
        self._running = running
        self._lock = threading.Lock()
        self._open: dict[bytes, Claim] = {}  # dispatched or waiting
        self._waiting: list[Claim] = []
        self.unwritten: list[NewRun] = []
        self.holds: Mapping[bytes, Hold] = {}  # as of the last second

    def claim(self, fires: Sequence[Fire], now: float) -> Sequence[Claim]:
        sorted_ = _Sorted(self._new_id)
        moment = datetime.fromtimestamp(now, UTC)
        holds = {key: hold for key, hold in self.holds.items() if hold.until > moment}
        with self._lock:
            active = Tally(claim.task.row.reference_id for claim in self._open.values())
            sorted_.sort(fires, holds, active)
            for claim in (*sorted_.run, *sorted_.wait):
                if claim.task.policy.overlap != "allow":
                    self._open[claim.run_id] = claim
            self._waiting += sorted_.wait
            self.unwritten += sorted_.rows
        self._counters.claimed(len(sorted_.rows), 0)
        _say_skipped(sorted_.rows, frozenset(row.run_id for row in sorted_.rows), self._counters)
        return sorted_.run

    def ended(self, claim: Claim) -> None:
        """A run is over, however."""
        with self._lock:
            self._open.pop(claim.run_id, None)

    def released(self, target: Target) -> list[Claim]:
        with self._lock:
            active = Tally(claim.task.row.reference_id for claim in self._open.values())
            free = [claim for claim in self._waiting if active[claim.task.row.reference_id] <= 1]
            self._waiting = [claim for claim in self._waiting if claim not in free]
        return free

    def take_unwritten(self) -> list[NewRun]:
        with self._lock:
            rows, self.unwritten = self.unwritten, []
        return rows

    def put_back(self, rows: Sequence[NewRun]) -> None:
        with self._lock:
            self.unwritten = [*rows, *self.unwritten]

    def start(self, target: Target, claim: Claim, now: datetime) -> bool:
        claim_runs(target, self._process_id, [new_run(claim)], now=now)
        return start_run(target, claim.run_id, now)
