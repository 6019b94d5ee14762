"""The shape of a task: schemas/tasks.schema.json decides, and every fault is worded with its place."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from reconciler.config.composer import MERGE
from reconciler.diagnostics import Diagnostic, Pointer, diagnostic, did_you_mean
from reconciler.shipped import schema_text

NOTHING: frozenset[Any] = frozenset()

USER = "AsUserEmail"
"""The one required key whose absence is no fault of the shape: it has a rule of its own."""


_ELSEWHERE = {
    **dict.fromkeys(("user", "asuser", "runas"), USER),
    "enabled": "Active",
    **dict.fromkeys(("args", "arguments", "params", "payload"), "Attributes"),
    "cron": "Schedule",
    "entity": "EntityName",
    "action": "ActionName",
}
"""What a key is called elsewhere, in lower case, and here."""

_NO_KEY = {
    **dict.fromkeys(
        ("timezone", "zone", "tz"),
        'the schedule names its zone: `Schedule: "CRON_TZ=Europe/Berlin 0 8 * * *"`',
    ),
    **dict.fromkeys(("description", "comment", "notes", "note"), "write it as a comment: `# ...`"),
    **dict.fromkeys(("tags", "labels", "group"), "tasks are grouped by a word of your own: `JobType: ...`"),
}
"""What has a key elsewhere, in lower case, and how it is said here."""

_WORDS = {"forbid": "skip", "queued": "queue", "latest": "once", "no": "none"}
"""What a value is called elsewhere, in lower case, and here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Misshapen:
    """What is wrong with one task."""

    diagnostics: tuple[Diagnostic, ...]
    absent: frozenset[str]  # required keys that are not there, and not misspelt either
    unusable: frozenset[str]  # keys without a usable value


def are_tasks(values: Sequence[Any]) -> bool:
    """Whether every value is a task with all that is required."""
    try:
        return bool(_validator("tasks").is_valid(values))
    except ValueError:  # a key that is no string
        return False


def is_task(value: Any) -> bool:
    """Whether a value is a task with all that is required."""
    try:
        return bool(_validator("task").is_valid(value))
    except ValueError:
        return False


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(schema_text("tasks"))
    return schema


def unread_keys(keys: object, unread: Mapping[int, frozenset[Any]]) -> frozenset[Any]:
    """The keys of a task that lack a value, or a part of it, for a fault that is told already.

    `unread` is what the composer says of the whole file.
    """
    if not unread or not isinstance(keys, dict):
        return NOTHING
    parts = (key for key, item in keys.items() if id(item) in unread)
    return unread.get(id(keys), NOTHING).union(parts)


Part = Literal["task", "overlay", "defaults"]
"""What has a shape: a task with all that is required, one in an overlay, defaults of tasks."""


@cache
def _validator(part: str) -> Any:
    import jsonschema_rs

    task = {"$ref": "#/$defs/task"}
    shape = task if part == "task" else {"type": "array", "items": task}
    return jsonschema_rs.validator_for(
        {"$schema": _schema()["$schema"], "$defs": _schema()["$defs"], **shape}
    )


def misshapen(
    task: Mapping[Any, Any],
    at: Pointer,
    unread: frozenset[Any] = frozenset(),
    *,
    part: Part = "task",
    supplied: frozenset[str] = frozenset(),
) -> Misshapen:
    """The faults of a task that is a mapping. `at` is where it stands.

    `unread` are the keys whose values have a fault that is told already; `<<`: whatever is not there. What is
    `supplied` by other layers is not missing.
    """
    schema = _schema()["$defs"][part]
    if MERGE in unread:
        unread |= frozenset(schema["properties"]) - task.keys()
    misspelt: set[str] = set()
    found = list(_faults(_wording(part).iter_errors(task), at, misspelt))
    missing = [key for key in schema.get("required", ()) if key not in task and key not in supplied]
    absent = frozenset(missing) - misspelt - unread
    found += [
        diagnostic("F004", f"`{key}` is missing", hint=f"add `{key}:` to the task", pointer=at)
        for key in missing
        if key in absent and key != USER
    ]
    wrong = {str(one.pointer.path[len(at.path)]) for one in found if one.pointer and one.pointer != at}
    unusable = frozenset(missing) | misspelt | wrong | unread
    return Misshapen(diagnostics=tuple(found), absent=absent, unusable=unusable)


@cache
def _wording(part: Part) -> Any:
    return wording({"$ref": f"#/$defs/{part}", "$defs": _schema()["$defs"]})


def wording(schema: Mapping[str, Any]) -> Any:
    """The validator that tells what is wrong; the other one is faster, and says yes or no."""
    from jsonschema import Draft202012Validator  # here: slow to import, and only a mistake pays for it
    from jsonschema.validators import extend

    untyped: Any = extend  # which has no types of its own
    validator = untyped(Draft202012Validator, {"pattern": _pattern})
    return validator(schema)


