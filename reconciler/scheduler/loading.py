"""Loading the table: which tasks are registered, from when they count, what was settled before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from reconciler.actions.run import ActionKey, Function
from reconciler.database import (
    Loaded,
    Process,
    Target,
    anchors,
    first_administrator,
    read_existing,
    read_options,
    read_processes,
)
from reconciler.scheduler.fires import Registered
from reconciler.scheduler.loaded import loaded_of
from reconciler.scheduler.registration import Refused, register
from reconciler.scheduler.system_tasks import system_tasks
from reconciler.scheduler.timetable import interval_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The table as it was read, ready for the timetable."""

    tasks: tuple[Registered, ...]
    refused: tuple[Refused, ...]
    inactive: int
    anchors: Mapping[bytes, int]  # by reference id: from when an `@every` counts, seconds since 1970
    loaded: Loaded
    most_jitter: int  # seconds by which a start can be put off


def load(
    target: Target,
    now: datetime,
    functions: Mapping[ActionKey, Function],
    *,
    with_system: bool,
    everywhere: bool,
) -> Load:
    """Read the table and anchor its intervals, in the caller's lock and transaction. Raises TargetError."""
    options = read_options(target)
    registration = register(read_existing(target).rows, options)
    tasks = list(registration.tasks)
    if with_system:
        tasks += system_tasks(functions, first_administrator(target), everywhere=everywhere)
    intervals = {
        task.row.reference_id: seconds for task in tasks if (seconds := interval_of(task)) is not None
    }
    counted = anchors(target, intervals, now.replace(microsecond=0))
    return Load(
        tasks=tuple(tasks),
        refused=registration.refused,
        inactive=registration.inactive,
        anchors={key: int(anchor.timestamp()) for key, anchor in counted.items()},
        loaded=loaded_of(tasks, options),
        most_jitter=max((task.policy.jitter for task in tasks), default=0),
    )


def last_settled(target: Target) -> tuple[datetime, Loaded] | None:
    """Up to when a scheduler settled all fires, and what that one had loaded; None at the first start."""
    known = [one for one in read_processes(target, with_loaded=True) if one.kind == "scheduler"]
    settled = [one for one in known if one.settled_until is not None]
    if not settled:
        return None
    last: Process = max(settled, key=lambda one: one.settled_until or one.started_at)
    assert last.settled_until is not None, "chosen for having one"
    return last.settled_until, last.loaded


def same_work(tasks: Sequence[Registered]) -> frozenset[ActionKey]:
    """The actions that some tasks name."""
    return frozenset((task.row.entity_name, task.row.action_name) for task in tasks)
