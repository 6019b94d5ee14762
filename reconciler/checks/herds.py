"""More tasks in one minute than the team has agreed on (P005)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from reconciler.checks.context import Context
from reconciler.config.declarations import Declaration
from reconciler.diagnostics import Diagnostic, diagnostic
from reconciler.schedule import Schedule, ScheduleError, above, count_at, fire_minutes, parse, tally

DAYS = 7
MINUTES = DAYS * 24 * 60
_MOST_TOLD = 5  # times of day


@dataclass(frozen=True, slots=True, kw_only=True)
class Herd:
    """A time of day at which too many tasks fire: when it is worst, and on how many days it is so."""

    moment: datetime  # in the scheduler's zone
    tasks: int
    days: int


def check(declarations: Sequence[Declaration], context: Context) -> list[Diagnostic]:
    """One diagnostic for each of the worst times of day, at the task that is one too many."""
    limit = context.policies.most_in_a_minute
    if limit is None:
        return []
    active = [one for one in declarations if one.task.active and "Schedule" not in one.unusable]
    herds = _herds(Counter(one.task.schedule for one in active), limit, context.now, context.timezone)
    told: dict[int, Diagnostic] = {}
    for herd in herds[:_MOST_TOLD]:
        one = _one_too_many(active, herd, limit, context.timezone)
        told.setdefault(id(one), _told(one, herd, limit, len(herds), context.timezone))
    return list(told.values())


def _herds(texts: Counter[str], limit: int, now: datetime, zone: ZoneInfo) -> list[Herd]:
    """The worst first."""
    start = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    digits = tally(
        (fire_minutes(schedule, start, MINUTES, zone), tasks)
        for text, tasks in texts.items()
        if (schedule := _schedule(text))
    )
    by_time: dict[time, list[tuple[int, datetime]]] = {}
    for minute in _bits(above(digits, limit)):
        moment = (start + timedelta(minutes=minute)).astimezone(zone)
        by_time.setdefault(moment.time(), []).append((count_at(digits, minute), moment))
    herds = (_herd(days) for days in by_time.values())
    return sorted(herds, key=lambda herd: (-herd.tasks, herd.moment))


def _herd(days: Sequence[tuple[int, datetime]]) -> Herd:
    tasks, moment = max(days, key=lambda day: day[0])
    return Herd(moment=moment, tasks=tasks, days=len(days))


def _bits(number: int) -> Iterator[int]:
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


def _one_too_many(active: Sequence[Declaration], herd: Herd, limit: int, zone: ZoneInfo) -> Declaration:
    fires: dict[str, bool] = {}
    count = 0
    for declaration in active:
        text = declaration.task.schedule
        if text not in fires:
            schedule = _schedule(text)
            fires[text] = schedule is not None and fire_minutes(schedule, herd.moment, 1, zone) > 0
        count += fires[text]
        if count > limit:
            return declaration
    raise AssertionError(f"fewer than {herd.tasks} tasks fire at {herd.moment}")


def _told(one: Declaration, herd: Herd, limit: int, herds: int, zone: ZoneInfo) -> Diagnostic:
    days = f", which is one of {herd.days} such days" if herd.days > 1 else ""
    others = f"; there are {herds:,} such times of day" if herds > 1 else ""
    message = (
        f"{herd.tasks:,} tasks fire at {herd.moment:%H:%M on %a %Y-%m-%d} ({zone}){days}; "
        f"agreed on is {limit:,} in one minute at most{others}"
    )
    hint = "write `H` for the minute: each task gets one of its own, chosen from its name"
    return diagnostic("P005", message, hint=hint, pointer=one.at("Schedule"))


def _schedule(text: str) -> Schedule | None:
    try:
        return parse(text)
    except ScheduleError:  # S001 tells it
        return None
