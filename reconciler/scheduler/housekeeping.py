"""The housekeeper: writes down, beats, sweeps, looks into gaps and prunes; the loop never waits for it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from reconciler.database.claiming import NewRun
from reconciler.database.holds import read_holds
from reconciler.database.link import Link
from reconciler.database.processes import Process, forget_processes, heartbeat, read_processes
from reconciler.database.runs import (
    Ending,
    claim_runs,
    end_runs,
    moments_between,
    processes_of_open_runs,
    prune_runs,
    sweep_runs,
)
from reconciler.database.target import Target
from reconciler.errors import ReconcilerError, TargetError
from reconciler.planning.changes import Hold
from reconciler.scheduler import events
from reconciler.scheduler.claims import new_run
from reconciler.scheduler.clock import moment_at
from reconciler.scheduler.counters import Counters
from reconciler.scheduler.fires import Claim, Registered
from reconciler.scheduler.gaps import Gaps, Scope
from reconciler.scheduler.journal import Journal
from reconciler.scheduler.misses import settle
from reconciler.scheduler.running import Running
from reconciler.scheduler.workers import Workers

BEAT = 5.0
LEASE = 15.0
"""Seconds between signs of life, and without one until a process counts as dead."""

PASS = 1.0
SHORT_PASS = 0.2
"""Seconds between two passes; the shorter while something waits to be written."""

PATIENCE = 0.5
"""Seconds for which a pass waits for its turn; then it looks again at what takes too long."""

PRUNE_EVERY = 3600.0
PRUNED_AT_ONCE = 500
PROCESSES_KEPT = timedelta(days=30)
SKEW = 2.0
"""Seconds by which our clock and the database's may differ without a word."""

LOCKED_FOR = 5.0
"""Seconds for which another program may write to a SQLite file without a word."""


class Claims(Protocol):
    """What the housekeeper does for the claims."""

    is_alone: bool  # whether no other scheduler can be at work

    def flush(self, target: Target, now: datetime) -> None: ...
    def admit(self, claims: Iterable[Claim]) -> list[Claim]: ...
    def released(self, target: Target) -> list[Claim]: ...
    def ended(self, claim: Claim) -> None: ...


