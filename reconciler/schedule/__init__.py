"""The dialect of schedules: grammar, next fire, words, calendar. Knows nothing of tasks.

It is robfig/cron v3.0.1's standard dialect, to the bit; `docs/schedules.md` describes it. Here is what a
schedule is and when it fires next; what is said and counted of schedules is imported from its file.
"""

from functools import lru_cache

from reconciler.schedule.errors import ScheduleError
from reconciler.schedule.grammar import read
from reconciler.schedule.spec import Cron, Every, Schedule, is_same, next_fire

__all__ = [
    "Cron",
    "Every",
    "Schedule",
    "ScheduleError",
    "interval_of",
    "is_same",
    "next_fire",
    "parse",
    "schedule_of",
]


@lru_cache(maxsize=16384)
def parse(text: str) -> Schedule:
    """The schedule that a text means; ScheduleError, with a hint, when it means none."""
    try:
        return read(text)
    except ScheduleError as error:
        raise error.explained_by(_explain) from None


def schedule_of(text: str) -> Schedule | None:
    """The same; None when it means none, for those who leave it to others to tell why."""
    try:
        return parse(text)
    except ScheduleError:
        return None


def interval_of(text: str) -> int | None:
    """The seconds of an `@every`; None for any other text."""
    schedule = schedule_of(text)
    return schedule.rule.seconds if schedule and isinstance(schedule.rule, Every) else None


def _explain(error: ScheduleError) -> str | None:
    # Only a refusal needs the other readers of cron expressions, which are slow to import.
    from reconciler.schedule.hints import hint_for

    return hint_for(error)
