"""Claims that wait until the earlier runs of their task have ended."""

import threading
from collections.abc import Iterable, Mapping, Sequence

from reconciler.scheduler.fires import Claim


class Waiting:
    """Of each task they are released one by one, in the order in which they came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._claims: dict[bytes, list[Claim]] = {}

    def add(self, claims: Iterable[Claim]) -> None:
        with self._lock:
            for claim in claims:
                self._claims.setdefault(claim.task.row.reference_id, []).append(claim)

    def references(self) -> list[bytes]:
        """The tasks that have some."""
        with self._lock:
            return sorted(self._claims)

    def release(self, open_: Mapping[bytes, Sequence[tuple[bytes, str]]]) -> list[Claim]:
        """Those whose turn has come; `open_` are run ids and states of each task's open runs, also elsewhere.

        Where several processes have some, the earliest run id goes first: they cannot wait for each other.
        """
        with self._lock:
            free = [key for key, claims in self._claims.items() if _is_free(claims, open_.get(key, ()))]
            released = [self._claims[key].pop(0) for key in free]
            self._claims = {key: claims for key, claims in self._claims.items() if claims}
        return released

    def take(self) -> list[Claim]:
        """All of them; none waits any more."""
        with self._lock:
            taken = [claim for claims in self._claims.values() for claim in claims]
            self._claims = {}
        return taken


def _is_free(claims: Sequence[Claim], open_: Sequence[tuple[bytes, str]]) -> bool:
    own = {claim.run_id for claim in claims}
    first = min(own)
    return not any(state == "running" or run_id < first for run_id, state in open_ if run_id not in own)
