"""Steps that are larger than the number of values they step through."""

from dataclasses import dataclass

from reconciler.schedule.fields import LIMITS, items
from reconciler.schedule.grammar import field_spans
from reconciler.schedule.spec import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class WideStep:
    """An item of which only the first value is ever used."""

    text: str
    span: tuple[int, int]  # in the schedule's text
    field: str
    step: int
    values: int  # how many it steps through
    first: int


def wide_steps(schedule: Schedule) -> list[WideStep]:
    """The items whose step is larger than the number of their values: `*/70` in the minutes is only 0."""
    if "/" not in schedule.text:
        return []
    found = []
    for index, (start, end) in enumerate(field_spans(schedule.text)):
        for item in items(index, schedule.text[start:end]):
            values = item.last - item.first + 1
            if item.step > values:
                column = start + item.column
                found.append(
                    WideStep(
                        text=item.text,
                        span=(column, column + len(item.text)),
                        field=LIMITS[index].name,
                        step=item.step,
                        values=values,
                        first=item.first,
                    )
                )
    return found
