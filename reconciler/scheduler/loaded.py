"""What a process loaded, as it says so in the bookkeeping: to compare with what the table says later."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from reconciler.scheduler.fires import Registered
from reconciler.scheduler.timetable import jitter_of
from reconciler.task import Row, SchedulerOptions


def fingerprint(row: Row, options: SchedulerOptions | None) -> str:
    """Equal fingerprints, equal fires and runs."""
    said = repr((*row[3:], options if options != SchedulerOptions() else None))
    return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def loaded_of(
    tasks: Iterable[Registered], options: Mapping[bytes, SchedulerOptions]
) -> Mapping[str, Sequence[str]]:
    """Fingerprint, schedule and name of each task, by its reference id in hexadecimal digits.

    Where jitter puts its starts off, the seconds follow.
    """
    return {
        (row := task.row).reference_id.hex(): (
            fingerprint(row, options.get(row.reference_id)),
            row.schedule,
            row.name,
            *((str(jitter_of(task)),) if task.policy.jitter else ()),
        )
        for task in tasks
    }


def offset_of(loaded: Sequence[str]) -> int:
    """The seconds by which starts of a task that was loaded were put off."""
    return int(loaded[3]) if len(loaded) > 3 else 0
