"""What the pages need to know of a scheduler."""

from typing import Protocol

from reconciler.scheduler.counters import Snapshot


class View(Protocol):
    is_ready: bool
    is_stopping: bool

    @property
    def is_reachable(self) -> bool: ...
    @property
    def waiting(self) -> int: ...
    @property
    def going(self) -> int: ...
    def snapshot(self) -> Snapshot: ...
    def now(self) -> float: ...
