"""What is refused, and where in the text."""

from collections.abc import Callable
from typing import Literal

_SHOWN = 60


def shown(text: str) -> str:
    """A text as it may stand in a message: what cannot be printed escaped, what is long cut off."""
    cut = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in cut)


Kind = Literal["empty", "fields", "value", "range", "step", "zone", "descriptor", "duration"]


class ScheduleError(ValueError):
    """A text that is no schedule of this dialect.

    `column` and `end` bound the offending part, in code points from 0, the end exclusive; they are equal
    where something is missing. `hint` says how to write it, and how other cron tools read it.
    """

    def __init__(self, message: str, *, text: str, column: int, end: int, kind: Kind, field: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.text = text  # the whole schedule, or the field while only that has been read
        self.column = column
        self.end = end
        self.kind = kind
        self.field = field  # index of the field, for the kinds "value", "range" and "step"
        self._explain: Callable[[ScheduleError], str | None] | None = None
        self._hint: str | None = None

    @property
    def part(self) -> str:
        """The offending part."""
        return self.text[self.column : self.end]

    @property
    def hint(self) -> str | None:
        """Worded on demand: it may import other readers of cron expressions and the list of time zones."""
        if self._explain is not None:
            self._hint, self._explain = self._explain(self), None
        return self._hint

    def explained_by(self, explain: Callable[["ScheduleError"], str | None]) -> "ScheduleError":
        """The same error, with what words its hint."""
        self._explain = explain
        return self

    def within(self, text: str, offset: int) -> "ScheduleError":
        """The same error as a part of a longer text that holds this one at an offset."""
        return ScheduleError(
            self.message,
            text=text,
            column=self.column + offset,
            end=self.end + offset,
            kind=self.kind,
            field=self.field,
        )
