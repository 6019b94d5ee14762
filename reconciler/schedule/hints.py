"""What to write instead of a text that is no schedule. What is suggested is a schedule of the dialect."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from reconciler.schedule.errors import Kind, ScheduleError
from reconciler.schedule.fields import HOUR, LIMITS, MINUTE, WEEKDAY, whole_number
from reconciler.schedule.grammar import DESCRIPTORS, read, zone_named

EXAMPLE = "for example `0 8 * * *` is every day at 08:00"
_NO_TEMPLATES = (
    "nothing is put into a text: where environments differ, each has its own schedule in env/NAME/"
)
_ELSEWHERE = MappingProxyType(
    {
        "@reboot": "other cron tools run it when they start; here a schedule is a matter of time alone",
        "@minutely": "write `* * * * *`",
        "@weekdays": "write `0 0 * * 1-5`",
        "@weekends": "write `0 0 * * 0,6`",
        "@quarterly": "write `0 0 1 1,4,7,10 *`",
        "@fortnightly": "every second week cannot be written with fields; `@every 336h` is every 14 days",
    }
)
_UNITS = MappingProxyType({"d": 24, "day": 24, "days": 24, "w": 168, "week": 168, "weeks": 168})
_UNIT_NAMES = MappingProxyType(
    {
        **dict.fromkeys(("hour", "hours", "hr", "hrs"), "h"),
        **dict.fromkeys(("min", "mins", "minute", "minutes"), "m"),
        **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    }
)

_KNOWN = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Africa/Cairo", "Australia/Sydney")


def hint_for(error: ScheduleError) -> str | None:
    """How to write what was meant, and how other cron tools read what was written."""
    if len(error.text) > 1000:  # nobody meant that; looking for what it resembles takes time
        return None
    return _unpadded(error) or _HINTS[error.kind](error)


def _suggested(candidate: str, lead: str = "write") -> str | None:
    """The hint to write this, if it is a schedule."""
    try:
        read(candidate)
    except ScheduleError:
        return None
    return f"{lead} `{candidate}`"


def _unpadded(error: ScheduleError) -> str | None:
    text = error.text.strip()
    if text == error.text:
        return None
    return _suggested(text, "white space around it is not allowed here: write")


def _empty(error: ScheduleError) -> str | None:
    return EXAMPLE


def _fields(error: ScheduleError) -> str | None:
    if re.search(r"\$\{?\w|\{\{", error.text):
        return _NO_TEMPLATES
    words = error.text.split()
    joined = re.sub(r" ?, ?", ",", " ".join(words)).split()
    if joined != words:
        return _suggested(" ".join(joined), "no space in a list:") or _fewer(joined) or EXAMPLE
    return _moved_zone(words) or _fewer(words) or _one_word(words) or EXAMPLE


def _moved_zone(words: list[str]) -> str | None:
    text = " ".join(words)
    zone = re.search(r"(?:CRON_)?TZ *= *(\S+)", text, re.IGNORECASE)
    if not zone:
        return None
    rest = re.sub(r"(?:CRON_)?TZ *= *\S+", "", text, flags=re.IGNORECASE).split()
    candidate = f"CRON_TZ={zone[1]} {' '.join(rest)}"
    return _suggested(candidate, "a time zone stands first, once and in capitals: write") or _fewer(
        [f"CRON_TZ={zone[1]}", *rest]
    )


def _fewer(words: list[str]) -> str | None:
    """Six fields have seconds before the five, or a year after them; seven have both."""
    zone = words[:1] if words and "TZ=" in words[0] else []
    fields = words[len(zone) :]
    if len(fields) == 7:
        return _suggested(" ".join(zone + fields[1:6]), "there are no seconds and no years here: write")
    if len(fields) != 6:
        return None
    if re.fullmatch(r"[0-9]{4}.*", fields[5], re.DOTALL):
        return _suggested(" ".join(zone + fields[:5]), "there are no years here: write")
    if not re.fullmatch(r"[0-9*?/,-]+", fields[0]):
        return None
    lead = "the six fields of other cron tools start with seconds, which there are none of here: write"
    return _suggested(" ".join(zone + fields[1:]), lead)


def _one_word(words: list[str]) -> str | None:
    if not words:
        return None
    if words[0].lower() == "every":
        return _duration_hint("".join(words[1:])) or "write `@every` and a duration, such as `@every 15m`"
    return _suggested("@" + words[0].lower().lstrip("@"))


def _value(error: ScheduleError) -> str | None:
    return _special(error) or _digits(error) or _named(error) or _as_elsewhere(error)


def _special(error: ScheduleError) -> str | None:
    part = error.part.upper()
    if hint := _hashed(error.part):
        return hint
    if "#" in part:
        return (
            "other cron tools read `5#2` as the second Friday of the month, which cannot be written here: "
            "choose a weekday or a day of the month, and let the action check the other"
        )
    if part in ("L", "LW") or re.fullmatch(r"L-?[0-9]+|[0-9A-Z]+L", part):
        return (
            "other cron tools read `L` as the last day, which cannot be written here: choose the first of "
            "the month, or fire on `28-31` and let the action check"
        )
    if re.fullmatch(r"[0-9]+W", part):
        return "other cron tools read `W` as the nearest weekday, which cannot be written here"
    return None


def _hashed(part: str) -> str | None:
    if re.fullmatch(r"h(\(.*\))?", part):
        return "for a value chosen from the task's name write a capital `H`"
    if part == "H" or part.startswith("H("):
        return (
            "in a file of tasks `H` is a value chosen from the task's name, and the table holds that value: "
            "`reconcile preview --name NAME` shows it"
        )
    return None


def _digits(error: ScheduleError) -> str | None:
    plain = unicodedata.normalize("NFKC", error.text)
    if plain != error.text:
        return _suggested(plain, "only ASCII is read: write")
    if error.field == HOUR and error.part == "24":
        return "midnight is hour 0"
    if error.field == MINUTE and error.part == "60":
        return "the full hour is minute 0"
    if error.field == WEEKDAY and error.part == "7":
        better = _rewritten(error)
        return "other cron tools take 7 for Sunday: write " + (f"`{better}`" if better else "0 or sun")
    return None


def _named(error: ScheduleError) -> str | None:
    names = LIMITS[error.field].names
    part = error.part.lower()
    if names and part[:3] in names and part.isalpha():
        replaced = error.text[: error.column] + part[:3] + error.text[error.end :]
        return _suggested(replaced, "names have three letters: write") or f"write `{part[:3]}`"
    other = next((limits for limits in LIMITS if part in limits.names), None)
    if other is not None:
        order = "minute, hour, day of month, month, day of week"
        return f"`{error.part}` is a {other.name}; the order is {order}"
    if not part:
        return "write `*/5` for every fifth value, `5-10` for a range"
    return None


def _range(error: ScheduleError) -> str | None:
    better = _rewritten(error)
    if better:
        return f"other cron tools let a range run past the end: write `{better}`"
    first, hyphen, last = error.part.partition("-")
    if hyphen and "-" not in last:
        limits = LIMITS[error.field]
        return f"write two ranges: `{first}-{limits.high},{limits.low}-{last}`, or change their order"
    return None


def _step(error: ScheduleError) -> str | None:
    return "`*/5` is every fifth value; for every value write `*`"


def _as_elsewhere(error: ScheduleError) -> str | None:
    better = _rewritten(error)
    if better:
        return f"other cron tools read it as `{better}`: write that"
    from reconciler.schedule import elsewhere

    if elsewhere.accepts(_without_zone(error)):
        return "other cron tools accept it, the engine does not"
    if whole_number(error.part) is not None:
        return None
    return f"allowed are a value, a range `2-5`, a step `*/5`, a list `1,15` and `*` ({EXAMPLE})"


def _rewritten(error: ScheduleError) -> str | None:
    from reconciler.schedule import elsewhere

    text = _without_zone(error)
    better = elsewhere.rewritten(text)
    return None if better is None else error.text[: len(error.text) - len(text)] + better


def _without_zone(error: ScheduleError) -> str:
    return error.text.partition(" ")[2] if "TZ=" in error.text else error.text


def _zone(error: ScheduleError) -> str | None:
    name = error.part.strip()
    if "TZ=" in name:
        return "write the zone, a space and then the schedule: `CRON_TZ=Europe/Berlin 0 8 * * *`"
    if re.search(r"\s", name):
        return "put a plain space after the name of the time zone"
    shifted = re.fullmatch(r"(?:GMT|UTC)([+-])0?([0-9]{1,2})(?::?00)?", name, re.IGNORECASE)
    if shifted:
        turned = f"Etc/GMT{'-' if shifted[1] == '+' else '+'}{int(shifted[2])}"
        if zone_named(turned):
            return f"write `{turned}` (its sign is turned round), or better the name of a place"
    return _like_a_zone(name)


def _like_a_zone(name: str) -> str | None:
    from zoneinfo import available_timezones  # reads the whole database of zones

    zones = sorted(available_timezones())
    folded = {zone.lower(): zone for zone in zones}
    region = [zone for zone in (*_KNOWN, *zones) if zone.startswith(name + "/")]
    if region:
        return f"`{name}` is a region: name a place in it, such as `{region[0]}`"
    found = get_close_matches(name.lower(), folded, n=1, cutoff=0.7)
    return (
        f"did you mean `{folded[found[0]]}`?"
        if found
        else "names are those of the IANA database, as in `ls /usr/share/zoneinfo`"
    )


def _descriptor(error: ScheduleError) -> str | None:
    part = error.part
    lower = part.lower().strip()
    lead = error.text[: error.column]
    if lower in _ELSEWHERE:
        return _ELSEWHERE[lower]
    if lower.startswith("@every"):
        return _duration_hint(part.strip()[len("@every") :], lead) or _DURATIONS
    if lower in DESCRIPTORS:
        return _suggested(lead + lower, "only lower case is read: write")
    found = get_close_matches(lower.split()[0], DESCRIPTORS, n=1)
    return f"did you mean `{lead}{found[0]}`?" if found else EXAMPLE


def _duration(error: ScheduleError) -> str | None:
    start = error.text.index("@every") + len("@every")
    better = _duration_hint(error.text[start:], error.text[: start - len("@every")])
    return better or _DURATIONS


_DURATIONS = "a duration is numbers with units, without spaces: `90s`, `15m`, `1h30m`, `24h`"
_TERM = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*([a-z]+)", re.IGNORECASE)


def _duration_hint(text: str, lead: str = "") -> str | None:
    """What was meant by a duration with other units, capitals or spaces."""
    compact = "".join(text.split())
    terms = _TERM.findall(compact)
    if "".join(number + unit for number, unit in terms) != compact:
        bare = re.fullmatch(r"[0-9]{1,9}", compact)
        return (
            f"write a unit after it: `{lead}@every {compact}s` or `{lead}@every {compact}m`" if bare else None
        )
    written = "".join(_term(number, unit.lower()) for number, unit in terms)
    longer = any(unit.lower() in _UNITS for _, unit in terms)
    reason = "there are no days and weeks, whose length varies: write" if longer else "write"
    return _suggested(f"{lead}@every {written}", reason)


def _term(number: str, unit: str) -> str:
    if unit in _UNITS:
        return f"{float(number) * _UNITS[unit]:g}h" if "." in number else f"{int(number) * _UNITS[unit]}h"
    return number + _UNIT_NAMES.get(unit, unit)


_HINTS: Mapping[Kind, Callable[[ScheduleError], str | None]] = MappingProxyType(
    {
        "empty": _empty,
        "fields": _fields,
        "value": _value,
        "range": _range,
        "step": _step,
        "zone": _zone,
        "descriptor": _descriptor,
        "duration": _duration,
    }
)
