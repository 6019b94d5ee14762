"""What a process loaded, as it says so in the bookkeeping: to compare with what the table says later."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from reconciler.scheduler.fires import Registered
from reconciler.task import Row, SchedulerOptions


def fingerprint(row: Row, options: SchedulerOptions | None) -> str:
    """Equal fingerprints, equal fires and runs."""
    said = repr((*row[3:], options if options != SchedulerOptions() else None))
    return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def loaded_of(
    tasks: Iterable[Registered], options: Mapping[bytes, SchedulerOptions]
) -> Mapping[str, Sequence[str]]:
    """Fingerprint, schedule and name of each task, by its reference id in hexadecimal digits."""
    return {
        row.reference_id.hex(): (fingerprint(row, options.get(row.reference_id)), row.schedule, row.name)
        for row in (task.row for task in tasks)
    }
