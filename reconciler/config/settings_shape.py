"""The shape of `reconcile.yaml`: schemas/reconcile.schema.json decides, and what it cannot say is here."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from reconciler.config.files import SETTINGS as FILE
from reconciler.config.policies import duration
from reconciler.config.shape import below, missing_key, name_of, unknown_keys, wording
from reconciler.config.suppressions import CODES
from reconciler.diagnostics import WARNINGS, Diagnostic, Pointer, diagnostic, did_you_mean
from reconciler.schedule import Cron, ScheduleError, parse
from reconciler.schedule.words import why_never
from reconciler.shipped import schema_text

ROOT = Pointer(file=FILE)

LONGEST_FREEZE = timedelta(days=366)


def faults(value: Any, documents: int = 1) -> list[Diagnostic]:
    """What is wrong with the settings that a file of so many documents holds."""
    if documents > 1:
        return [diagnostic("F004", "more than one document", pointer=Pointer(file=FILE, document=1))]
    if value is None:
        return []
    if not isinstance(value, dict):
        return [diagnostic("F004", "not a mapping of settings", pointer=ROOT)]
    return _misshapen(value) or list(_meaningless(value))


def _misshapen(value: Mapping[Any, Any]) -> list[Diagnostic]:
    import jsonschema_rs  # here: there is not always such a file

    schema = json.loads(schema_text("reconcile"))
    try:
        if jsonschema_rs.validator_for(schema).is_valid(value):
            return []
    except ValueError:  # a key that is no string
        if odd := list(_odd_keys(value, ROOT)):
            return odd
    return [one for error in wording(schema).iter_errors(value) for one in _worded(error)]


def _odd_keys(value: Any, at: Pointer) -> Iterator[Diagnostic]:
    """Keys that are no text: JSON Schema does not know of them."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if isinstance(value, dict) and not isinstance(key, str):
            pointer = below(at, key, on_key=True)
            yield diagnostic("F005", f"unknown key `{key}`", hint="a key is text: quote it", pointer=pointer)
        else:
            yield from _odd_keys(item, below(at, key))


def _worded(error: Any) -> Iterator[Diagnostic]:
    spot = below(ROOT, *error.absolute_path)
    if error.validator == "additionalProperties":
        yield from unknown_keys(error, spot, set())
    elif error.validator == "required":
        yield missing_key(error, spot)
    else:
        name, wanted = name_of(spot), error.schema["title"]
        hint = _URL_HINT if name == "database" else None
        yield diagnostic("F004", f"`{name}` must be {wanted}", hint=hint, pointer=spot)


_URL_HINT = "set PROD_DATABASE_URL where reconcile is run, and write `database: PROD_DATABASE_URL`"


def _meaningless(value: Mapping[str, Any], at: Pointer = ROOT) -> Iterator[Diagnostic]:
    """What has the right shape and still says nothing: zones, codes, expressions, schedules."""
    if not _is_zone(value.get("timezone", "UTC")):
        yield _no_zone(below(at, "timezone"))
    for code, setting in value.get("rules", {}).items():
        yield from _rule(code, setting, below(at, "rules", code, on_key=True))
    policies = value.get("policies", {})
    yield from _names(policies.get("names", {}), below(at, "policies", "names"))
    for index, freeze in enumerate(policies.get("freezes", ())):
        yield from _freeze(freeze, below(at, "policies", "freezes", index))
    for name, environment in value.get("environments", {}).items():
        yield from _meaningless(environment, below(at, "environments", name))


def _rule(code: str, setting: str, pointer: Pointer) -> Iterator[Diagnostic]:
    if code not in CODES:
        meant = code.upper() if code.upper() in CODES else did_you_mean(code, sorted(CODES))
        hint = f"did you mean `{meant}`?" if meant else "`reconcile rules` lists them all"
        yield diagnostic("F005", f"there is no code `{code}`", hint=hint, pointer=pointer)
    elif code not in WARNINGS and not code.startswith("P") and setting != "error":
        message = (
            f"`{code}` is an error and stays one: only warnings and policies (P) can be set to {setting}"
        )
        hint = f"`reconcile rules {code}` says why it is one"
        yield diagnostic("F004", message, hint=hint, pointer=pointer)


def _names(names: str | Mapping[str, str], at: Pointer) -> Iterator[Diagnostic]:
    patterns = (
        {at: names} if isinstance(names, str) else {below(at, glob): one for glob, one in names.items()}
    )
    for pointer, pattern in patterns.items():
        try:
            re.compile(pattern)
        except (re.error, RecursionError, OverflowError) as error:
            message = f"`{name_of(pointer)}` must be a regular expression: {error}"
            yield diagnostic("F004", message, pointer=pointer)


def _freeze(freeze: Mapping[str, Any], at: Pointer) -> Iterator[Diagnostic]:
    if not _is_zone(freeze.get("timezone", "UTC")):
        yield _no_zone(below(at, "timezone"))
    if not timedelta() < duration(freeze["duration"]) <= LONGEST_FREEZE:
        message = "`duration` must be above zero and at most 366 days"
        yield diagnostic("F004", message, pointer=below(at, "duration"))
    yield from _start(freeze["schedule"], below(at, "schedule"))


def _start(text: str, pointer: Pointer) -> Iterator[Diagnostic]:
    try:
        schedule = parse(text)
    except ScheduleError as error:
        yield diagnostic("F004", f"`schedule`: {error.message}", hint=error.hint, pointer=pointer)
        return
    if not isinstance(schedule.rule, Cron):
        message = "`schedule` must be a schedule of five fields: an interval has no beginning"
        yield diagnostic("F004", message, pointer=pointer)
    elif reason := why_never(schedule):
        yield diagnostic("F004", f"`schedule` never fires: {reason}", pointer=pointer)


def _no_zone(pointer: Pointer) -> Diagnostic:
    wanted = 'the name of a time zone ("Europe/Berlin")'
    return diagnostic("F004", f"`timezone` must be {wanted}", pointer=pointer)


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        return bool(ZoneInfo(name))
    except (KeyError, ValueError, OSError):  # what ZoneInfo raises for names that are no zones
        return False
