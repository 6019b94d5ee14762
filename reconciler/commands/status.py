"""`reconcile status` and `task-scheduler status`."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from reconciler import database, pipeline
from reconciler.actions.discover import find
from reconciler.database import Loaded, Process, TargetUrl
from reconciler.database import Target as OpenTarget
from reconciler.report import LoadedReport, PlanReport, StatusReport, Target
from reconciler.request import Request
from reconciler.scheduler.housekeeping import LEASE
from reconciler.scheduler.loaded import loaded_of
from reconciler.scheduler.registration import Registration, register
from reconciler.scheduler.system_tasks import system_tasks

UNWELL = ("failed", "cancelled", "lost", "missed", "skipped")
MOST_READ = 10_000


def status(url: TargetUrl, now: datetime, zone: ZoneInfo, request: Request | None) -> StatusReport:
    """The table and every live scheduler; with a request git too. The target is opened read-only."""
    configuration = pipeline.read(request) if request else None
    with database.connect(url, read_only=True) as target:
        plan = pipeline.plan(configuration, request, target) if request and configuration else None
        return _status(target, now, zone, plan)


def _status(target: OpenTarget, now: datetime, zone: ZoneInfo, plan: PlanReport | None) -> StatusReport:
    options = database.read_options(target)
    registration = register(database.read_existing(target).rows, options)
    own = system_tasks(find().functions, database.first_administrator(target), everywhere=False)
    loaded = loaded_of((*registration.tasks, *own), options)
    names = {task.row.reference_id: task.row.name for task in registration.tasks}
    processes = [
        one
        for one in database.read_processes(target, with_loaded=True)
        if one.kind == "scheduler" and one.is_live(LEASE)
    ]
    return StatusReport(
        target=Target(kind=target.kind, url=target.display),
        plan=plan,
        registered=len(registration.tasks),
        inactive=registration.inactive,
        refused=tuple(registration.refused),
        system_tasks=tuple(task.row.name for task in own),
        holds=_holds(target, now, names),
        schedulers=tuple(_compared(one, loaded) for one in processes),
        unwell=_unwell(target, now, registration),
    )


def _holds(
    target: OpenTarget, now: datetime, names: Mapping[bytes, str]
) -> tuple[tuple[str, datetime, str], ...]:
    if not database.has_history(target):
        return ()
    found = database.read_holds(target, now)
    return tuple((names.get(key, key.hex()), hold.until, hold.reason) for key, hold in found.items())


def _compared(process: Process, loaded: Loaded) -> LoadedReport:
    """What a process loaded, against what it would load now."""
    had = process.loaded
    return LoadedReport(
        host=process.host,
        pid=process.pid,
        version=process.tool,
        timezone=process.timezone,
        started_at=process.started_at,
        heartbeat_age=max(process.age, 0.0),
        tasks=len(had),
        changed=tuple(sorted(one[2] for key, one in loaded.items() if key in had and had[key][0] != one[0])),
        added=tuple(sorted(one[2] for key, one in loaded.items() if key not in had)),
        removed=tuple(sorted(one[2] for key, one in had.items() if key not in loaded)),
    )


def _unwell(target: OpenTarget, now: datetime, registration: Registration) -> tuple[tuple[str, int], ...]:
    runs = database.read_runs(target, states=UNWELL, since=now - timedelta(days=1), limit=MOST_READ)
    counts = Counter(run.state for run in runs)
    return tuple((state, counts[state]) for state in UNWELL if counts[state])
