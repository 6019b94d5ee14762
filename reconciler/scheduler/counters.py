"""What the scheduler has done so far, in numbers."""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

LAG_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
DURATION_BUCKETS = (0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """How many values lie up to each bound, those beyond the last one at the end; and their sum."""

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All numbers at one moment. Times are seconds since 1970."""

    fires: int
    claimed: int
    lost_to_others: int
    runs: Mapping[str, int]  # by the state in which they ended
    lag: Distribution  # from the due second to the start in a worker
    duration: Distribution
    loaded: int
    last_pass: float
    claims_fail: bool  # at the loop's last pass


class _Tally:
    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def distribution(self) -> Distribution:
        return Distribution(bounds=self.bounds, counts=tuple(self.counts), total=self.total)


class Counters:
    """Counted by the loop, the workers and the housekeeper; read by whoever asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fires = self._claimed = self._lost_to_others = self._loaded = 0
        self._runs: Counter[str] = Counter()
        self._lag = _Tally(LAG_BUCKETS)
        self._duration = _Tally(DURATION_BUCKETS)
        self._last_pass = 0.0
        self.claims_fail = False  # whether the loop's last pass could not claim what was due

    def passed(self, now: float) -> None:
        self._last_pass = now

    def fired(self, fires: int) -> None:
        self._fires += fires

    def claimed(self, ours: int, others: int) -> None:
        self._claimed += ours
        self._lost_to_others += others

    def loaded(self, tasks: int) -> None:
        self._loaded = tasks

    def started(self, lag: float) -> None:
        with self._lock:
            self._lag.add(max(lag, 0.0))

    def ended(self, state: str, duration: float | None = None) -> None:
        with self._lock:
            self._runs[state] += 1
            if duration is not None:
                self._duration.add(duration)

    def snapshot(self) -> Snapshot:
        with self._lock:
            return Snapshot(
                fires=self._fires,
                claimed=self._claimed,
                lost_to_others=self._lost_to_others,
                runs=dict(self._runs),
                lag=self._lag.distribution(),
                duration=self._duration.distribution(),
                loaded=self._loaded,
                last_pass=self._last_pass,
                claims_fail=self.claims_fail,
            )
