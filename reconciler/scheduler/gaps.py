"""Spans of time that somebody has still to look into: until then nothing in them counts as settled."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from reconciler.scheduler.fires import Registered
from reconciler.scheduler.loop import Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a gap is about: the tasks that can have missed something, and from when their intervals count."""

    tasks: Sequence[Registered]
    anchors: Mapping[bytes, int]
    zone: ZoneInfo


class Gaps:
    """Added by the loop, looked into by the housekeeper."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: list[tuple[Gap, Scope]] = []

    def add(self, gap: Gap, scope: Scope) -> None:
        with self._lock:
            self._open.append((gap, scope))

    def all(self) -> list[tuple[Gap, Scope]]:
        with self._lock:
            return list(self._open)

    def close(self, gap: Gap) -> None:
        with self._lock:
            self._open = [one for one in self._open if one[0] is not gap]

    def settled(self, second: int) -> int:
        """Up to when everything has been looked into, where the loop has come so far."""
        with self._lock:
            return min((gap.since for gap, _ in self._open), default=second)
