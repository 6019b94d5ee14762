"""Which rows are registered, and why the others are not. One bad row never stops another."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from reconciler.database.target import without_collection
from reconciler.schedule import Every, ScheduleError, parse
from reconciler.schedule.durations import DurationError, read_duration
from reconciler.schedule.words import why_never
from reconciler.scheduler.fires import DEFAULT_POLICY, Policy, Registered
from reconciler.task import Row, SchedulerOptions, Secret


class Refused(NamedTuple):
    """A row that cannot be registered."""

    name: str
    reason: str


class Registration(NamedTuple):
    tasks: tuple[Registered, ...]
    refused: tuple[Refused, ...]
    inactive: int  # rows that are not meant to fire


def register(rows: Sequence[Row], options: Mapping[bytes, SchedulerOptions]) -> Registration:
    """Sort the rows of the table."""
    tasks, refused = [], []
    unfit = cache(_unfit)  # each text is asked about once; forgotten with this call
    active = [row for row in rows if row.active]
    with without_collection():
        for row in active:
            try:
                tasks.append(_registered(row, options.get(row.reference_id), unfit))
            except ValueError as reason:
                refused.append(Refused(row.name, str(reason)))
    return Registration(tuple(tasks), tuple(refused), len(rows) - len(active))


def with_secrets(
    tasks: Sequence[Registered], secrets: Mapping[bytes, tuple[Secret, ...]]
) -> Sequence[Registered]:
    """The tasks, those with values from the environment knowing where these stand: no log shall show them."""
    if not secrets:
        return tasks
    return [
        task._replace(secrets=secrets[task.row.reference_id]) if task.row.reference_id in secrets else task
        for task in tasks
    ]


def _registered(row: Row, options: SchedulerOptions | None, unfit: Callable[[str], str | None]) -> Registered:
    """Raises ValueError with the reason why the row cannot be registered."""
    if len(row.reference_id) != 16:
        raise ValueError(f"its reference_id has {len(row.reference_id)} bytes and not 16")
    if row.as_user_id is None:
        raise ValueError("it names no user to run as (as_user_id is NULL)")
    if row.as_user_email is None:
        raise ValueError(f"it is to run as user {row.as_user_id}, who does not exist")
    if reason := unfit(row.schedule):
        raise ValueError(reason)
    policy = DEFAULT_POLICY if options is None else _policy_of(options)
    return Registered(row, _attributes(row.attributes), policy)


def _unfit(text: str) -> str | None:
    """Why a schedule cannot be kept."""
    try:
        parsed = parse(text)
    except ScheduleError as error:
        return f"not a schedule: {error.message}"
    if isinstance(parsed.rule, Every):
        return f"{text!r} is shorter than a second" if parsed.rule.below_minimum else None
    reason = why_never(parsed)
    return f"{text!r} never fires: {reason}" if reason else None


_NO_ATTRIBUTES: Mapping[str, Any] = {}


def _attributes(text: str) -> Mapping[str, Any]:
    if text == "{}":
        return _NO_ATTRIBUTES
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("its attributes are not JSON") from None
    if not isinstance(value, dict):
        raise ValueError("its attributes are JSON, but no object")
    return value


def _policy_of(options: SchedulerOptions) -> Policy:
    """The options with their durations in seconds. Raises ValueError for one that is no duration."""
    window = _seconds("CatchUp: Window", options.catch_up_window)
    timeout, jitter = _seconds("Timeout", options.timeout), _seconds("Jitter", options.jitter)
    return Policy(
        overlap=options.overlap,
        catch_up=options.catch_up,
        window=window,
        timeout=timeout or None,
        jitter=int(jitter or 0),
    )


def _seconds(key: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        nanoseconds = read_duration(text)
    except DurationError as error:
        raise ValueError(f"its {key} is no duration: {error.message}") from None
    if nanoseconds < 0:
        raise ValueError(f"its {key} is negative: {text}")
    return nanoseconds / 1_000_000_000
