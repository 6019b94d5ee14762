"""`reconcile status` and `task-scheduler status`."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from reconciler import pipeline
from reconciler.database.history import count_runs
from reconciler.database.holds import read_holds
from reconciler.database.processes import Loaded, Process, read_processes
from reconciler.database.rows import read_existing, read_options
from reconciler.database.runs import has_history
from reconciler.database.target import Target, connect
from reconciler.database.urls import TargetUrl
from reconciler.report.plan import PlanReport, target_of
from reconciler.report.status import Difference, LoadedReport, StatusReport
from reconciler.request import Request
from reconciler.scheduler.housekeeping import LEASE
from reconciler.scheduler.loaded import loaded_of
from reconciler.scheduler.registration import register
from reconciler.scheduler.system_tasks import SYSTEM_TASKS, reference_of

DAY = timedelta(days=1)
SILENT = 3600.0
"""Seconds for which a scheduler that died is spoken of."""

ORDER = ("ok", "failed", "cancelled", "lost", "missed", "skipped", "running", "claimed")
"""The states of runs: what ended, then what goes on."""

SYSTEM_REFERENCES = frozenset(reference_of(name).hex() for name, *_ in SYSTEM_TASKS)


def status(url: TargetUrl, now: datetime, request: Request | None = None) -> StatusReport:
    """The table and every scheduler; with a request git too. The target is opened read-only."""
    configuration = pipeline.read(request) if request else None
    with connect(url, read_only=True) as target:
        plan = (
            pipeline.plan(configuration, request, target, needs_values=False)
            if request and configuration
            else None
        )
        return _status(target, now, plan)


def _status(target: Target, now: datetime, plan: PlanReport | None) -> StatusReport:
    rows, options = read_existing(target).rows, read_options(target)
    registration = register(rows, options)
    table = loaded_of(registration.tasks, options)
    counts = count_runs(target, now - DAY)
    return StatusReport(
        target=target_of(target),
        plan=plan,
        registered=len(registration.tasks),
        inactive=registration.inactive,
        refused=tuple(registration.refused),
        holds=_holds(target, now, {row.reference_id: row.name for row in rows}),
        schedulers=tuple(_compared(one, table) for one in schedulers(target)),
        last_day=tuple((state, counts[state]) for state in ORDER if counts.get(state)),
    )


def _holds(
    target: Target, now: datetime, names: Mapping[bytes, str]
) -> tuple[tuple[str, datetime, str], ...]:
    if not has_history(target):
        return ()
    found = read_holds(target, now)
    return tuple(sorted((names.get(key, key.hex()), hold.until, hold.reason) for key, hold in found.items()))


def schedulers(target: Target) -> Iterator[Process]:
    """Those that live, and those that ended without a word, unless their host has started another since."""
    hosts: set[str] = set()
    for one in read_processes(target, with_loaded=True):  # the newest first
        if one.kind != "scheduler":
            continue
        if one.ended_at is None and (one.is_live(LEASE) or (one.age < SILENT and one.host not in hosts)):
            yield one
        hosts.add(one.host)


def _compared(process: Process, table: Loaded) -> LoadedReport:
    """What a process loaded, against what it would load of the table now."""
    loaded = process.loaded
    own = {key: one for key, one in loaded.items() if key not in SYSTEM_REFERENCES}
    system = [one[2] for key, one in loaded.items() if key in SYSTEM_REFERENCES]
    return LoadedReport(
        host=process.host,
        pid=process.pid,
        version=process.tool,
        timezone=process.timezone,
        started_at=process.started_at,
        heartbeat_age=max(process.age, 0.0),
        is_live=process.is_live(LEASE),
        tasks=len(own),
        system_tasks=tuple(sorted(system)),
        differences=tuple(sorted(_differences(own, table), key=lambda one: (one.name, one.change))),
    )


def _differences(loaded: Loaded, table: Loaded) -> Iterator[Difference]:
    for key, (fingerprint, schedule, name, *_) in table.items():
        if key not in loaded:
            yield Difference(change="added", name=name, loaded=None, table=schedule)
        elif loaded[key][0] != fingerprint:
            yield Difference(change="changed", name=name, loaded=loaded[key][1], table=schedule)
    for key, (_, schedule, name, *_) in loaded.items():
        if key not in table:
            yield Difference(change="removed", name=name, loaded=schedule, table=None)
