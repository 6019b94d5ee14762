"""What an outage left undone: which moments had no run, and what becomes of them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import takewhile
from zoneinfo import ZoneInfo

from reconciler.database import NewRun, RunRecord
from reconciler.scheduler.claims import new_run
from reconciler.scheduler.fires import Claim, Registered
from reconciler.scheduler.loop import Gap
from reconciler.scheduler.policies import catch_up
from reconciler.scheduler.timetable import jitter_of, moments


def missed_moments(
    task: Registered, anchor: int, gap: Gap, runs: Sequence[RunRecord], zone: ZoneInfo
) -> Iterator[int]:
    """The moments of a task that should have started within a gap, and of which the history has nothing."""
    offset = jitter_of(task)
    covered = {int(run.moment.timestamp()) for run in runs}
    spans = [
        (run.moment.timestamp(), run.missed_until.timestamp()) for run in runs if run.missed_until is not None
    ]
    until = gap.until - offset
    for moment in takewhile(lambda one: one <= until, moments(task, anchor, gap.since - offset, zone)):
        if moment not in covered and not any(first <= moment <= last for first, last in spans):
            yield moment


def settle(
    tasks: Iterable[Registered],
    gap: Gap,
    runs: Mapping[bytes, Sequence[RunRecord]],
    anchors: Mapping[bytes, int],
    zone: ZoneInfo,
    new_id: Callable[[], bytes],
) -> tuple[list[Claim], list[NewRun]]:
    """What runs after all, and the records of what does not: one for each task."""
    caught: list[Claim] = []
    records: list[NewRun] = []
    for task in tasks:
        key = task.row.reference_id
        missed = missed_moments(task, anchors.get(key, gap.since), gap, runs.get(key, ()), zone)
        misses = catch_up(task.policy, missed, gap.until)
        caught += [Claim(new_id(), task, _moment(one), "catch-up") for one in misses.run]
        if misses.number:
            claim = Claim(new_id(), task, _moment(misses.first))
            record = new_run(claim, "missed")
            records.append(record._replace(missed_until=_moment(misses.last), missed_count=misses.number))
    return caught, records


def had(loaded: Mapping[str, Sequence[str]], tasks: Iterable[Registered]) -> Collection[Registered]:
    """The tasks that a process had loaded with the schedule that they have now.

    Others are new, were switched on again or moved: nothing of theirs was missed.
    """
    schedules = {key: schedule for key, (_, schedule, *_) in loaded.items()}
    return [task for task in tasks if schedules.get(task.row.reference_id.hex()) == task.row.schedule]


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
