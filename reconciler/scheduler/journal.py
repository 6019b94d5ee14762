"""Endings that are still to be written: nothing that happened is forgotten while the database is away."""

from collections.abc import Sequence
from queue import SimpleQueue

from reconciler.database.runs import Ending

LONGEST = 4000
"""Characters of an error that are kept: the history is no log, and a statement has a largest size."""


class Journal:
    """Filled by any thread, emptied by the housekeeper."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Ending] = SimpleQueue()

    def __len__(self) -> int:
        return self._queue.qsize()

    def add(self, ending: Ending) -> None:
        error = ending.error and ending.error[:LONGEST]
        self._queue.put(ending._replace(error=error))

    def take(self) -> list[Ending]:
        """Everything that is in it by now."""
        return [self._queue.get() for _ in range(self._queue.qsize())]

    def put_back(self, endings: Sequence[Ending]) -> None:
        """What could not be written."""
        for ending in endings:
            self._queue.put(ending)
