"""When the registered tasks fire next: tasks that fire together form a group, groups wait in a heap."""

import hashlib
import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple
from zoneinfo import ZoneInfo

from reconciler.database.target import without_collection
from reconciler.scheduler.fires import Fire, Registered, fires_at
from reconciler.scheduler.moments import Moments, moments_of


@dataclass(slots=True, kw_only=True, eq=False)
class _Group:
    """Tasks of one schedule, one phase and one jitter, which always fire together."""

    moments: Moments
    offset: int  # seconds by which the start is put off: jitter
    since: int  # no moment up to then: the tasks were not loaded yet
    moment: int  # the next one
    tasks: list[Registered]

    def starting_after(self, second: int) -> int | None:
        """The first moment whose start is later than a second."""
        return self.moments.after(max(second - self.offset, self.since))


class _Key(NamedTuple):
    """Tasks with the same one form a group. Most have a schedule and nothing else: its text will do."""

    text: str
    anchor: int = 0
    offset: int = 0
    since: int = 0


class Timetable:
    """Which fires are due. Seconds are whole ones since 1970."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.size = 0
        self._groups: list[_Group] = []
        self._due: dict[int, list[_Group]] = {}  # by the second of the start
        self._seconds: list[int] = []  # the keys of the same, as a heap
        self.since: dict[bytes, int] = {}  # of tasks with jitter: when they were loaded first

    def load(
        self,
        tasks: Iterable[Registered],
        anchors: Mapping[bytes, int],
        after: int,
        fresh: Collection[bytes] | None = None,
    ) -> None:
        """Fill the timetable anew; each task's next start is later than `after`.

        `anchors` say from when an `@every` counts, by reference id; without one it counts from `after`. A
        task whose moment lies before `after`, and its start, put off by jitter, behind, still starts, unless
        its reference id is in `fresh` (None: all are): at that moment it was not there.
        """
        with without_collection():
            groups = self._grouped(tasks, anchors, after, fresh)
            self._groups = [self._group(key, together) for key, together in groups.items()]
            self.size = sum(len(group.tasks) for group in self._groups)
            self.skip_to(after)

    def _grouped(
        self,
        tasks: Iterable[Registered],
        anchors: Mapping[bytes, int],
        after: int,
        fresh: Collection[bytes] | None,
    ) -> Mapping[str | _Key, list[Registered]]:
        groups: dict[str | _Key, list[Registered]] = {}
        for task in tasks:
            text = task.row.schedule
            plain = not task.policy.jitter and "@every" not in text
            key = text if plain else self._key(task, anchors, after, fresh)
            together = groups.get(key)
            if together is None:
                groups[key] = [task]
            else:
                together.append(task)
        return groups

    def _key(
        self, task: Registered, anchors: Mapping[bytes, int], after: int, fresh: Collection[bytes] | None
    ) -> _Key:
        text, reference, offset = task.row.schedule, task.row.reference_id, jitter_of(task)
        anchor = anchors.get(reference, after) if "@every" in text else 0
        if not offset:
            return _Key(text, anchor)
        if fresh is None or reference in fresh:
            self.since[reference] = after
        return _Key(text, anchor, offset, self.since.get(reference, 0))

    def _group(self, key: str | _Key, tasks: list[Registered]) -> _Group:
        text, anchor, offset, since = _Key(key) if isinstance(key, str) else key
        return _Group(
            moments=moments_of(text, anchor, self.zone), offset=offset, since=since, moment=0, tasks=tasks
        )

    def skip_to(self, second: int) -> None:
        """Forget what was due: each group's next start is later than a second."""
        self._due.clear()
        for group in self._groups:
            self._enter(group, group.starting_after(second))
        self._seconds = sorted(self._due)

    def _enter(self, group: _Group, moment: int | None) -> int | None:
        """Enter a group's next moment; the second of its start, where that is a new one."""
        if moment is None:
            return None
        group.moment = moment
        start = moment + group.offset
        together = self._due.get(start)
        if together is not None:
            together.append(group)
            return None
        self._due[start] = [group]
        return start

    def next(self) -> int | None:
        """The second of the next start."""
        return self._seconds[0] if self._seconds else None

    def due(self, now: float) -> Iterator[list[Fire]]:
        """What is to start by now, one second after another, the earliest first.

        The groups of a second are entered anew only when the next one is asked for: the fires go first.
        """
        while self._seconds and self._seconds[0] <= now:
            groups = self._due.pop(heapq.heappop(self._seconds))
            yield list(chain.from_iterable(fires_at(group.moment, group.tasks) for group in groups))
            for group in groups:
                second = self._enter(group, group.moments.after(group.moment))
                if second is not None:
                    heapq.heappush(self._seconds, second)


def jitter_of(task: Registered) -> int:
    """The seconds by which a task's starts are put off: always the same, from its name."""
    most = task.policy.jitter
    if not most:
        return 0
    digest = hashlib.blake2b(task.row.name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % (most + 1)
