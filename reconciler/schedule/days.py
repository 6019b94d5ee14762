"""On which days a schedule fires, as bit sets of days."""

from datetime import date
from functools import lru_cache

from reconciler.schedule.fields import Field

EPOCH_DAY = date(1970, 1, 1).toordinal()
FIVE_YEARS = 5 * 366 + 366
"""More days than the engine looks ahead."""

_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_BLOCK = 512
_KEPT = 64  # blocks: about ninety years
_ALL_DAYS = (1 << 32) - 2
_ALL_MONTHS = (1 << 13) - 2
_ALL_WEEKDAYS = (1 << 7) - 1
_LAST_BLOCK = (date.max.toordinal() - EPOCH_DAY) // _BLOCK


class Days:
    """The days that the day, month and weekday fields allow. Days are counted from 1970-01-01.

    The engine's rule: where either day field has the star flag both must allow a day, else one is enough.
    """

    __slots__ = ("_blocks", "_day", "_every", "_month", "_weekday")

    def __init__(self, day: int, month: int, weekday: int, every: bool) -> None:
        self._day, self._month, self._weekday, self._every = day, month, weekday, every
        self._blocks: dict[int, int] = {}

    def following(self, day: int) -> int | None:
        """The first allowed day from this one on; None when there is none within the engine's five years."""
        index = day >> 9
        block = self._blocks.get(index)
        if block is None:
            block = self._block(index)
        rest = block >> (day & 511)
        if rest:
            return day + (rest & -rest).bit_length() - 1
        return self._later(day, index)

    def _later(self, day: int, index: int) -> int | None:
        for later in range(index + 1, index + 2 + FIVE_YEARS // _BLOCK):
            block = self._blocks.get(later)
            if block is None:
                block = self._block(later)
            if block:
                return later * _BLOCK + (block & -block).bit_length() - 1
        return None

    def in_year(self, year: int) -> int:
        """Bit n: day n of the year, from 0, is allowed."""
        start = date(year, 1, 1)
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return _year(self, leap, start.isoweekday() % 7)

    def ever(self) -> bool:
        """Whether any day of any year is allowed."""
        return any(_year(self, leap, weekday) for leap in (False, True) for weekday in range(7))

    def year_of(self, leap: bool, weekday: int) -> int:
        """The same for any year of that length that starts on that weekday (0 is Sunday)."""
        bits, start = 0, 0
        for month, length in enumerate(_LENGTHS, 1):
            length += leap and month == 2
            if self._month >> month & 1:
                bits |= self._days_of_month(length, (weekday + start) % 7) << start
            start += length
        return bits

    def _days_of_month(self, length: int, weekday: int) -> int:
        whole = (1 << length) - 1
        by_day = self._day >> 1 & whole
        weeks = (self._weekday | self._weekday << 7) >> weekday & _ALL_WEEKDAYS
        by_weekday = (weeks | weeks << 7 | weeks << 14 | weeks << 21 | weeks << 28) & whole
        return by_day & by_weekday if self._every else by_day | by_weekday

    def _block(self, index: int) -> int:
        if not -_LAST_BLOCK < index < _LAST_BLOCK:
            return 0
        first = index * _BLOCK + EPOCH_DAY
        bits = 0
        if first + _BLOCK > 366:
            for year in range(
                date.fromordinal(max(1, first)).year, date.fromordinal(first + _BLOCK - 1).year + 1
            ):
                shift = date(year, 1, 1).toordinal() - first
                days = self.in_year(year)
                bits |= days << shift if shift >= 0 else days >> -shift
        bits &= (1 << _BLOCK) - 1
        if len(self._blocks) >= _KEPT:
            self._blocks.clear()
        self._blocks[index] = bits
        return bits


@lru_cache(maxsize=8192)
def _year(days: Days, leap: bool, weekday: int) -> int:
    return days.year_of(leap, weekday)


@lru_cache(maxsize=8192)
def days_of(day: Field, month: Field, weekday: Field) -> Days | None:
    """The days of three fields, shared by every schedule with the same ones; None: every day."""
    every = day.star or weekday.star
    all_days, all_weekdays = day.bits == _ALL_DAYS, weekday.bits == _ALL_WEEKDAYS
    unrestricted = (all_days and all_weekdays) if every else (all_days or all_weekdays)
    if unrestricted and month.bits == _ALL_MONTHS:
        return None
    return Days(day.bits, month.bits, weekday.bits, every)
