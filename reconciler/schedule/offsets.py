"""The UTC offsets of a time zone, in segments of time with one offset each. Seconds are counted from 1970, UTC."""

from bisect import bisect_right, insort
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = 86400
SETTLED = 25 * 3600
"""So long after a change the engine's walk cannot step back over it (it starts from a local midnight)."""

_STRIDE = 3 * DAY  # no zone changes its offset and changes it back within less than six days
_REACH = 10 * 366 * DAY  # how far to look for a change before taking the zone for constant
_FIRST = -62135596800 + 2 * DAY  # year 1 and year 9999, less what an offset could take
_LAST = 253402300799 - 2 * DAY
_FOREVER = 1 << 62


class Segment(NamedTuple):
    settled: int  # start and 25 hours
    end: int  # exclusive; of a very long segment an arbitrary point before its end
    offset: int  # local = UTC + offset
    start: int


class Offsets:
    """A zone's segments, found on demand by asking the zone, and kept."""

    __slots__ = ("_found", "_zone", "latest")

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._found: list[tuple[int, Segment]] = []  # by start
        self.latest: Segment  # the one that was asked for last
        self.latest = self.at(int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()))

    def at(self, seconds: int) -> Segment:
        """The segment that holds a moment."""
        place = bisect_right(self._found, seconds, key=_start)
        if place and seconds < self._found[place - 1][1].end:
            self.latest = self._found[place - 1][1]
        else:
            self.latest = self._find(seconds)
        return self.latest

    def offset(self, seconds: int) -> int:
        return self.at(seconds).offset

    def changes(self, start: int, until: int) -> Iterator[tuple[int, int, int]]:
        """The changes of offset in a span: the moment, the offset before and the offset after."""
        segment = self.at(start)
        while segment.end < until:
            following = self.at(segment.end)
            if following.offset != segment.offset:
                yield segment.end, segment.offset, following.offset
            segment = following

    def _find(self, seconds: int) -> Segment:
        fixed = self._zone.utcoffset(None)
        if fixed is not None:
            offset, start, end = round(fixed.total_seconds()), -_FOREVER, _FOREVER
        else:
            inside = min(max(seconds, _FIRST), _LAST)
            offset = self._ask(inside)
            start, end = self._back(inside, offset), self._on(inside, offset)
        segment = Segment(start + SETTLED, end, offset, start)
        # A neighbour of the same offset was cut off at its reach: this one holds it, or continues it.
        self._found = [one for one in self._found if not start <= one[0] < end]
        insort(self._found, (start, segment))
        return segment

    def _ask(self, seconds: int) -> int:
        offset = datetime.fromtimestamp(seconds, self._zone).utcoffset()
        assert offset is not None  # the moment is aware
        return offset.days * DAY + offset.seconds

    def _on(self, seconds: int, offset: int) -> int:
        same = seconds
        while same < seconds + _REACH:
            probe = same + _STRIDE
            if probe > _LAST:
                return _FOREVER
            if self._ask(probe) != offset:
                return self._boundary(same, probe, offset)
            same = probe
        return same

    def _back(self, seconds: int, offset: int) -> int:
        same = seconds
        while same > seconds - _REACH:
            probe = same - _STRIDE
            if probe < _FIRST:
                return -_FOREVER
            if self._ask(probe) != offset:
                return self._boundary(same, probe, offset)
            same = probe
        return same

    def _boundary(self, same: int, other: int, offset: int) -> int:
        """The first second of the later of two segments, one of which holds `same` and one `other`."""
        earlier, later = min(same, other), max(same, other)
        wanted = offset if other < same else None  # the later one's offset, if that is the known one
        while later - earlier > 1:
            middle = (earlier + later) // 2
            in_later = self._ask(middle) == offset if wanted is not None else self._ask(middle) != offset
            earlier, later = (earlier, middle) if in_later else (middle, later)
        return later


def _start(found: tuple[int, Segment]) -> int:
    return found[0]


_OF: dict[ZoneInfo, Offsets] = {}


def offsets_of(zone: ZoneInfo) -> Offsets:
    """The offsets of a zone, shared."""
    offsets = _OF.get(zone)
    if offsets is None:
        offsets = _OF[zone] = Offsets(zone)
    return offsets
