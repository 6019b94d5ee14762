"""The housekeeper: writes down, beats, sweeps, looks into gaps and prunes; the loop never waits for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from reconciler.database import (
    Ending,
    Link,
    NewRun,
    Process,
    Target,
    claim_runs,
    end_runs,
    forget_processes,
    heartbeat,
    moments_between,
    processes_of_open_runs,
    prune_runs,
    read_holds,
    read_processes,
    sweep_runs,
)
from reconciler.errors import ReconcilerError
from reconciler.scheduler import events
from reconciler.scheduler.claims import LocalClaims, new_run
from reconciler.scheduler.counters import Counters
from reconciler.scheduler.fires import Claim
from reconciler.scheduler.gaps import Gaps, Scope
from reconciler.scheduler.journal import Journal
from reconciler.scheduler.loop import Gap
from reconciler.scheduler.misses import settle
from reconciler.scheduler.running import Running
from reconciler.scheduler.workers import Workers

BEAT = 5.0
LEASE = 15.0
"""Seconds between signs of life, and without one until a process counts as dead."""

PRUNE_EVERY = 3600.0
PRUNED_AT_ONCE = 500
SKEW = 2.0
"""Seconds by which our clock and the database's may differ without a word."""


class Waiting(Protocol):
    def released(self, target: Target) -> list[Claim]: ...


@dataclass(slots=True, kw_only=True)
class Housekeeper:
    """One pass is `step`. Times are seconds since 1970."""

    link: Link
    process_id: bytes
    journal: Journal
    running: Running
    workers: Workers
    counters: Counters
    claims: Waiting
    settled: Callable[[], int]  # each fire up to then has been claimed
    gaps: Gaps
    new_id: Callable[[], bytes]
    keep_runs: timedelta
    reload: Callable[[Target, float], None] | None = None
    reload_every: float = 0.0
    reachable: bool = True
    _beat_at: float = 0.0
    _prune_at: float = 0.0
    _reload_at: float = 0.0

    def step(self, now: float) -> float:
        """Do what is due; when to come again."""
        self._cancel_overdue(now)
        try:
            with self.link.target() as target:
                self._keep(target, now)
        except ReconcilerError as error:
            if isinstance(self.claims, LocalClaims):  # a run writes: what is to be written waits
                return now + 1.0
            if self.reachable:
                events.warn(f"the database is away: {error.message}")
            self.reachable = False
            return now + 1.0
        if not self.reachable:
            events.note("the database is back")
        self.reachable = True
        return now + (0.2 if len(self.journal) else 1.0)

    def _keep(self, target: Target, now: float) -> None:
        self.write(target, now)
        self.workers.put(self.claims.released(target))
        if now >= self._beat_at:
            self._beat(target, now)
            self._beat_at = now + BEAT
        self._look_into_gaps(target, now)
        if self.reload is not None and now >= self._reload_at:
            if self._reload_at:
                self.reload(target, now)
            self._reload_at = now + self.reload_every
        if now >= self._prune_at:
            self._prune(target, now)

    def _cancel_overdue(self, now: float) -> None:
        for going in self.running.overdue(now):
            timeout = going.claim.task.policy.timeout
            self.cancel(going.claim, f"it took longer than its Timeout of {timeout:g} s", now)

    def cancel(self, claim: Claim, reason: str, now: float) -> None:
        """End a run that goes on: its flag is set, its connection stopped, its worker replaced."""
        for going in self.running.all():
            if going.claim is claim and self.running.cancel(going):
                self.journal.add(Ending(claim.run_id, "cancelled", reason, _moment(now)))
                self.workers.abandon(going.thread_id)
                self.counters.ended("cancelled", now - (going.started or now))
                events.cancelled({"task": claim.task.row.name, "run_id": claim.run_id.hex()}, reason)

    def write(self, target: Target, now: float) -> None:
        """Everything that is still to be written. What cannot be is kept. Raises TargetError."""
        endings = self.journal.take()
        rows = self.claims.take_unwritten() if isinstance(self.claims, LocalClaims) else []
        try:
            if rows:
                claim_runs(target, self.process_id, rows, now=_moment(now))
            end_runs(target, endings)
        except BaseException:
            self.journal.put_back(endings)
            if isinstance(self.claims, LocalClaims):
                self.claims.put_back(rows)
            raise
        if isinstance(self.claims, LocalClaims):
            self.claims.holds = read_holds(target, _moment(now))

    def _beat(self, target: Target, now: float) -> None:
        database_now = heartbeat(target, self.process_id, _moment(self.settled()))
        skew = now - database_now.timestamp()
        if abs(skew) > SKEW:
            events.warn(f"this clock is {skew:+.1f} s from the database's: fires come that much off")
        self.sweep(target, now)

    def sweep(self, target: Target, now: float) -> None:
        """Declare lost what dead processes have left open."""
        suspects = processes_of_open_runs(target) - {self.process_id}
        if not suspects:
            return
        alive = {one.process_id for one in self.others(target) if self._is_live(one)}
        for run in sweep_runs(target, sorted(suspects - alive), _moment(now)):
            self.counters.ended("lost")
            events.lost(run.name, f"{run.moment:%Y-%m-%dT%H:%M:%SZ}")

    def others(self, target: Target) -> list[Process]:
        return [one for one in read_processes(target) if one.process_id != self.process_id]

    def _is_live(self, process: Process) -> bool:
        """On SQLite another scheduler cannot be: we hold the lock."""
        is_alone = isinstance(self.claims, LocalClaims) and process.kind == "scheduler"
        return not is_alone and process.is_live(LEASE)

    def _look_into_gaps(self, target: Target, now: float) -> None:
        for gap, scope in self.gaps.all():
            if self._is_over(target, gap):
                self._settle(target, gap, scope, now)
                self.gaps.close(gap)

    def _is_over(self, target: Target, gap: Gap) -> bool:
        """Whether nobody who looks alive may still be about to claim moments of the gap."""
        end = _moment(gap.until)
        return not any(
            self._is_live(one) and one.kind == "scheduler" and one.heartbeat_at <= end + timedelta(seconds=1)
            for one in self.others(target)
        )

    def _settle(self, target: Target, gap: Gap, scope: Scope, now: float) -> None:
        runs = moments_between(target, _moment(gap.since), _moment(gap.until))
        caught, records = settle(scope.tasks, gap, runs, scope.anchors, scope.zone, self.new_id)
        rows = [new_run(claim) for claim in caught] + records
        won = claim_runs(target, self.process_id, rows, now=_moment(now)) if rows else frozenset()
        _say_missed([record for record in records if record.run_id in won], self.counters)
        self.workers.put([claim for claim in caught if claim.run_id in won])

    def _prune(self, target: Target, now: float) -> None:
        """In small batches, one a pass, so that nobody waits for it."""
        before = _moment(now) - self.keep_runs
        if prune_runs(target, before, PRUNED_AT_ONCE) < PRUNED_AT_ONCE:
            forget_processes(target, min(before, _moment(now) - timedelta(days=1)))
            self._prune_at = now + PRUNE_EVERY


def _say_missed(records: Sequence[NewRun], counters: Counters) -> None:
    for record in records:
        counters.ended("missed")
        last = record.missed_until or record.moment
        events.missed(
            record.name,
            f"{record.moment:%Y-%m-%dT%H:%M:%SZ}",
            f"{last:%Y-%m-%dT%H:%M:%SZ}",
            record.missed_count or 1,
        )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
