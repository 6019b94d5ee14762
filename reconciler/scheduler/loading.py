"""Loading the table: which tasks are registered, from when they count, what was settled before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from reconciler.actions.run import ActionKey, Function
from reconciler.database.anchors import anchors
from reconciler.database.identity import first_administrator
from reconciler.database.processes import Loaded, read_loaded, read_processes
from reconciler.database.rows import read_existing, read_options, read_secrets
from reconciler.database.target import Target
from reconciler.schedule import interval_of
from reconciler.scheduler.fires import Registered
from reconciler.scheduler.loaded import loaded_of
from reconciler.scheduler.registration import Refused, register, with_secrets
from reconciler.scheduler.system_tasks import system_tasks, wanted

NOBODY = "there is no administrator to run it as"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The table as it was read, ready for the timetable."""

    tasks: tuple[Registered, ...]
    refused: tuple[Refused, ...]
    inactive: int
    anchors: Mapping[bytes, int]  # by reference id: from when an `@every` counts, seconds since 1970
    loaded: Loaded


def load(
    target: Target,
    zone: ZoneInfo,
    now: datetime,
    functions: Mapping[ActionKey, Function],
    *,
    with_system: bool,
    everywhere: bool,
) -> Load:
    """Read the table and anchor its intervals, in the caller's lock and transaction. Raises TargetError."""
    options = read_options(target)
    registration = register(read_existing(target).rows, options)
    refused = list(registration.refused)
    tasks = list(with_secrets(registration.tasks, read_secrets(target)))
    if with_system:
        administrator = first_administrator(target)
        tasks += system_tasks(functions, administrator, everywhere=everywhere)
        if administrator is None:
            refused += [Refused(one[0], NOBODY) for one in wanted(functions, everywhere=everywhere)]
    intervals = {
        task.row.reference_id: seconds
        for task in tasks
        if (seconds := interval_of(task.row.schedule)) is not None
    }
    counted = anchors(target, intervals, now.replace(microsecond=0))
    return Load(
        tasks=tuple(tasks),
        refused=tuple(refused),
        inactive=registration.inactive,
        anchors={key: int(anchor.timestamp()) for key, anchor in counted.items()},
        loaded=loaded_of(tasks, options),
    )


def last_settled(target: Target) -> tuple[datetime, Loaded] | None:
    """Up to when a scheduler settled all fires, and what that one had loaded; None at the first start.

    A process that began there and came no further has the same moment: what counts is who reached it first.
    """
    known = [one for one in read_processes(target) if one.kind == "scheduler"]
    settled = [(one.settled_until, one.started_at, one.process_id) for one in known if one.settled_until]
    if not settled:
        return None
    until = max(settled)[0]
    first = min((started, process_id) for at, started, process_id in settled if at == until)
    return until, read_loaded(target, first[1])


def actions_of(tasks: Sequence[Registered]) -> frozenset[ActionKey]:
    """The actions that some tasks name."""
    return frozenset((task.row.entity_name, task.row.action_name) for task in tasks)
