"""The right to run a fire: on a server it is won in the database, on SQLite nobody else may be there."""

import threading
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from reconciler.database.claiming import NewRun
from reconciler.database.holds import read_holds
from reconciler.database.identity import Identity
from reconciler.database.link import Link
from reconciler.database.runs import Ending, active_runs, begin_run, claim_runs, claimed_among, open_runs
from reconciler.database.target import Target
from reconciler.errors import OutcomeUnknown
from reconciler.planning.changes import Hold
from reconciler.scheduler import events
from reconciler.scheduler.clock import moment_at
from reconciler.scheduler.counters import Counters
from reconciler.scheduler.fires import Claim, Fire, Registered, claims_of
from reconciler.scheduler.journal import Journal
from reconciler.scheduler.policies import overlap
from reconciler.scheduler.waiting import Waiting

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


class _Batch:
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
        for claim in claims_of(fires, self.new_id):
            reference = claim.task.row.reference_id
            verdict = overlap(claim.task.policy, active[reference])
            if hold := holds.get(reference):
                self._skip(claim, f"held until {hold.until:%Y-%m-%d %H:%M} UTC by {hold.who}: {hold.reason}")
            elif verdict == "skip":
                self._skip(claim, "an earlier run has not ended")
            else:
                self.rows.append(new_run(claim))
                (self.run if verdict == "run" else self.wait).append(claim)
                if _is_careful(claim.task):
                    active[reference] += 1

    def _skip(self, claim: Claim, reason: str) -> None:
        self.rows.append(new_run(claim, "skipped", reason))


def _is_careful(task: Registered) -> bool:
    """Whether its runs may not overlap."""
    return task.policy.overlap != "allow"


class ServerClaims:
    """Claims of one process among several. The loop calls `claim`, the housekeeper and workers the rest."""

    is_alone = False

    def __init__(
        self,
        link: Link,
        process_id: bytes,
        *,
        new_id: NewId,
        counters: Counters,
        journal: Journal,
        settled: Callable[[int], int],
    ) -> None:
        self._link = link
        self._process_id = process_id
        self._new_id = new_id
        self._counters = counters
        self._journal = journal
        self._settled = settled
        self._waiting = Waiting()
        self._uncertain: dict[bytes, Claim] = {}  # the connection broke while they were committed

    def claim(self, fires: Sequence[Fire], now: float) -> Sequence[Claim]:
        """One batch: every start that is due by now. Raises TargetError and OutcomeUnknown."""
        moment = moment_at(now)
        batch = _Batch(self._new_id)
        with self._link.target() as target:
            again = self._recover(target, fires, moment)
            new = _without(fires, again) if again else fires
            batch.sort(new, read_holds(target, moment), _active(target, new))
            won = self._write(target, batch, moment)
        self._uncertain = {}
        self._counters.claimed(len(won) + len(again), len(batch.rows) - len(won))
        _say_skipped(batch.rows, won, self._counters)
        self._waiting.add(claim for claim in batch.wait if claim.run_id in won)
        return [*self.admit(again), *(claim for claim in batch.run if claim.run_id in won)]

    def _write(self, target: Target, batch: _Batch, now: datetime) -> frozenset[bytes]:
        """All earlier starts were claimed before: with this batch everything is, up to now."""
        until = moment_at(self._settled(int(now.timestamp())))
        try:
            return claim_runs(target, self._process_id, batch.rows, now=now, settled_until=until)
        except OutcomeUnknown:
            self._uncertain |= {claim.run_id: claim for claim in (*batch.run, *batch.wait)}
            raise

    def _recover(self, target: Target, fires: Sequence[Fire], now: datetime) -> list[Claim]:
        """The fires that were claimed after all when the connection broke; what nobody asks for is lost."""
        if not self._uncertain:
            return []
        written = claimed_among(target, sorted(self._uncertain))
        asked = {(fire.task.row.reference_id, fire.moment) for fire in fires}
        found = {run_id: self._uncertain[run_id] for run_id in sorted(written)}
        self._uncertain = {run_id: claim for run_id, claim in found.items() if _key(claim) in asked}
        for run_id in found.keys() - self._uncertain.keys():
            self._journal.add(Ending(run_id, "lost", "the connection was lost while it was claimed", now))
            self._counters.ended("lost")
        return list(self._uncertain.values())

    def admit(self, claims: Iterable[Claim]) -> list[Claim]:
        """Those that may run now; the others, whose runs may not overlap, are released one by one."""
        given = list(claims)
        self._waiting.add(claim for claim in given if _is_careful(claim.task))
        return [claim for claim in given if not _is_careful(claim.task)]

    def released(self, target: Target) -> list[Claim]:
        """The claims that waited for an earlier run, which has ended by now. Raises TargetError."""
        references = self._waiting.references()
        return self._waiting.release(open_runs(target, references)) if references else []

    def take_waiting(self) -> list[Claim]:
        """The claims that wait; they are not released any more."""
        return self._waiting.take()

    def ended(self, claim: Claim) -> None:
        """A run is over, however: the database knows."""

    def flush(self, target: Target, now: datetime) -> None:
        """Everything was written when it was claimed."""

    @staticmethod
    def start(target: Target, claim: Claim, now: datetime) -> Identity | None:
        return begin_run(target, claim.run_id, claim.task.row, now)


