"""`H` in a field: a value that is chosen from a name, so that tasks which could start together do not.

The engine does not know it. What it reads is `compile_hashed` of the text that somebody wrote: a schedule of
the dialect, and always the same one for the same text and name, on every machine and in every release.
"""

import re
from collections.abc import Iterator
from hashlib import blake2b

from reconciler.schedule.errors import Kind, ScheduleError, shown
from reconciler.schedule.fields import DAY, LIMITS, Item, items
from reconciler.schedule.grammar import field_spans

FORMS = "`H`, `H(0-29)`, `H/15` and `H(0-29)/15`"
LAST_DAY = 28
"""The last day of month that is chosen where no range is given: every month has it."""

_H = re.compile(r"H(?:\((?P<range>[^()]*)\))?(?:/(?P<step>.*))?", re.DOTALL)


def is_hashed(text: str) -> bool:
    """Whether a text has five fields and `H` stands in one of them."""
    return any(part.startswith("H") for _, _, field in _fields(text) for part in field.split(","))


def compile_hashed(text: str, name: str) -> str:
    """The schedule with a value for each `H`; a text without any is returned as it is.

    The value is a BLAKE2b digest of eight bytes, as a big-endian number, modulo the number of values to
    choose from. What is digested is the name, the name of the field ("minute", "day of month") and the place
    in the field's list, from 0, with a zero byte between them. Raises ScheduleError where what starts with an
    `H` is none of FORMS.
    """
    compiled, end = [], 0
    for index, column, field in _fields(text):
        parts, at = field.split(","), column
        for place, part in enumerate(parts):
            if part.startswith("H"):
                parts[place] = _compiled(text, index, part, at, f"{name}\0{LIMITS[index].name}\0{place}")
            at += len(part) + 1
        compiled += [text[end:column], ",".join(parts)]
        end = column + len(field)
    return "".join(compiled) + text[end:]


def hash_fault(text: str) -> ScheduleError | None:
    """What is wrong with an `H` of a text."""
    try:
        compile_hashed(text, "")
    except ScheduleError as error:
        return error
    return None


def written_span(written: str, compiled: str, span: tuple[int, int]) -> tuple[int, int]:
    """Where a part of the compiled text stands in the written one: of a compiled field, the whole."""
    start, end = span
    for ours, theirs in zip(field_spans(written), field_spans(compiled), strict=True):
        same = written[slice(*ours)] == compiled[slice(*theirs)]
        if theirs[0] <= span[0] < theirs[1]:
            start = ours[0] + (span[0] - theirs[0] if same else 0)
        if theirs[0] < span[1] <= theirs[1]:
            end = ours[1] - (theirs[1] - span[1] if same else 0)
    return start, end


def _fields(text: str) -> Iterator[tuple[int, int, str]]:
    """Index, column and text of each field; none of a text that does not have five."""
    spans = field_spans(text)
    if len(spans) == len(LIMITS):
        for index, (start, end) in enumerate(spans):
            yield index, start, text[start:end]


def _compiled(text: str, index: int, part: str, column: int, seed: str) -> str:
    form = _H.fullmatch(part)
    if form is None:
        message = f"{LIMITS[index].name}: `{shown(part)}` is no form of `H`: allowed are {FORMS}"
        raise _error(message, text, column, part, "value", index)
    low, high = _range(text, index, form, column)
    number = int.from_bytes(blake2b(seed.encode(errors="surrogatepass"), digest_size=8).digest(), "big")
    if form["step"] is None:
        return str(low + number % (high - low + 1))
    step = _step(text, index, form, column, high - low + 1)
    first = low + number % step
    if step == 1:
        return f"{low}-{high}"
    return f"{first}-{high}/{step}" if first + step <= high else str(first)


def _range(text: str, index: int, form: re.Match[str], column: int) -> tuple[int, int]:
    """The values to choose from."""
    limits, written = LIMITS[index], form["range"]
    if written is None:
        return limits.low, LAST_DAY if index == DAY else limits.high
    start = column + form.start("range")
    if "-" not in written or written.startswith(("*", "?")) or "/" in written or "," in written:
        message = f"{limits.name}: `{shown(written)}` is no range for `H`: write FIRST-LAST"
        raise _error(message, text, start, written, "range", index)
    item = _item(text, index, written, start)
    return item.first, item.last


def _step(text: str, index: int, form: re.Match[str], column: int, values: int) -> int:
    start = column + form.start("step")
    step = _item(text, index, f"*/{form['step']}", start - len("*/")).step
    if step > values:
        what = f"`{shown(form[0])}` steps over its whole range, which has {values} values"
        message = f"{LIMITS[index].name}: {what}"
        raise _error(message, text, start, form["step"], "step", index)
    return step


def _item(text: str, index: int, written: str, column: int) -> Item:
    """What the dialect makes of a range or a step, as the one item of a field."""
    try:
        return next(items(index, written))
    except ScheduleError as error:
        raise error.within(text, column).explained_by(_forms) from None


def _error(message: str, text: str, column: int, part: str, kind: Kind, index: int) -> ScheduleError:
    end = column + len(part)
    error = ScheduleError(message, text=text, column=column, end=end, kind=kind, field=index)
    return error.explained_by(_forms)


def _forms(error: ScheduleError) -> str:
    return f"`H` is a value chosen from the task's name; its forms are {FORMS}"
