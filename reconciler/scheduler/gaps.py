"""Gaps that are still to be looked into. Up to the first of them, and no further, everything is settled."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from reconciler.scheduler.fires import Registered
from reconciler.scheduler.loop import Gap


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scope:
    """What a gap is about: the tasks that can have missed something, and from when their intervals count."""

    gap: Gap
    tasks: Sequence[Registered]
    anchors: Mapping[bytes, int]
    zone: ZoneInfo

    def holds(self, other: "Scope") -> bool:
        """Whether it says all that another one of the same tasks says."""
        return (
            self.tasks is other.tasks
            and self.gap.since <= other.gap.since
            and other.gap.until <= self.gap.until
        )

    @property
    def most_jitter(self) -> int:
        return max((task.policy.jitter for task in self.tasks), default=0)


class Gaps:
    """Opened by the loop, closed by the housekeeper."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: list[Scope] = []

    def open(self, scope: Scope) -> None:
        """A gap that has grown takes the place of what it was."""
        with self._lock:
            self._open = [*(one for one in self._open if not scope.holds(one)), scope]

    def close(self, scope: Scope) -> None:
        """It was looked into, and what was found is written. One that has grown meanwhile stays open."""
        with self._lock:
            self._open = [one for one in self._open if one is not scope]

    def all(self) -> list[Scope]:
        with self._lock:
            return list(self._open)

    def settled(self, until: int) -> int:
        """The second up to which everything is settled, where `until` is that of what lies outside of gaps.

        Who dies before a gap is closed leaves it to the next.
        """
        with self._lock:
            return min([until, *(scope.gap.since for scope in self._open)])