def _key(claim: Claim) -> tuple[bytes, int]:
    return claim.task.row.reference_id, int(claim.moment.timestamp())


def _without(fires: Sequence[Fire], claims: Sequence[Claim]) -> list[Fire]:
    known = {_key(claim) for claim in claims}
    return [fire for fire in fires if (fire.task.row.reference_id, fire.moment) not in known]


def _active(target: Target, fires: Sequence[Fire]) -> Tally[bytes]:
    """Asked only for the tasks whose policy wants to know."""
    careful = {fire.task.row.reference_id for fire in fires if _is_careful(fire.task)}
    return Tally(active_runs(target, sorted(careful)))


def _say_skipped(rows: Sequence[NewRun], won: frozenset[bytes], counters: Counters) -> None:
    for row in rows:
        if row.state == "skipped" and row.run_id in won:
            counters.ended("skipped")
            events.skipped(row.name, row.moment, row.error or "")


class LocalClaims:
    """Claims of the only process. The loop never waits for the file: rows are written by the housekeeper.

    A run writes its own row before it begins, unless the moment has one: then it was run before.
    """

    is_alone = True

    def __init__(self, process_id: bytes, *, new_id: NewId, counters: Counters) -> None:
        self._process_id = process_id
        self._new_id = new_id
        self._counters = counters
        self._lock = threading.Lock()
        self._open: dict[bytes, Claim] = {}  # of tasks whose runs may not overlap: dispatched or waiting
        self._waiting = Waiting()
        self._unwritten: list[NewRun] = []
        self._holds: Mapping[bytes, Hold] = {}  # as of the last second

    def claim(self, fires: Sequence[Fire], now: float) -> Sequence[Claim]:
        batch = _Batch(self._new_id)
        moment = moment_at(now)
        holds = {key: hold for key, hold in self._holds.items() if hold.until > moment}
        with self._lock:
            active = Tally(claim.task.row.reference_id for claim in self._open.values())
            batch.sort(fires, holds, active)
            self._note(batch.run)
            self._note(batch.wait)
            self._unwritten += batch.rows
        self._waiting.add(batch.wait)
        self._counters.claimed(len(batch.rows), 0)
        _say_skipped(batch.rows, frozenset(row.run_id for row in batch.rows), self._counters)
        return batch.run

    def _note(self, claims: Iterable[Claim]) -> None:
        self._open |= {claim.run_id: claim for claim in claims if _is_careful(claim.task)}

    def ended(self, claim: Claim) -> None:
        with self._lock:
            self._open.pop(claim.run_id, None)

    def admit(self, claims: Iterable[Claim]) -> list[Claim]:
        given = list(claims)
        with self._lock:
            self._note(given)
        self._waiting.add(claim for claim in given if _is_careful(claim.task))
        return [claim for claim in given if not _is_careful(claim.task)]

    def released(self, target: Target) -> list[Claim]:
        open_: dict[bytes, list[tuple[bytes, str]]] = {}
        with self._lock:
            for run_id, claim in self._open.items():
                open_.setdefault(claim.task.row.reference_id, []).append((run_id, "running"))
        return self._waiting.release(open_)

    def take_waiting(self) -> list[Claim]:
        return self._waiting.take()

    def flush(self, target: Target, now: datetime) -> None:
        """Write what was claimed, and see what is on hold. Raises TargetError; the rows are kept then."""
        with self._lock:
            rows, self._unwritten = self._unwritten, []
        try:
            if rows:
                claim_runs(target, self._process_id, rows, now=now)
        except BaseException:
            with self._lock:
                self._unwritten = [*rows, *self._unwritten]
            raise
        self._holds = read_holds(target, now)

    def start(self, target: Target, claim: Claim, now: datetime) -> Identity | None:
        claim_runs(target, self._process_id, [new_run(claim)], now=now)
        return begin_run(target, claim.run_id, claim.task.row, now)
