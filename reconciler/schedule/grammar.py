"""The dialect: text -> Schedule. Source: the standard parser of robfig/cron v3.0.1."""

import re
from functools import lru_cache
from zoneinfo import ZoneInfo

from reconciler.schedule.durations import DurationError, read_duration
from reconciler.schedule.errors import ScheduleError, shown
from reconciler.schedule.fields import LIMITS, read_field
from reconciler.schedule.spec import Cron, Every, Schedule, cron_of

DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
EVERY = "@every "
FIVE = f"5 fields ({', '.join(limits.name for limits in LIMITS)})"

# White space as Go's unicode.IsSpace has it: Python's own also counts the separators U+001C to U+001F.
SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_FIELD = re.compile(f"[^{SPACE}]+")
_BLANKS = re.compile(f"[{SPACE}]*")
_ZONE = re.compile(r"(?:CRON_)?TZ=")
_ZONE_NAME = re.compile(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+)*")


def read(text: str) -> Schedule:
    """The schedule that a text means; ScheduleError, without a hint, when it means none."""
    if not text:
        raise ScheduleError("the schedule is empty", text=text, column=0, end=0, kind="empty")
    zone, start = _zone(text)
    if text.startswith("@", start):
        return Schedule(text=text, zone=zone, rule=_descriptor(text, start))
    return Schedule(text=text, zone=zone, rule=_cron(text, start))


def field_spans(text: str) -> list[tuple[int, int]]:
    """Where the fields of a schedule stand in its text; none for `@...`."""
    start = _body(text)
    if text.startswith("@", start):
        return []
    return [match.span() for match in _FIELD.finditer(text, start)]


def written_fields(text: str) -> tuple[str, list[str]]:
    """What stands before the fields of a valid schedule, and the fields as written.

    `@daily` and its like are read as their five fields; `@every` has none.
    """
    start = _body(text)
    body = DESCRIPTORS.get(text[start:].rstrip(SPACE), text[start:])
    return text[:start], [] if body.startswith("@") else _FIELD.findall(body)


def _body(text: str) -> int:
    """Where the schedule starts that follows the time zone, if there is one."""
    if not _ZONE.match(text):
        return 0
    space = text.find(" ")
    if space < 0:
        return len(text)
    blanks = _BLANKS.match(text, space)
    assert blanks is not None  # the pattern may be empty
    return blanks.end()


def _zone(text: str) -> tuple[ZoneInfo | None, int]:
    prefix = _ZONE.match(text)
    if prefix is None:
        return None, 0
    end = text.find(" ", prefix.end())
    if end < 0:
        message = f"a space and a schedule are missing after the time zone `{shown(text)}`"
        raise ScheduleError(message, text=text, column=0, end=len(text), kind="zone")
    name = text[prefix.end() : end]
    if name == "Local":
        return None, _body(text)
    zone = zone_named(name)
    if zone is None:
        message = (
            f"there is no time zone `{shown(name)}`: allowed are names such as Europe/Berlin, UTC and Local"
        )
        raise ScheduleError(message, text=text, column=prefix.end(), end=end, kind="zone")
    return zone, _body(text)


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo | None:
    """The time zone of that name (exactly; none at all means UTC)."""
    if not name:
        return ZoneInfo("UTC")
    if len(name) > 100 or not _ZONE_NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; not a zone's file; a folder of zones
        return None


def _descriptor(text: str, start: int) -> Cron | Every:
    # The engine trims what follows a time zone, and nothing else.
    body = text[start:].rstrip(SPACE) if start else text
    if body in DESCRIPTORS:
        return _cron(DESCRIPTORS[body], 0)
    if body.startswith(EVERY):
        return _every(text, start + len(EVERY), body[len(EVERY) :])
    known = ", ".join(DESCRIPTORS)
    message = f"`{shown(body)}` is unknown: allowed are {known} and @every with a duration"
    raise ScheduleError(message, text=text, column=start, end=start + len(body), kind="descriptor")


def _every(text: str, start: int, duration: str) -> Every:
    try:
        return Every(written=read_duration(duration))
    except DurationError as error:
        column, end = start + error.column, start + error.end
        raise ScheduleError(error.message, text=text, column=column, end=end, kind="duration") from None


def _cron(text: str, start: int) -> Cron:
    written = _FIELD.findall(text, start)
    if len(written) != 5:
        raise _wrong_count(text, start, _spans(text, start))
    try:
        minute, hour, day, month, weekday = map(read_field, range(5), written)
    except ScheduleError as error:
        raise error.within(text, _spans(text, start)[error.field][0]) from None
    return cron_of(minute, hour, day, month, weekday)


def _spans(text: str, start: int) -> list[tuple[int, int]]:
    return [match.span() for match in _FIELD.finditer(text, start)]


def _wrong_count(text: str, start: int, spans: list[tuple[int, int]]) -> ScheduleError:
    message = f"expected {FIVE}, found {len(spans) or 'none'}"
    if len(spans) > 5:
        column, end = spans[5][0], spans[-1][1]
    else:
        column, end = (spans[0][0], spans[-1][1]) if spans else (start, len(text))
    return ScheduleError(message, text=text, column=column, end=end, kind="fields")