def _pattern(validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[Any]:
    """As JSON Schema means a pattern: Python's `$` also matches before a line break at the end."""
    from jsonschema import ValidationError

    if isinstance(value, str) and not re.search(pattern.replace("$", r"\Z"), value):
        yield ValidationError("no match")


def _faults(errors: Iterator[Any], at: Pointer, misspelt: set[str]) -> Iterator[Diagnostic]:
    for error in errors:
        spot = below(at, *error.absolute_path)
        if error.validator == "additionalProperties":
            yield from unknown_keys(error, spot, misspelt if spot == at else set())
        elif error.validator == "oneOf":
            yield from _faults(_likeliest(error), at, misspelt)
        elif error.validator == "required":
            if spot != at:
                yield missing_key(error, spot)
        else:
            yield _wrong_value(error, spot)


def below(at: Pointer, *keys: Any, on_key: bool = False) -> Pointer:
    """The spot of a key of what stands at another."""
    return Pointer(file=at.file, document=at.document, path=(*at.path, *keys), on_key=on_key)


def _likeliest(error: Any) -> Iterator[Any]:
    """The errors of the one branch that was meant: the mapping's for a mapping, else the word's."""
    meant = 1 if isinstance(error.instance, dict) else 0
    return (one for one in error.context if one.schema_path[0] == meant)


def unknown_keys(error: Any, spot: Pointer, misspelt: set[str]) -> Iterator[Diagnostic]:
    """What is said of a mapping at `spot` with keys that it does not have; the keys meant are noted."""
    known = error.schema["properties"]
    free = [key for key in known if key not in error.instance]
    for key in error.instance:
        if key not in known:
            meant = did_you_mean(str(key), free) or _called_elsewhere(str(key), free)
            if meant is not None:
                misspelt.add(meant)
            advice = _NO_KEY.get(str(key).casefold()) if "Schedule" in known else None
            hint = f"did you mean `{meant}`?" if meant else advice or f"known here: {', '.join(known)}"
            pointer = below(spot, key, on_key=True)
            yield diagnostic("F005", f"unknown key `{key}`", hint=hint, pointer=pointer)


def _called_elsewhere(key: str, free: Sequence[str]) -> str | None:
    meant = _ELSEWHERE.get(key.casefold())
    return meant if meant in free else None


def missing_key(error: Any, spot: Pointer) -> Diagnostic:
    """What is said of a mapping at `spot` that lacks a required key."""
    missing = next(key for key in error.validator_value if key not in error.instance)
    return diagnostic("F004", f"`{missing}` is missing", hint=f"add `{missing}:`", pointer=spot)


def _wrong_value(error: Any, spot: Pointer) -> Diagnostic:
    name, value = name_of(spot), error.instance
    if value is None:
        message = f"`{name}` has no value (null)"
        return diagnostic("F004", message, hint="give it a value, or take the key away", pointer=spot)
    if error.validator == "enum":
        return _wrong_word(error, spot, name)
    if error.validator == "pattern":
        message = f"`{name}` is no duration: {shown(value)}"
        return diagnostic("F004", message, hint=_DURATION, pointer=spot)
    wanted = _WANTED[error.validator_value]
    message = f"`{name}` must be {wanted}, not {kind(value)}"
    hint = _DURATION if "pattern" in error.schema else _type_hint(error.validator_value, value)
    return diagnostic("F004", message, hint=hint, pointer=spot)


def _wrong_word(error: Any, spot: Pointer, name: str) -> Diagnostic:
    words = error.validator_value
    meant = _meant_word(error.instance, words) if isinstance(error.instance, str) else None
    hint = f"did you mean `{meant}`?" if meant else None
    message = f"`{name}` must be one of {', '.join(words)}, not {shown(error.instance)}"
    return diagnostic("F004", message, hint=hint, pointer=spot)


def _meant_word(word: str, words: Sequence[str]) -> str | None:
    elsewhere = _WORDS.get(word.casefold())
    return elsewhere if elsewhere in words else did_you_mean(word, words)


_DURATION = 'write it as "30s", "5m" or "1h30m"'
_WANTED = {"string": "text", "boolean": "true or false", "object": "a mapping", "array": "a list"}
_FLAGS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def _type_hint(wanted: str, value: Any) -> str | None:
    if wanted == "string" and isinstance(value, bool | int | float):
        return f"quote it: {shown(str(value) if not isinstance(value, bool) else str(value).lower())}"
    if wanted == "boolean" and isinstance(value, str):
        meant = _FLAGS.get(value.lower(), value.lower())
        return f"write `{meant}`" if meant in ("true", "false") else None
    if wanted == "boolean" and value in (0, 1):
        return f"write `{str(bool(value)).lower()}`"
    if wanted == "array" and isinstance(value, str):
        return f"write `[{shown(value)}]`"
    if wanted == "object" and isinstance(value, str) and _is_json(value):
        return "take the quotes away: JSON is YAML too"
    return None


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def no_list(pointer: Pointer, tasks: object) -> Diagnostic:
    """What stands at `Tasks` is no list."""
    if tasks is None:
        message, hint = "`Tasks` has no value (null)", "for no tasks at all write `Tasks: []`"
    else:
        message, hint = f"`Tasks` must be a list, not {kind(tasks)}", "start each task with `- Name:`"
    return diagnostic("F004", message, hint=hint, pointer=pointer)


def no_mapping(pointer: Pointer, value: object) -> Diagnostic:
    """What stands at a task is no mapping."""
    message = f"a task must be a mapping, not {kind(value)}"
    return diagnostic("F004", message, hint="start each task with `- Name:`", pointer=pointer)


def kind(value: Any) -> str:
    """What a value is, in words: `the number 5`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {shown(value)}"
    if isinstance(value, str):
        return f"the text {shown(value)}"
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else "null"


def shown(value: Any) -> str:
    """A value as it may be quoted in a message: JSON, cut short."""
    text = json.dumps(value, ensure_ascii=False, default=str, skipkeys=True)
    return text if len(text) <= 60 else f"{text[:57]}..."


def name_of(spot: Pointer) -> str:
    """The name of the key that a spot belongs to."""
    return next((key for key in reversed(spot.path) if isinstance(key, str)), "")
