"""Schedules in plain English, made from the values that the fields allow, not from how they are written."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

from reconciler.schedule.calendar import Upset
from reconciler.schedule.fields import LIMITS, consecutive
from reconciler.schedule.spec import Cron, Every, Schedule

MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAY_NAMES = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MANY_TIMES = 6  # more times of day than this are told by hours and minutes
_VERBS = {"skipped": "is skipped", "twice": "runs twice", "astray": "runs although it should not"}
_DATES_SHOWN = 4
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def describe(schedule: Schedule, local_zone: ZoneInfo) -> str:
    """When a schedule fires, and by which clock: "at 08:00 from Monday to Friday (UTC)"."""
    if isinstance(schedule.rule, Every):
        return _interval(schedule.rule)
    never = why_never(schedule)
    if never is not None:
        return f"never: {never}"
    parts = (_times(schedule.rule), _days(schedule.rule), _months(schedule.rule))
    return f"{' '.join(part for part in parts if part)} ({zone_name(schedule, local_zone)})"


def describe_upsets(upsets: Sequence[Upset], zone: str) -> str:
    """What changes of the clocks do: "is skipped on 2027-03-28: the clocks change in Europe/Berlin"."""
    told = [_upset(upset) for upset in upsets[:_DATES_SHOWN]]
    if len(upsets) > _DATES_SHOWN:
        told.append(f"and on {len(upsets) - _DATES_SHOWN} more days")
    return f"{', '.join(told)}: the clocks change in {zone}"


def _upset(upset: Upset) -> str:
    count = f" ({upset.fires} fires)" if upset.fires > 1 else ""
    return f"{_VERBS[upset.kind]} on {upset.day}{count}"


def zone_name(schedule: Schedule, local_zone: ZoneInfo) -> str:
    """The name of the time zone by which a schedule fires."""
    zone = schedule.zone or local_zone
    return zone.key or str(zone)


def why_never(schedule: Schedule) -> str | None:
    """Why a schedule never fires; None when it does."""
    cron = schedule.rule
    if not isinstance(cron, Cron) or (cron.times and (cron.days is None or cron.days.ever())):
        return None
    for index, field in enumerate(cron.fields[:2]):
        if not field.bits:
            return f"the list of the {LIMITS[index].name} field is empty"
    if not cron.month.bits:
        return "the list of the month field is empty"
    if not cron.weekday.bits:
        return "the list of the day of week field is empty"
    if not cron.day.bits:
        return "the list of the day of month field is empty"
    return _missing_days(cron)


def _missing_days(cron: Cron) -> str:
    days, months = cron.day.values(), [MONTH_NAMES[month - 1] for month in cron.month.values()]
    verb = "does" if len(days) == 1 else "do"
    return f"{_plural('day', days)} {verb} not exist in {_joined(months, 'or')}"


def _interval(every: Every) -> str:
    rest, parts = every.seconds, []
    for seconds, unit in _UNITS:
        count, rest = divmod(rest, seconds)
        if count:
            parts.append(f"{count} {unit}" + ("s" if count > 1 else ""))
    length = parts[0].removeprefix("1 ") if len(parts) == 1 else _joined(parts)
    return f"every {length}, counted from its start"


def _times(cron: Cron) -> str:
    minutes, hours = cron.minute.values(), cron.hour.values()
    if len(minutes) * len(hours) <= _MANY_TIMES and len(hours) < 24:
        return "at " + _joined([f"{hour:02}:{minute:02}" for hour in hours for minute in minutes])
    if len(hours) == 24:
        return _minutes(minutes)
    step = _step(hours, 24)
    if step and minutes == (0,):
        return f"every {step} hours from midnight"
    if minutes == (0,) and hours[-1] - hours[0] == len(hours) - 1:
        return f"on the hour from {hours[0]:02}:00 to {hours[-1]:02}:00"
    in_hours = _plural("hour", hours, _two_digits)
    if len(minutes) == 60 or _step(minutes, 60):
        return f"{_minutes(minutes)} in the {in_hours}"
    return f"at {_plural('minute', minutes)} of the {in_hours}"


def _minutes(minutes: Sequence[int]) -> str:
    if len(minutes) == 60:
        return "every minute"
    if tuple(minutes) == (0,):
        return "every hour, on the hour"
    step = _step(minutes, 60)
    if step:
        return f"every {step} minutes"
    if len(minutes) == 1:
        return f"every hour at minute {minutes[0]}"
    return f"every hour at {_plural('minute', minutes)}"


def _days(cron: Cron) -> str:
    if cron.days is None:
        return "" if _within_day(cron) else "every day"
    if cron.either_day and cron.day.bits and cron.weekday.bits:
        if len(cron.day.values()) == 31 or len(cron.weekday.values()) == 7:
            return "every day"
        by_day, by_weekday = _of_month(cron), _weekdays(cron)
        return f"{by_day} and also {by_weekday}"
    if len(cron.day.values()) < 31 and cron.day.bits:
        return _of_month(cron)
    if len(cron.weekday.values()) < 7 and cron.weekday.bits:
        return _weekdays(cron)
    return "every day"


def _within_day(cron: Cron) -> bool:
    """Whether the times alone say it: "every 5 minutes" needs no "every day"."""
    return len(cron.hour.values()) == 24


def _of_month(cron: Cron) -> str:
    return f"on {_plural('day', cron.day.values())} of the month"


def _weekdays(cron: Cron) -> str:
    days = cron.weekday.values()
    if len(days) == 1:
        return f"on {WEEKDAY_NAMES[days[0]]}s"
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"from {WEEKDAY_NAMES[days[0]]} to {WEEKDAY_NAMES[days[-1]]}"
    return "on " + _joined([f"{WEEKDAY_NAMES[day]}s" for day in days])


def _months(cron: Cron) -> str:
    months = cron.month.values()
    if len(months) == 12:
        return ""
    return "in " + _joined(_runs(months, lambda month: MONTH_NAMES[month - 1]))


def _step(values: Sequence[int], size: int) -> int | None:
    """The step of values that divide their range evenly from 0, such as 0, 15, 30, 45."""
    step = values[1] - values[0] if len(values) > 1 else 0
    return step if step > 1 and size % step == 0 and tuple(values) == tuple(range(0, size, step)) else None


def _two_digits(value: int) -> str:
    return f"{value:02}"


def _plural(noun: str, values: Sequence[int], show: Callable[[int], str] = str) -> str:
    return f"{noun}{'s' if len(values) > 1 else ''} {_joined(_runs(values, show))}"


def _runs(values: Sequence[int], show: Callable[[int], str]) -> list[str]:
    """The values, with three and more in a row as "first to last", and what has one step told by it."""
    steps = {later - one for one, later in pairwise(values)}
    if len(values) > 4 and len(steps) == 1 and steps != {1}:
        return [f"{_span(values, show)} in steps of {steps.pop()}"]
    parts: list[str] = []
    for run in consecutive(values):
        parts += [_span(run, show)] if len(run) > 2 else map(show, run)
    return parts


def _span(values: Sequence[int], show: Callable[[int], str]) -> str:
    return f"{show(values[0])} to {show(values[-1])}"


def _joined(parts: Sequence[str], last: str = "and") -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"
