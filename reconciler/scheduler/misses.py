"""What an outage left undone: which moments had no run, and what becomes of them."""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from reconciler.database.claiming import NewRun
from reconciler.database.runs import RunRecord
from reconciler.scheduler.claims import new_run
from reconciler.scheduler.clock import moment_at
from reconciler.scheduler.fires import Claim, Registered
from reconciler.scheduler.loaded import offset_of
from reconciler.scheduler.loop import Gap
from reconciler.scheduler.moments import Moments, moments_of
from reconciler.scheduler.policies import MOST_CAUGHT_UP, Misses, catch_up
from reconciler.scheduler.timetable import jitter_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """The moments of a task that should have started within a gap, and of which the history has nothing.

    They are counted, not gone through: of a task that fires each second a long outage has millions.
    """

    moments: Moments
    spans: Sequence[tuple[int, int]]  # later than the one and up to the other; in order
    covered: Sequence[int]  # moments within the spans that have a run; in order

    def after(self, second: int) -> Iterator[int]:
        """Those later than a second, one after another."""
        covered = frozenset(self.covered)
        for since, until in self.spans:
            for moment in self.moments.between(max(since, second), until):
                if moment not in covered:
                    yield moment

    def count(self, second: int) -> int:
        """How many those are."""
        spans = [(max(since, second), until) for since, until in self.spans if until > second]
        number = sum(self.moments.number(since, until) for since, until in spans)
        return number - (len(self.covered) - bisect_right(self.covered, second))

    def newest(self, number: int) -> Sequence[int]:
        """At most so many of the last ones, in order."""
        start, end = self.spans[0][0], self.spans[-1][1]
        reach = 60
        while end - reach > start and self.count(end - reach) < number:
            reach *= 4
        return list(deque(self.after(max(end - reach, start)), maxlen=number))


def _missed_moments(
    task: Registered, anchor: int, gap: Gap, runs: Sequence[RunRecord], zone: ZoneInfo
) -> Missed:
    """What a task missed; `runs` are those of the gap. A run by hand stands for no moment of the schedule."""
    moments, offset = moments_of(task.row.schedule, anchor, zone), jitter_of(task)
    recorded = [(_second(run.moment), _second(run.missed_until)) for run in runs if run.missed_until]
    spans = list(_without(gap.since - offset, gap.until - offset, recorded))
    started = {_second(run.moment) for run in runs if not run.missed_until and not run.moment.microsecond}
    covered = [
        moment
        for moment in sorted(started)
        if any(since < moment <= until for since, until in spans) and moments.after(moment - 1) == moment
    ]
    return Missed(moments=moments, spans=spans, covered=covered)


def _without(since: int, until: int, recorded: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What is left of a span without the moments from some firsts to their lasts."""
    for first, last in sorted(recorded):
        if since < min(first - 1, until):
            yield since, min(first - 1, until)
        since = max(since, last)
    if since < until:
        yield since, until


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
        missed = _missed_moments(task, anchors.get(key, gap.since), gap, runs.get(key, ()), zone)
        misses = _misses(task, missed, gap)
        caught += [Claim(new_id(), task, moment_at(one), "catch-up") for one in misses.run]
        if misses.number:
            claim = Claim(new_id(), task, moment_at(misses.first))
            record = new_run(claim, "missed")
            records.append(record._replace(missed_until=moment_at(misses.last), missed_count=misses.number))
    return caught, records


def _misses(task: Registered, missed: Missed, gap: Gap) -> Misses:
    """Only the last moments can run after all: the policy is asked about those, the others are counted."""
    first = next(missed.after(gap.since - jitter_of(task)), None)
    if first is None:
        return Misses()
    newest = missed.newest(1 + (MOST_CAUGHT_UP if task.policy.catch_up == "all" else 1))
    misses = catch_up(task.policy, newest, gap.until)
    older = missed.count(gap.since - jitter_of(task)) - len(newest)
    return misses._replace(first=first, number=misses.number + older) if older else misses


def put_off(
    loaded: Mapping[str, Sequence[str]],
    tasks: Iterable[Registered],
    settled: int,
    now: int,
    since: Mapping[bytes, int],
) -> Mapping[Gap, Sequence[Registered]]:
    """Gaps of tasks that had more jitter: it put starts off beyond `settled` that are due before it by now.

    Of those that would have started by now the outage is the reason: each task's policy says what becomes of
    them. The others run now, whatever it says: nobody was late. `since` says from when a task owes moments.
    """
    found: dict[Gap, list[Registered]] = {}
    for task in tasks:
        reference, offset = task.row.reference_id, jitter_of(task)
        shorter = offset_of(loaded[reference.hex()]) - offset
        first = max(settled - shorter, since.get(reference, 0) + offset)
        late = min(max(now - shorter, first), settled)
        if first < late:
            found.setdefault(Gap(first, late), []).append(task)
        if late < settled:
            policy = replace(task.policy, catch_up="all", window=None)
            found.setdefault(Gap(late, settled), []).append(task._replace(policy=policy))
    return found


def had(loaded: Mapping[str, Sequence[str]], tasks: Iterable[Registered]) -> Collection[Registered]:
    """The tasks that a process had loaded with the schedule that they have now.

    Others are new, were switched on again or moved: nothing of theirs was missed.
    """
    schedules = {key: schedule for key, (_, schedule, *_) in loaded.items()}
    return [task for task in tasks if schedules.get(task.row.reference_id.hex()) == task.row.schedule]


def _second(moment: datetime) -> int:
    return int(moment.timestamp())
