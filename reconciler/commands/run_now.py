"""`task-scheduler run`."""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from reconciler import __version__
from reconciler.actions.run import ActionKey, Function
from reconciler.commands.naming import no_task
from reconciler.commands.runs import reported
from reconciler.database.history import read_run
from reconciler.database.holds import read_holds
from reconciler.database.link import Link
from reconciler.database.processes import Process, end_process, heartbeat, register_process
from reconciler.database.rows import read_existing, read_options, read_secrets
from reconciler.database.runs import Ending, claim_runs, end_runs
from reconciler.database.target import LOCK_TIMEOUT, Target, connect
from reconciler.database.transactions import locked, transaction
from reconciler.database.urls import TargetUrl
from reconciler.errors import ReconcilerError, TargetError, UsageError
from reconciler.report.plan import target_of
from reconciler.report.runs import RanReport
from reconciler.scheduler import events
from reconciler.scheduler.claims import ServerClaims, new_run
from reconciler.scheduler.clock import Clock, moment_at
from reconciler.scheduler.counters import Counters
from reconciler.scheduler.fires import Claim, Registered
from reconciler.scheduler.housekeeping import BEAT
from reconciler.scheduler.journal import Journal
from reconciler.scheduler.registration import register, with_secrets
from reconciler.scheduler.running import Running
from reconciler.scheduler.runs import Remote, Runner
from reconciler.scheduler.workers import Workers
from reconciler.task import Row
from reconciler.uuid7 import uuid7

PASS = 0.05
"""Seconds between two looks at the run."""

SHORT_WAIT = 0.5
"""Seconds for which a heartbeat waits for SQLite's only writer, which may be the run itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Executors:
    """What can execute an action."""

    functions: Mapping[ActionKey, Function]
    remote: Remote | None = None
    folder: Path | None = None  # where functions may write files


def run_now(url: TargetUrl, name: str, zone: ZoneInfo, executors: Executors, clock: Clock) -> RanReport:
    """Run a task now, as its user, in this process; it is recorded as manual.

    An inactive task and one on hold run too. Raises UsageError for a name that no row or more than one has,
    and ReconcilerError for a row that cannot be registered.
    """
    process_id = uuid7()
    now = moment_at(clock.now())
    with connect(url, read_only=False) as target:
        with locked(target, LOCK_TIMEOUT), transaction(target):
            row = _find(target, name)
            task = _registered(target, row)
            notes = tuple(_notes(target, row, now))
            register_process(target, _process(process_id, now, zone), {})
        claim = Claim(uuid7(), task, now, "manual")
        try:
            _claim(target, process_id, claim)
            _Execution(url=url, process_id=process_id, claim=claim, clock=clock).run(target, executors)
        finally:
            end_process(target, process_id, moment_at(clock.now()))
        done = read_run(target, claim.run_id)
    assert done is not None, "it was claimed"
    return RanReport(
        target=target_of(url),
        run=reported(done),
        notes=notes,
    )


def _find(target: Target, name: str) -> Row:
    rows = read_existing(target).rows
    found = [row for row in rows if row.name == name]
    if not found:
        raise no_task(name, [row.name for row in rows])
    if len(found) > 1:
        raise UsageError(f"{len(found)} rows are named {name!r}", hint="rename all but one")
    return found[0]


def _registered(target: Target, row: Row) -> Registered:
    registration = register([row._replace(active=True)], read_options(target))
    if registration.refused:
        raise ReconcilerError(f"{row.name!r} cannot run: {registration.refused[0].reason}")
    return with_secrets(registration.tasks, read_secrets(target))[0]


def _notes(target: Target, row: Row, now: datetime) -> Iterator[str]:
    if not row.active:
        yield f"{row.name} is not active: no scheduler fires it."
    if hold := read_holds(target, now).get(row.reference_id):
        yield f"{row.name} is on hold until {hold.until:%Y-%m-%d %H:%M} UTC: no scheduler fires it."


def _process(process_id: bytes, now: datetime, zone: ZoneInfo) -> Process:
    return Process(
        process_id=process_id,
        kind="manual",
        host=socket.gethostname(),
        pid=os.getpid(),
        tool=__version__,
        timezone=str(zone),
        started_at=now,
        heartbeat_at=now,
    )


def _claim(target: Target, process_id: bytes, claim: Claim) -> None:
    won = claim_runs(target, process_id, [new_run(claim)], now=claim.moment)
    if claim.run_id not in won:
        raise ReconcilerError(f"{claim.task.row.name!r} was run at this very moment by somebody else")


@dataclass(slots=True, kw_only=True)
class _Execution:
    """One run by the scheduler's own runner, looked after as the scheduler would."""

    url: TargetUrl
    process_id: bytes
    claim: Claim
    clock: Clock
    journal: Journal = field(default_factory=Journal)
    running: Running = field(init=False)
    workers: Workers = field(init=False)

    def run(self, target: Target, executors: Executors) -> None:
        """Until it has ended. An interrupt cancels it."""
        self.running = Running(one_by_one=target.kind == "sqlite")
        self.workers = Workers(1, self._runner(executors).execute)
        self.workers.put([self.claim])
        try:
            self._look_after()
        except BaseException:
            self._cancel("it was interrupted")
            raise
        finally:
            end_runs(target, self.journal.take())

    def _runner(self, executors: Executors) -> Runner:
        return Runner(
            url=self.url,
            start=ServerClaims.start,
            functions=executors.functions,
            remote=executors.remote,
            folder=executors.folder,
            now=self.clock.now,
            counters=Counters(),
            journal=self.journal,
            running=self.running,
        )

    def _look_after(self) -> None:
        link = Link(self.url, SHORT_WAIT)
        beat_at = self.clock.now() + BEAT
        while self.workers.unfinished:
            now = self.clock.now()
            if self.running.overdue(now):
                self._cancel(f"it took longer than its Timeout of {self.claim.task.policy.timeout:g} s")
            if now >= beat_at:
                with suppress(TargetError), link.target() as target:  # the run's end will say what is wrong
                    heartbeat(target, self.process_id, None)
                beat_at = now + BEAT
            self.clock.wait(now + PASS)
        link.close()

    def _cancel(self, reason: str) -> None:
        at = moment_at(self.clock.now())
        for going in self.running.all():
            if self.running.cancel(going):
                self.journal.add(Ending(self.claim.run_id, "cancelled", reason, at))
                self.workers.abandon(going.thread_id, self.claim)
                events.cancelled(going.fields, reason)
