"""The numbers in the form that Prometheus reads."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from reconciler import __version__
from reconciler.scheduler.counters import Distribution
from reconciler.web.view import View

STATES = ("ok", "failed", "cancelled", "lost", "skipped", "missed")


def metrics(view: View) -> bytes:
    """One page, from one snapshot."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Reader(view))
    return generate_latest(registry)


class _Reader(Collector):
    def __init__(self, view: View) -> None:
        self._view = view

    def collect(self) -> Iterator[Metric]:
        seen = self._view.snapshot()
        yield InfoMetricFamily("task_scheduler_build", "The program.", value={"version": __version__})
        yield _counter("fires", "Due moments of tasks.", seen.fires)
        yield _counter("claims_won", "Fires that this process claimed.", seen.claimed)
        yield _counter("claims_lost", "Fires that another process had claimed.", seen.lost_to_others)
        runs = CounterMetricFamily("task_scheduler_runs", "Runs by how they ended.", labels=["state"])
        for state in STATES:
            runs.add_metric([state], seen.runs.get(state, 0))
        yield runs
        yield _histogram("lag_seconds", "From the due moment to the start in a worker.", seen.lag)
        yield _histogram("run_duration_seconds", "How long runs took.", seen.duration)
        yield _gauge("loaded_tasks", "Tasks that are registered.", seen.loaded)
        yield _gauge("last_pass_timestamp_seconds", "When the loop last passed.", seen.last_pass)
        yield _gauge("running_runs", "Runs that go on.", self._view.going)
        yield _gauge("waiting_runs", "Claims that wait for a worker.", self._view.waiting)
        yield _gauge("claims_failing", "Whether what is due cannot be claimed.", int(seen.claims_fail))
        yield _gauge("database_up", "Whether the database answered.", int(self._view.is_reachable))


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(f"task_scheduler_{name}", text, value=value)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"task_scheduler_{name}", text, value=value)


def _histogram(name: str, text: str, values: Distribution) -> Metric:
    buckets, total = [], 0
    for bound, count in zip((*values.bounds, float("inf")), values.counts, strict=True):
        total += count
        buckets.append(("+Inf" if bound == float("inf") else str(bound), total))
    return HistogramMetricFamily(f"task_scheduler_{name}", text, buckets=buckets, sum_value=values.total)
