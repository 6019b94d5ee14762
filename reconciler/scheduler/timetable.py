"""When the registered tasks fire next: tasks that fire together form a group, groups wait in a heap."""

import hashlib
import heapq
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from reconciler import schedule
from reconciler.schedule import Cron, Every, next_fire, offsets_of
from reconciler.scheduler.fires import Fire, Registered


class _Beat(NamedTuple):
    """What the tasks of a group have in common. Equal beats, equal moments."""

    rule: Cron | Every
    zone: ZoneInfo
    phase: int  # of `@every`: the anchor within the interval
    offset: int  # seconds by which the start is put off: jitter

    def after(self, second: int) -> int | None:
        """The first moment later than a second; None: never."""
        if isinstance(self.rule, Cron):
            return next_fire(self.rule, offsets_of(self.zone), second)
        interval = self.rule.seconds
        return second - (second - self.phase) % interval + interval


class Timetable:
    """Which fires are due. Seconds are whole ones since 1970."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.size = 0
        self._groups: dict[_Beat, list[Registered]] = {}
        self._moments: dict[_Beat, int] = {}  # the next one of each group
        self._due: dict[int, list[_Beat]] = {}  # by the second of the start
        self._seconds: list[int] = []  # the keys of the same, as a heap

    def load(self, tasks: Iterable[Registered], anchors: Mapping[bytes, int], after: int) -> None:
        """Fill the timetable anew; each group's next fire is later than `after`.

        `anchors` say from when an `@every` counts, by reference id; one that is not there counts from `after`.
        """
        self._groups.clear()
        self.size = 0
        beats: dict[tuple[str, int, int], _Beat] = {}
        for task in tasks:
            key = (task.row.schedule, anchors.get(task.row.reference_id, after), jitter_of(task))
            beat = beats.get(key)
            if beat is None:
                beat = beats[key] = self._beat(*key)
            self._groups.setdefault(beat, []).append(task)
            self.size += 1
        self.skip_to(after)

    def _beat(self, text: str, anchor: int, offset: int) -> _Beat:
        parsed = schedule.parse(text)
        phase = anchor % parsed.rule.seconds if isinstance(parsed.rule, Every) else 0
        return _Beat(parsed.rule, parsed.zone or self.zone, phase, offset)

    def skip_to(self, second: int) -> None:
        """Forget what was due: each group's next start is later than a second."""
        self._moments.clear()
        self._due.clear()
        for beat in self._groups:
            self._plan(beat, second - beat.offset)
        self._seconds = sorted(self._due)

    def _plan(self, beat: _Beat, after: int) -> int | None:
        """Enter a group's first moment after a second; the second of its start, where that is a new one."""
        moment = beat.after(after)
        if moment is None:
            return None
        self._moments[beat] = moment
        start = moment + beat.offset
        together = self._due.get(start)
        if together is not None:
            together.append(beat)
            return None
        self._due[start] = [beat]
        return start

    def next(self) -> int | None:
        """The second of the next start."""
        return self._seconds[0] if self._seconds else None

    def due(self, now: float) -> Iterator[tuple[int, list[Fire]]]:
        """What is to start by now, one second after another, the earliest first.

        A second's groups are planned anew once the caller asks for more: the fires go first.
        """
        while self._seconds and self._seconds[0] <= now:
            start = heapq.heappop(self._seconds)
            beats = self._due.pop(start)
            yield start, [Fire(task, self._moments[beat]) for beat in beats for task in self._groups[beat]]
            for beat in beats:
                second = self._plan(beat, self._moments[beat])
                if second is not None:
                    heapq.heappush(self._seconds, second)


def jitter_of(task: Registered) -> int:
    """The seconds by which a task's starts are put off: always the same, from its name."""
    most = task.policy.jitter
    if not most:
        return 0
    digest = hashlib.blake2b(task.row.name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % (most + 1)


def moments(task: Registered, anchor: int, since: int, zone: ZoneInfo) -> Iterator[int]:
    """The moments of one task after a second, without end or until there are no more."""
    parsed = schedule.parse(task.row.schedule)
    phase = anchor % parsed.rule.seconds if isinstance(parsed.rule, Every) else 0
    beat = _Beat(parsed.rule, parsed.zone or zone, phase, 0)
    second = beat.after(since)
    while second is not None:
        yield second
        second = beat.after(second)
