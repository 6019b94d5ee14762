"""The UTC offsets of a time zone, in segments of time with one offset each. Seconds count from 1970, UTC."""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from reconciler.schedule.days import EPOCH_DAY

DAY, HOUR, MINUTE = 86400, 3600, 60
"""Seconds."""

_STRIDE = 3 * DAY  # no zone changes its offset and changes it back within less than six days
_REACH = 10 * 366 * DAY  # how far to look for a change before taking the zone for constant
_FIRST = -62135596800 + 2 * DAY  # year 1 and year 9999, less what an offset could take
_LAST = 253402300799 - 2 * DAY
_FOREVER = 1 << 62


class Segment(NamedTuple):
    settled: int  # from here on the starts of the current hour, day and month are shown, the hour's once
    sure: int  # before this the starts of the day and of the hour are shown once; the end, or little earlier
    offset: int  # local = UTC + offset
    start: int
    end: int  # exclusive; of a very long segment an arbitrary point before its end


class Offsets:
    """A zone's segments, found on demand by asking the zone, and kept."""

    __slots__ = ("_even", "_found", "_zone", "latest")

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._found: tuple[list[int], list[Segment]] = ([], [])  # starts and segments, replaced as one
        self._even: dict[tuple[int, int], bool] = {}
        self.latest = Segment(0, 0, 0, 0, 0)  # the one that was asked for last; none yet

    def at(self, seconds: int) -> Segment:
        """The segment that holds a moment."""
        segment = self.latest
        if segment.start <= seconds < segment.end:
            return segment
        starts, segments = self._found
        place = bisect_right(starts, seconds)
        found = segments[place - 1] if place else None
        if found is None or seconds >= found.end:
            found = self._find(seconds)
        self.latest = found
        return found

    def changes(self, start: int, until: int) -> Iterator[tuple[int, int, int]]:
        """The changes of offset in a span: the moment, the offset before and the offset after."""
        segment = self.at(start)
        while segment.end < until:
            following = self.at(segment.end)
            if following.offset != segment.offset:
                yield segment.end, segment.offset, following.offset
            segment = following

    def keeps_midnights(self, start: Segment, end: Segment) -> bool:
        """Whether the clocks show every midnight between two segments: no change in between skips one."""
        span = (start.start, end.start)
        even = self._even.get(span)
        if even is None:
            changes = self.changes(start.end - 1, end.start + 1)
            even = self._even[span] = all(_lost_midnight(*change) is None for change in changes)
        return even

    def _find(self, seconds: int) -> Segment:
        fixed = self._zone.utcoffset(None)
        if fixed is not None:
            offset, start, end = round(fixed.total_seconds()), -_FOREVER, _FOREVER
        else:
            inside = min(max(seconds, _FIRST), _LAST)
            offset = self._ask(inside)
            start, end = self._back(inside, offset), self._on(inside, offset)
        segment = Segment(self._settled(start, offset), self._sure(end, offset), offset, start, end)
        # A neighbour of the same offset was cut off at its reach: this one holds it, or continues it.
        kept = [one for one in self._found[1] if not start <= one.start < end]
        segments = sorted([*kept, segment], key=lambda one: one.start)
        self._found = ([one.start for one in segments], segments)
        return segment

    def _settled(self, start: int, offset: int) -> int:
        if offset % 60:  # the engine's minutes are UTC's, not the zone's
            return _FOREVER
        if start == -_FOREVER:
            return start
        before = self._ask(start - 1)
        midnight = _lost_midnight(start, before, offset)
        if midnight is None:
            return start + max(0, before - offset) + HOUR
        day = date.fromordinal(midnight // DAY + EPOCH_DAY)
        days = monthrange(day.year, day.month)[1] if day.day == 1 else 1
        return midnight + days * DAY - offset

    def _sure(self, end: int, offset: int) -> int:
        if end == _FOREVER:
            return end
        after = self._ask(end)
        repeated = offset - after
        again = -(-(end + after) // DAY) * DAY  # the first midnight shown after the change
        if again < end + offset:
            return again - offset
        return end - repeated if repeated > HOUR else end

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


def _lost_midnight(at: int, before: int, after: int) -> int | None:
    """The midnight, in local seconds, that a change of offset keeps the clocks from showing."""
    midnight = -(-(at + before) // DAY) * DAY
    return midnight if midnight < at + after else None


OFFSETS: dict[ZoneInfo, Offsets] = {}
"""What `offsets_of` has made so far."""


def offsets_of(zone: ZoneInfo) -> Offsets:
    """The offsets of a zone, shared."""
    offsets = OFFSETS.get(zone)
    if offsets is None:
        offsets = OFFSETS[zone] = Offsets(zone)
    return offsets
