"""How a message quotes what a file holds."""

from datetime import timedelta

_LONGEST = 60

MOST_COMPARED = 200_000
"""Words that all the suggestions of one run may be compared with, about a second: then they stop coming."""


def quoted(text: str) -> str:
    """A text in quotes, with whatever cannot be seen spelt as an escape, and cut where it is long."""
    seen = "".join(one if one.isprintable() else _escape(one) for one in text[: _LONGEST + 1])
    return f'"{seen[:_LONGEST]}…"' if len(seen) > _LONGEST else f'"{seen}"'


def listed(words: list[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def spelt(duration: timedelta) -> str:
    """`1h30m`, as it is written in a schedule."""
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    days, minutes = divmod(minutes, 24 * 60)
    parts = ((days, "d"), (minutes // 60, "h"), (minutes % 60, "m"), (seconds, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"


def suggestion(word: str | None) -> str | None:
    """The hint that names what was meant, if there is such a word."""
    return None if word is None else f"did you mean {quoted(word)}?"


def _escape(one: str) -> str:
    short = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(one)
    if short:
        return short
    return f"\\u{ord(one):04x}" if ord(one) <= 0xFFFF else f"\\U{ord(one):08x}"
