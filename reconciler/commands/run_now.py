"""`task-scheduler run`."""

import os
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from reconciler import __version__, database
from reconciler.actions.run import ActionKey, Function
from reconciler.commands.runs import reported
from reconciler.database import Ending, Process, Target, TargetUrl
from reconciler.diagnostics import did_you_mean
from reconciler.errors import ReconcilerError, UsageError
from reconciler.report import RunsReport
from reconciler.report import Target as TargetReport
from reconciler.scheduler.claims import new_run
from reconciler.scheduler.clock import Clock
from reconciler.scheduler.counters import Counters
from reconciler.scheduler.fires import Claim, Registered
from reconciler.scheduler.housekeeping import BEAT
from reconciler.scheduler.journal import Journal
from reconciler.scheduler.registration import register
from reconciler.scheduler.running import Running
from reconciler.scheduler.runs import Remote, Runner
from reconciler.scheduler.workers import Workers
from reconciler.uuid7 import uuid7

PASS = 0.05
"""Seconds between two looks at the run."""


def run_now(
    url: TargetUrl,
    name: str,
    zone: ZoneInfo,
    functions: Mapping[ActionKey, Function],
    remote: Remote | None,
    folder: Path | None,
    clock: Clock,
) -> RunsReport:
    """Run a task now, as its user, in this process; it is recorded as manual.

    An inactive task runs too. Raises UsageError for a name that no row or more than one has, and
    ReconcilerError for a row that cannot be registered.
    """
    process_id = uuid7()
    with database.connect(url, read_only=False) as target:
        with database.locked(target, 30.0), database.transaction(target):
            task = _find(target, name, zone)
            now = datetime.fromtimestamp(clock.now(), UTC)
            database.register_process(target, _process(process_id, now, zone), {})
        claim = Claim(uuid7(), task, now, "manual")
        database.claim_runs(target, process_id, [new_run(claim)], now=now)
        _run(target, process_id, claim, functions, remote, folder, clock)
        database.end_process(target, process_id, datetime.fromtimestamp(clock.now(), UTC))
        done = [one for one in database.read_runs(target, name=name) if one.run_id == claim.run_id]
    return RunsReport(target=TargetReport(kind=url.kind, url=url.display), runs=tuple(map(reported, done)))


def _find(target: Target, name: str, zone: ZoneInfo) -> Registered:
    rows = database.read_existing(target).rows
    found = [row._replace(active=True) for row in rows if row.name == name]
    if not found:
        near = did_you_mean(name, [row.name for row in rows])
        raise UsageError(f"no task is named {name!r}", hint=f"did you mean {near!r}?" if near else None)
    if len(found) > 1:
        raise UsageError(f"{len(found)} rows are named {name!r}", hint="rename all but one")
    registration = register(found, database.read_options(target))
    if registration.refused:
        raise ReconcilerError(f"{name!r} cannot run: {registration.refused[0].reason}")
    return registration.tasks[0]


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
        settled_until=None,
        ended_at=None,
        age=0.0,
    )


def _run(
    target: Target,
    process_id: bytes,
    claim: Claim,
    functions: Mapping[ActionKey, Function],
    remote: Remote | None,
    folder: Path | None,
    clock: Clock,
) -> None:
    """By the scheduler's own runner, with a heartbeat and the task's Timeout."""
    journal, running = Journal(), Running(one_by_one=target.kind == "sqlite")
    runner = Runner(
        url=target.url,
        start=lambda own, one, now: database.start_run(own, one.run_id, now),
        functions=functions,
        remote=remote,
        folder=folder,
        now=clock.now,
        counters=Counters(),
        journal=journal,
        running=running,
    )
    workers = Workers(1, runner.execute)
    workers.put([claim])
    beat_at = clock.now() + BEAT
    while workers.unfinished:
        now = clock.now()
        for going in running.overdue(now):
            if running.cancel(going):
                told = f"it took longer than its Timeout of {claim.task.policy.timeout:g} s"
                journal.add(Ending(claim.run_id, "cancelled", told, datetime.fromtimestamp(now, UTC)))
                workers.abandon(going.thread_id)
        if now >= beat_at and target.kind != "sqlite":  # there the run itself may hold the only writer's lock
            database.heartbeat(target, process_id, None)
            beat_at = now + BEAT
        clock.wait(now + PASS)
    database.end_runs(target, journal.take())
