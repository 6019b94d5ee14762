"""More tasks in one minute than the team has agreed on (P005)."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from reconciler.checks.context import Context
from reconciler.config.declarations import Declaration
from reconciler.diagnostics import Diagnostic, diagnostic
from reconciler.schedule import schedule_of
from reconciler.schedule.crowds import Crowd, crowds, fire_minutes, tally

DAYS = 7
MINUTES = DAYS * 24 * 60
_MOST_TOLD = 5  # times of day


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


def _herds(texts: Counter[str], limit: int, now: datetime, zone: ZoneInfo) -> list[Crowd]:
    """The worst first."""
    start = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    digits = tally(
        (fire_minutes(schedule, start, MINUTES, zone), tasks)
        for text, tasks in texts.items()
        if (schedule := schedule_of(text))  # S001 tells of the others
    )
    return crowds(digits, limit, start, zone)


def _one_too_many(active: Sequence[Declaration], herd: Crowd, limit: int, zone: ZoneInfo) -> Declaration:
    fires: dict[str, bool] = {}
    count = 0
    for declaration in active:
        text = declaration.task.schedule
        if text not in fires:
            schedule = schedule_of(text)
            fires[text] = schedule is not None and fire_minutes(schedule, herd.moment, 1, zone) > 0
        count += fires[text]
        if count > limit:
            return declaration
    raise AssertionError(f"fewer than {herd.count} tasks fire at {herd.moment}")


def _told(one: Declaration, herd: Crowd, limit: int, herds: int, zone: ZoneInfo) -> Diagnostic:
    days = len(herd.minutes)
    repeated = f", which is one of {days} such days" if days > 1 else ""
    others = f"; there are {herds:,} such times of day" if herds > 1 else ""
    message = (
        f"{herd.count:,} tasks fire at {herd.moment:%H:%M on %a %Y-%m-%d} ({zone}){repeated}; "
        f"agreed on is {limit:,} in one minute at most{others}"
    )
    hint = "write `H` for the minute: each task gets one of its own, chosen from its name"
    return diagnostic("P005", message, hint=hint, pointer=one.at("Schedule"))
