"""The engine's own way to the next fire, step by step, across changes of a zone's offset.

It goes from field to field, from the month down to the minute, each time by the zone's local time, and starts
again where a step carries into a larger unit. Around a change of offset that gives answers of its own, and so
it is followed literally there. Source: SpecSchedule.Next of robfig/cron v3.0.1 and time.Date of Go 1.19.
"""

from datetime import date
from typing import NamedTuple

from reconciler.schedule.days import EPOCH_DAY
from reconciler.schedule.fields import Field
from reconciler.schedule.offsets import DAY, HOUR, MINUTE, Offsets


class Wall(NamedTuple):
    """What a clock in the zone shows."""

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    weekday: int  # 0 is Sunday


class Walk:
    """`at` is where it stands, in seconds; `aligned` once a step has cut off the smaller units."""

    __slots__ = ("aligned", "at", "day", "hour", "minute", "month", "offsets", "weekday")

    def __init__(self, fields: tuple[Field, Field, Field, Field, Field], offsets: Offsets) -> None:
        self.minute, self.hour, self.day, self.month, self.weekday = fields
        self.offsets = offsets
        self.at = 0
        self.aligned = False

    def after(self, seconds: int) -> int | None:
        """The next fire after a whole second, as the engine finds it; None: none within five years."""
        self.at, self.aligned = seconds + 1, False
        return self._go(self.wall().year + 5)

    def from_midnight(self, day: int, seconds: int) -> int | None:
        """The same, known to come by the midnight of that day (from 1970), which the clocks show."""
        last_year = wall(self.offsets, seconds + 1).year + 5
        midnight = date.fromordinal(day + EPOCH_DAY)
        self.at = _instant(self.offsets, Wall(midnight.year, midnight.month, midnight.day, 0, 0, 0, 0))
        self.aligned = True
        return self._go(last_year)

    def _go(self, last_year: int) -> int | None:
        while self.wall().year <= last_year:
            if self._to_month() and self._to_day() and self._to_hour() and self._to_minute():
                return self.at
        return None

    def wall(self) -> Wall:
        return wall(self.offsets, self.at)

    def _to_month(self) -> bool:
        """To an allowed month; False when a new year began on the way. The other steps likewise."""
        now = self.wall()
        while not self.month.bits >> now.month & 1:
            if not self.aligned:
                self.aligned = True
                now = self._set(now._replace(day=1, hour=0, minute=0, second=0))
            now = self._set(now._replace(month=now.month + 1))
            if now.month == 1:
                return False
        return True

    def _to_day(self) -> bool:
        now = self.wall()
        while not self._allows(now):
            if not self.aligned:
                self.aligned = True
                now = self._set(now._replace(hour=0, minute=0, second=0))
            now = self._next_day(now)
            if now.hour:  # there was no midnight, or the step went over a change
                self.at += HOUR * (24 - now.hour if now.hour > 12 else -now.hour)
                now = self.wall()
            if now.day == 1:
                return False
        return True

    def _next_day(self, now: Wall) -> Wall:
        before = self.at
        now = self._set(now._replace(day=now.day + 1))
        if self.at <= before:  # a zone skipped the day, crossing the date line: there the engine never ends
            self.at = before + DAY
            now = self.wall()
        return now

    def _to_hour(self) -> bool:
        now = self.wall()
        while not self.hour.bits >> now.hour & 1:
            if not self.aligned:
                self.aligned = True
                self._set(now._replace(minute=0, second=0))
            self.at += HOUR
            now = self.wall()
            if now.hour == 0:
                return False
        return True

    def _to_minute(self) -> bool:
        """To an allowed minute, and then to its second 0, which begins a minute that must be allowed too."""
        now = self.wall()
        while not self.minute.bits >> now.minute & 1:
            if not self.aligned:
                self.aligned = True
                self.at -= self.at % MINUTE
            self.at += MINUTE
            now = self.wall()
            if now.minute == 0:
                return False
        if now.second:
            self.aligned = True
            self.at += MINUTE - now.second
            return False
        return True

    def _allows(self, now: Wall) -> bool:
        by_day = self.day.bits >> now.day & 1 == 1
        by_weekday = self.weekday.bits >> now.weekday & 1 == 1
        if self.day.star or self.weekday.star:
            return by_day and by_weekday
        return by_day or by_weekday

    def _set(self, to: Wall) -> Wall:
        """Go to a local time; its month and day may be one too large."""
        self.at = _instant(self.offsets, to)
        return self.wall()


def wall(offsets: Offsets, seconds: int) -> Wall:
    days, rest = divmod(seconds + offsets.at(seconds).offset, DAY)
    day = date.fromordinal(days + EPOCH_DAY)
    hour, rest = divmod(rest, HOUR)
    return Wall(day.year, day.month, day.day, hour, rest // MINUTE, rest % MINUTE, day.isoweekday() % 7)


def _instant(offsets: Offsets, to: Wall) -> int:
    """The moment at which a clock shows that; where none or two do, the one that Go's time.Date takes."""
    year, month = (to.year + 1, 1) if to.month == 13 else (to.year, to.month)
    days = date(year, month, 1).toordinal() - EPOCH_DAY + to.day - 1
    local = days * DAY + to.hour * HOUR + to.minute * MINUTE + to.second
    guess = offsets.at(local)
    seconds = local - guess.offset
    if guess.offset and not guess.start <= seconds < guess.end:
        seconds = local - offsets.at(seconds).offset
    return seconds
