"""The moments of a schedule: the next one, how many there are, each of a span. Seconds since 1970."""

from collections.abc import Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

from reconciler.schedule import Cron, Every, next_fire, parse
from reconciler.schedule.counting import count_fires
from reconciler.schedule.offsets import Offsets, offsets_of


class Moments(NamedTuple):
    """A tuple: there is one for each schedule of the table."""

    rule: Cron | Every
    offsets: Offsets  # of the schedule's own zone, or of the scheduler's
    anchor: int  # of `@every`: its moments are n intervals later, n >= 1

    def after(self, second: int) -> int | None:
        """The first one later than a second; None: never."""
        if isinstance(self.rule, Cron):
            return next_fire(self.rule, self.offsets, second)
        interval, second = self.rule.seconds, max(second, self.anchor)
        return second - (second - self.anchor) % interval + interval

    def between(self, since: int, until: int) -> Iterator[int]:
        """Those later than a second and up to another, one after another."""
        moment = self.after(since)
        while moment is not None and moment <= until:
            yield moment
            moment = self.after(moment)

    def number(self, since: int, until: int) -> int:
        """How many those are, without going through them."""
        if isinstance(self.rule, Cron):
            return count_fires(self.rule, self.offsets, since, until)
        first, last = (max(second - self.anchor, 0) // self.rule.seconds for second in (since, until))
        return max(last - first, 0)


def moments_of(text: str, anchor: int, zone: ZoneInfo) -> Moments:
    """The moments of a schedule that can be parsed, in its own zone or the scheduler's."""
    parsed = parse(text)
    return Moments(parsed.rule, offsets_of(parsed.zone or zone), anchor)
