"""How often an `@every` would have run, given when schedulers were up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconciler.planning.changes import Change
from reconciler.planning.fires import schedules_of
from reconciler.schedule import interval_of
from reconciler.task import Reader

LOOKED_BACK = timedelta(days=30)
"""As long as schedulers are remembered."""

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beats:
    """How often it would have run, and how often it should have."""

    since: datetime
    until: datetime
    restarts: int
    due: int
    ran: int


def beats_of(change: Change, up: Sequence[Span], now: datetime, reader: Reader) -> Beats | None:
    """What became of the new interval of a change, had it been there all the time.

    `up` is from when to when each scheduler ran, as far as that is recorded. task-scheduler keeps the beat
    over a restart: only moments at which none was up are lost. Daptin counts anew from each of its starts.
    None where the change has no new interval, or too long a one, or where nothing is recorded.
    """
    seconds = _new_interval(change) if up else None
    if seconds is None:
        return None
    spans = sorted((start, min(end, now)) for start, end in up if start < now)
    if not spans:
        return None
    since, interval = max(spans[0][0], now - LOOKED_BACK), timedelta(seconds=seconds)
    spans = [span for span in spans if span[1] >= since]
    if now - since < interval:
        return None
    return Beats(
        since=since,
        until=now,
        restarts=sum(start > since for start, _ in spans),
        due=(now - since) // interval,
        ran=_kept(spans, since, interval) if reader == "scheduler" else _anew(spans, since, interval),
    )


def _new_interval(change: Change) -> int | None:
    """The seconds of an `@every` that the row does not have yet."""
    old, text = schedules_of(change)
    if text is None or text == old:
        return None
    return interval_of(text)


def _kept(spans: Iterable[Span], since: datetime, interval: timedelta) -> int:
    """The moments `since` + n intervals, n >= 1, at which at least one scheduler was up."""
    ran, reached = 0, 0
    for start, end in spans:
        first, last = max(-((since - start) // interval), reached + 1), (end - since) // interval
        if last >= first:
            ran, reached = ran + last - first + 1, last
    return ran


def _anew(spans: Iterable[Span], since: datetime, interval: timedelta) -> int:
    """The moments n intervals after each start, n >= 1, up to its end."""
    return sum(
        (end - start) // interval - max(since - start, timedelta()) // interval for start, end in spans
    )
