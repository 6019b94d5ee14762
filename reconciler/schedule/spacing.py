"""How close two fires of a schedule come."""

from datetime import timedelta

from reconciler.schedule.days import Days
from reconciler.schedule.spec import MINUTES_OF_DAY, Cron, Schedule

_CYCLE = range(2000, 2028)
"""After these years the days of the week fall on the same dates again, until 2100."""


def closest(schedule: Schedule, within: timedelta) -> timedelta | None:
    """The shortest time between two fires by the clock on the wall, where it is shorter than `within`.

    Changes of the clocks are left out.
    """
    rule = schedule.rule
    if not isinstance(rule, Cron):
        interval = timedelta(seconds=rule.seconds)
        return interval if interval < within else None
    most = -(-within // timedelta(minutes=1)) - 1  # minutes that are too few
    gaps = (_within_a_day(rule, min(most, MINUTES_OF_DAY - 1)), _over_midnight(rule, most))
    minutes = min((gap for gap in gaps if gap is not None), default=None)
    return None if minutes is None else timedelta(minutes=minutes)


def _within_a_day(cron: Cron, most: int) -> int | None:
    for minutes in range(1, most + 1):
        if cron.times & cron.times >> minutes:
            return minutes
    return None


def _over_midnight(cron: Cron, most: int) -> int | None:
    """From the last time of a day to the first of the next allowed one, where that is at most `most`."""
    if not cron.times:
        return None
    back = cron.times.bit_length() - 1 - cron.first
    for days in range(1, (most + back) // MINUTES_OF_DAY + 1):
        if _apart(cron.days, days):
            return days * MINUTES_OF_DAY - back
    return None


def _apart(days: Days | None, count: int) -> bool:
    """Whether two allowed days are so many days apart."""
    if days is None:
        return True
    first = 0
    bits = 0
    for year in _CYCLE:
        bits |= days.in_year(year) << first
        first += 366 if year % 4 == 0 else 365
    return bool(bits & bits >> count)
