"""A task with the keys of the YAML, as the text that the bookkeeping keeps, and as a fingerprint."""

import hashlib
import json
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from reconciler.planning.masking import hidden, masked, secrets_text
from reconciler.task import (
    KEYS,
    NESTING,
    NO_LIFECYCLE,
    NO_OPTIONS,
    Lifecycle,
    Row,
    SchedulerOptions,
    Secret,
    Task,
    canonical_json,
    json_text,
)

_strict_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode

_fields = attrgetter(*KEYS.values())


def task_keys(task: Task) -> dict[str, Any]:
    """The task with the keys of the YAML; the two blocks only where they say something."""
    keys: dict[str, Any] = dict(zip(KEYS, _fields(task), strict=True))
    if task.lifecycle != NO_LIFECYCLE:
        keys["Lifecycle"] = _lifecycle_keys(task.lifecycle)
    if task.scheduler != NO_OPTIONS:
        keys["Scheduler"] = _scheduler_keys(task.scheduler)
    return keys


def row_keys(row: Row) -> dict[str, Any]:
    """The row with the keys of the YAML; attributes that are not JSON stay the text that they are."""
    keys: dict[str, Any] = dict(zip(KEYS, _fields(row), strict=True))
    keys["Attributes"] = attributes_of(row)
    return keys


def shown_task(task: Task) -> dict[str, Any]:
    """The task with the keys of the YAML, as it may be seen by anyone."""
    return masked(task_keys(task), task.secrets) if task.secrets else task_keys(task)


def shown_row(row: Row, applied: Sequence[Secret], desired: Sequence[Secret] = ()) -> dict[str, Any]:
    """The row with the keys of the YAML, as it may be seen by anyone: given its secrets before and after."""
    keys = row_keys(row)
    return hidden(keys, applied, desired) if applied or desired else keys


def attributes_of(row: Row) -> Any:
    """The row's attributes as a value, or their text where no task could have such a value.

    That is what is not JSON, with Infinity, NaN and halves of surrogate pairs, and what is nested too deep.
    """
    text = row.attributes
    try:
        value = json.loads(text)
        _strict_json(value).encode()
    except (ValueError, RecursionError):  # UnicodeEncodeError is a ValueError
        return text
    is_deep = text.count("[") + text.count("{") > NESTING and not _fits(value, NESTING)
    return text if is_deep else value


def _fits(value: Any, levels: int) -> bool:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels >= 0 and all(_fits(item, levels - 1) for item in items)


def applied_text(task: Task, attributes: str | None = None) -> str:
    """What the bookkeeping keeps of an applied task: the JSON of its keys, placeholders for its secrets.

    `attributes` is the JSON of the task's attributes, where the caller has it: that is most of the work.
    """
    if task.lifecycle is not NO_LIFECYCLE or task.scheduler is not NO_OPTIONS or task.secrets:
        return json_text(shown_task(task))
    name, schedule, entity_name, action_name, as_user_email, active, job_type = task[:7]
    return (
        f'{{"Name":{quoted(name)},"Schedule":{quoted(schedule)},"EntityName":{quoted(entity_name)}'
        f',"ActionName":{quoted(action_name)},"AsUserEmail":{quoted(as_user_email)}'
        f',"Active":{"true" if active else "false"},"JobType":{quoted(job_type)}'
        f',"Attributes":{json_text(task.attributes) if attributes is None else attributes}}}'
    )


def canonical_text(task: Task) -> str:
    """canonical_json(shown_task(task)), put together: only the attributes have to be looked into."""
    if task.lifecycle is not NO_LIFECYCLE or task.scheduler is not NO_OPTIONS or task.secrets:
        return canonical_json(shown_task(task))
    name, schedule, entity_name, action_name, as_user_email, active, job_type = task[:7]
    return (
        f'{{"ActionName":{quoted(action_name)},"Active":{"true" if active else "false"}'
        f',"AsUserEmail":{quoted(as_user_email)},"Attributes":{canonical_json(task.attributes)}'
        f',"EntityName":{quoted(entity_name)},"JobType":{quoted(job_type)}'
        f',"Name":{quoted(name)},"Schedule":{quoted(schedule)}}}'
    )


quoted = json.encoder.encode_basestring
"""A text as a JSON string."""


def fingerprint(task: Task, attributes: str | None = None) -> bytes:
    """16 bytes that differ whenever the task was written differently (an order of attributes included).

    `attributes` is the JSON of the task's attributes, where the caller has it.
    """
    blocks = ""
    if task.lifecycle is not NO_LIFECYCLE or task.scheduler is not NO_OPTIONS:
        blocks = f"{_lifecycle_keys(task.lifecycle)}{_scheduler_keys(task.scheduler)}"
    if task.secrets:
        blocks += f"{secrets_text(task.secrets)}"
    text = "\0".join(
        (
            *task[:5],  # the texts, from the name to the e-mail address
            "1" if task.active else "0",
            task.job_type,
            json_text(task.attributes) if attributes is None else attributes,
            blocks,
        )
    )
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _lifecycle_keys(lifecycle: Lifecycle) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    if lifecycle.protected is not None:
        keys["Protected"] = lifecycle.protected
    if lifecycle.previous_names:
        keys["PreviousNames"] = list(lifecycle.previous_names)
    if lifecycle.ignore_changes:
        keys["IgnoreChanges"] = list(lifecycle.ignore_changes)
    return keys


def _scheduler_keys(options: SchedulerOptions) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    if options.overlap != NO_OPTIONS.overlap:
        keys["Overlap"] = options.overlap
    if options.catch_up_window is not None:
        keys["CatchUp"] = {"Policy": options.catch_up, "Window": options.catch_up_window}
    elif options.catch_up != NO_OPTIONS.catch_up:
        keys["CatchUp"] = options.catch_up
    if options.timeout is not None:
        keys["Timeout"] = options.timeout
    if options.jitter is not None:
        keys["Jitter"] = options.jitter
    return keys