@dataclass(slots=True, kw_only=True)
class Housekeeper:
    """One pass is `step`. Times are seconds since 1970."""

    link: Link
    process_id: bytes
    journal: Journal
    running: Running
    workers: Workers
    counters: Counters
    claims: Claims
    gaps: Gaps
    settled: Callable[[], int]  # each start up to then has been claimed, or lies in a gap
    clock: Callable[[], float]
    new_id: Callable[[], bytes]
    keep_runs: timedelta
    max_lateness: float
    is_stopping: Callable[[], bool] = lambda: False
    reload: Callable[[float], None] | None = None
    reload_every: float = 0.0
    reachable: bool = True
    _failing_since: float | None = None
    _complaint: str = ""
    _is_skewed: bool = False
    _written_until: int = 0
    _beat_at: float = 0.0
    _prune_at: float = 0.0
    _reload_at: float = 0.0

    def step(self, now: float) -> float:
        """Do what is due; when to come again."""
        self._cancel_overdue(now)
        with self.running.turn(PATIENCE) as is_ours:
            if not is_ours:  # a run writes, and keeps everyone else out
                return now
            return self._keep(now)

    def _keep(self, now: float) -> float:
        try:
            with self.link.target() as target:
                for chore in (self._write, self._release, self._beat, self._close_gaps, self._prune):
                    self._do(chore, target, now)
        except TargetError as error:
            self._away(now, error)
            return now + PASS
        if not self.reachable:
            events.note("the database is back")
        self.reachable, self._failing_since = True, None
        if self.reload is not None and now >= self._reload_at:
            if self._reload_at:
                self.reload(now)
            self._reload_at = now + self.reload_every
        return now + (SHORT_PASS if len(self.journal) else PASS)

    def _do(self, chore: Callable[[Target, float], None], target: Target, now: float) -> None:
        """A statement that the database refuses keeps the other chores from nothing, above all the beat."""
        try:
            chore(target, now)
        except TargetError:
            raise
        except ReconcilerError as error:
            if error.message != self._complaint:
                events.warn(f"the housekeeper could not finish: {error.message}")
            self._complaint = error.message

    def _away(self, now: float, error: TargetError) -> None:
        self._failing_since = since = now if self._failing_since is None else self._failing_since
        if self.reachable and now - since >= (LOCKED_FOR if self.claims.is_alone else 0.0):
            events.warn(f"the database is away: {error.message}")
            self.reachable = False

    # Runs that take too long

    def _cancel_overdue(self, now: float) -> None:
        for going in self.running.overdue(now):
            timeout = going.claim.task.policy.timeout
            self.cancel(going.claim, f"it took longer than its Timeout of {timeout:g} s", now)

    def cancel(self, claim: Claim, reason: str, now: float) -> None:
        """End a run that goes on: its flag is set, its connection stopped, its worker replaced."""
        for going in self.running.all():
            if going.claim is claim and self.running.cancel(going):
                self.workers.abandon(going.thread_id, claim)
                self.call_off(claim, reason, now, now - (going.started or now))

    def call_off(self, claim: Claim, reason: str, now: float, duration: float | None = None) -> None:
        """Record that a claim comes to nothing."""
        self.journal.add(Ending(claim.run_id, "cancelled", reason, moment_at(now)))
        self.claims.ended(claim)
        self.counters.ended("cancelled", duration)
        events.cancelled(events.fields_of(claim), reason)

    # What is written

    def _write(self, target: Target, now: float) -> None:
        settled = self.gaps.settled(self.settled())  # asked first: what comes meanwhile is not written yet
        self.write(target, now)
        self._written_until = settled

    def write(self, target: Target, now: float) -> None:
        """Everything that is still to be written. What cannot be is kept. Raises TargetError."""
        endings = self.journal.take()
        try:
            self.claims.flush(target, moment_at(now))
            end_runs(target, endings)
        except BaseException:
            self.journal.put_back(endings)
            raise

    def _release(self, target: Target, now: float) -> None:
        if not self.is_stopping():
            self.workers.put(self.claims.released(target))

    # Signs of life

    def _beat(self, target: Target, now: float) -> None:
        if now < self._beat_at:
            return
        self._beat_at = now + BEAT
        before = self.clock()
        answer = heartbeat(target, self.process_id, moment_at(self._written_until)).timestamp()
        self._compare_clocks(before, answer, self.clock())
        self._sweep(target, now)

    def _compare_clocks(self, before: float, answer: float, after: float) -> None:
        """The database was asked at some moment between two of ours."""
        skew = before - answer if before > answer else min(after - answer, 0.0)
        if abs(skew) > SKEW and not self._is_skewed:
            events.warn(f"this clock is {skew:+.1f} s from the database's: fires come that much off")
        self._is_skewed = abs(skew) > SKEW

    def _sweep(self, target: Target, now: float) -> None:
        """Declare lost what dead processes have left open."""
        suspects = processes_of_open_runs(target) - {self.process_id}
        if not suspects:
            return
        alive = {one.process_id for one in self._others(target) if self._is_live(one)}
        for run in sweep_runs(target, sorted(suspects - alive), moment_at(now)):
            self.counters.ended("lost")
            events.lost(run.name, run.moment)

    def _others(self, target: Target) -> list[Process]:
        return [one for one in read_processes(target) if one.process_id != self.process_id]

    def _is_live(self, process: Process) -> bool:
        """On SQLite another scheduler cannot be: we hold the lock."""
        is_alone = self.claims.is_alone and process.kind == "scheduler"
        return not is_alone and process.is_live(LEASE)

    # What was missed

    def _close_gaps(self, target: Target, now: float) -> None:
        if self.is_stopping():  # nothing begins any more, and who starts next finds the gap
            return
        if self.counters.claims_fail:  # the outage is not over for the loop, whose gap may still grow
            return
        for scope in self.gaps.all():
            if self._is_over(target, scope):
                self._settle(target, scope, now)

    def _is_over(self, target: Target, scope: Scope) -> bool:
        """Whether nobody who looks alive may still be about to claim starts of the gap."""
        end = moment_at(scope.gap.until)
        too_late = end + timedelta(seconds=self.max_lateness + 1)
        return not any(
            self._is_live(one)
            and one.kind == "scheduler"
            and (one.settled_until is None or one.settled_until < end)
            and one.heartbeat_at <= too_late
            for one in self._others(target)
        )

    def _settle(self, target: Target, scope: Scope, now: float) -> None:
        since, until = moment_at(scope.gap.since - scope.most_jitter), moment_at(scope.gap.until)
        runs = moments_between(target, since, until)
        tasks = _without_held(scope.tasks, read_holds(target, moment_at(now)))
        caught, records = settle(tasks, scope.gap, runs, scope.anchors, scope.zone, self.new_id)
        rows = [new_run(claim) for claim in caught] + records
        won = claim_runs(target, self.process_id, rows, now=moment_at(now)) if rows else frozenset()
        self.gaps.close(scope)
        _say_missed([record for record in records if record.run_id in won], self.counters)
        self.workers.put(self.claims.admit(claim for claim in caught if claim.run_id in won))

    # What is old

    def _prune(self, target: Target, now: float) -> None:
        """In small batches, one a pass, so that nobody waits for it."""
        if now < self._prune_at:
            return
        if prune_runs(target, moment_at(now) - self.keep_runs, PRUNED_AT_ONCE) < PRUNED_AT_ONCE:
            forget_processes(target, moment_at(now) - max(PROCESSES_KEPT, self.keep_runs))
            self._prune_at = now + PRUNE_EVERY


def _without_held(tasks: Sequence[Registered], holds: Mapping[bytes, Hold]) -> Sequence[Registered]:
    """What an operator holds is not caught up: that it was missed is recorded."""
    held = [task for task in tasks if task.row.reference_id in holds]
    free = [task for task in tasks if task.row.reference_id not in holds]
    return [*free, *(task._replace(policy=replace(task.policy, catch_up="none")) for task in held)]


def _say_missed(records: Sequence[NewRun], counters: Counters) -> None:
    for record in records:
        counters.ended("missed")
        last = record.missed_until or record.moment
        events.missed(record.name, record.moment, last, record.missed_count or 1)
