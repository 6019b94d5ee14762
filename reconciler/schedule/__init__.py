"""The dialect of schedules: grammar, next fire, words, calendar. Knows nothing of tasks.

It is robfig/cron v3.0.1's standard dialect, to the bit; `docs/schedules.md` describes it.
"""

from functools import lru_cache

from reconciler.schedule.calendar import (
    Upset,
    UpsetKind,
    anchored_after,
    dst_days,
    fires,
    fires_per_day,
    upsets_of_the_year,
)
from reconciler.schedule.counting import count_fires
from reconciler.schedule.crowds import Crowd, above, count_at, crowds, fire_minutes, tally
from reconciler.schedule.durations import DurationError, read_duration
from reconciler.schedule.errors import ScheduleError
from reconciler.schedule.grammar import field_spans, read, written_fields
from reconciler.schedule.hashed import compile_hashed, hash_fault, is_hashed, written_span
from reconciler.schedule.hours import KEPT, Entry, Herd, Hours, Span, hours_of
from reconciler.schedule.offsets import Offsets, offsets_of
from reconciler.schedule.spacing import closest
from reconciler.schedule.spec import Cron, Every, Schedule, is_same, next_fire
from reconciler.schedule.steps import WideStep, wide_steps
from reconciler.schedule.words import describe, describe_upsets, why_never, zone_name

__all__ = [
    "KEPT",
    "Cron",
    "Crowd",
    "DurationError",
    "Entry",
    "Every",
    "Herd",
    "Hours",
    "Offsets",
    "Schedule",
    "ScheduleError",
    "Span",
    "Upset",
    "UpsetKind",
    "WideStep",
    "above",
    "anchored_after",
    "closest",
    "compile_hashed",
    "count_at",
    "count_fires",
    "crowds",
    "describe",
    "describe_upsets",
    "dst_days",
    "field_spans",
    "fire_minutes",
    "fires",
    "fires_per_day",
    "hash_fault",
    "hours_of",
    "interval_of",
    "is_hashed",
    "is_same",
    "next_fire",
    "offsets_of",
    "parse",
    "read_duration",
    "schedule_of",
    "tally",
    "upsets_of_the_year",
    "why_never",
    "wide_steps",
    "written_fields",
    "written_span",
    "zone_name",
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
