"""How dark an hour is drawn: by the number of its fires, in few steps that grow."""

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.report.calendar import Drawing

LEVELS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The largest number of each level, from the lightest on."""

    bounds: tuple[int, ...]

    def level(self, count: int) -> int:
        """0 for none at all, else 1 to LEVELS."""
        if not count:
            return 0
        return next(level for level, bound in enumerate(self.bounds, 1) if count <= bound)

    def ranges(self) -> list[tuple[int, str]]:
        """The levels that a number can have, and in words: `1`, `2-5`."""
        lows = [1, *(bound + 1 for bound in self.bounds)]
        pairs = enumerate(zip(lows, self.bounds, strict=False), 1)
        return [(level, _range(low, high)) for level, (low, high) in pairs if low <= high]


def scale_of(drawings: Sequence[Drawing]) -> Scale:
    """One scale for all drawings, so that they can be compared."""
    most = max((count for one in drawings for day in one.hours.counts for count in day), default=0)
    bounds = [max(level, round(most ** (level / LEVELS))) for level in range(1, LEVELS)]
    return Scale(bounds=(*(min(bound, most) for bound in bounds), most))


def _range(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,}-{high:,}"
