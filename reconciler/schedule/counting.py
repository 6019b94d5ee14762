"""How many fires lie in a span, without going through them one by one."""

from collections.abc import Iterator

from reconciler.schedule.days import Days
from reconciler.schedule.offsets import DAY, Offsets
from reconciler.schedule.spec import FOUR_YEARS, MINUTES_OF_DAY, Cron, next_fire


def count_fires(cron: Cron, offsets: Offsets, since: int, until: int) -> int:
    """The number of fires later than one second and not later than another, both counted from 1970.

    It is the length of a chain of `next_fire`. That is asked near changes of the offset; in between, where
    arithmetic on local time is right, the times of whole days are counted at once.
    """
    count, second = 0, since
    while True:
        segment = offsets.at(second)
        stop = min(until, segment.sure - 1, second + FOUR_YEARS * DAY)
        if segment.settled <= second < stop:
            found, last = _count_local(cron, second + segment.offset, stop + segment.offset)
            if found:
                count, second = count + found, last - segment.offset
        following = next_fire(cron, offsets, second)
        if following is None or following > until:
            return count
        count, second = count + 1, following


def _count_local(cron: Cron, since: int, until: int) -> tuple[int, int]:
    """The number of allowed local times later than one second and up to another; the last of them."""
    count = latest = 0
    for day, times in local_times(cron, since, until):
        count += times.bit_count()
        latest = (day * MINUTES_OF_DAY + times.bit_length() - 1) * 60
    return count, latest


def local_times(cron: Cron, since: int, until: int) -> Iterator[tuple[int, int]]:
    """The allowed days with a local time later than one second and up to another, and those minutes of each.

    Bit n: minute n of the day.
    """
    first_day, first = divmod(since // 60 + 1, MINUTES_OF_DAY)
    last_day, last = divmod(until // 60, MINUTES_OF_DAY)
    for day in _allowed(cron.days, first_day, last_day):
        times = cron.times
        if day == first_day:
            times = times >> first << first
        if day == last_day:
            times &= (1 << last + 1) - 1
        if times:
            yield day, times


def _allowed(days: Days | None, first: int, last: int) -> Iterator[int]:
    """The allowed days from one up to another."""
    if days is None:
        yield from range(first, last + 1)
        return
    day = days.following(first)
    while day is not None and day <= last:
        yield day
        day = days.following(day + 1)
