"""The numbers of a scheduler: none is lost, however many threads count."""

import threading

from reconciler.scheduler.counters import LAG_BUCKETS, Counters


def test_a_snapshot_has_everything_and_changes_no_more() -> None:
    counters = Counters()
    counters.loaded(9)
    counters.fired(4)
    counters.claimed(3, 1)
    counters.passed(1_000.5)
    for lag in (-0.5, 0.001, 0.0011, 61.0):
        counters.started(lag)
    counters.ended("ok", 0.25)
    counters.ended("skipped")
    counters.claims_fail = True
    before = counters.snapshot()
    counters.ended("ok", 1.0)
    counters.fired(1)
    counters.claims_fail = False
    assert (before.loaded, before.fires, before.claimed, before.lost_to_others) == (9, 4, 3, 1)
    assert (before.last_pass, before.claims_fail) == (1_000.5, True)
    assert before.runs == {"ok": 1, "skipped": 1}
    assert before.lag.bounds == LAG_BUCKETS
    assert before.lag.counts == (2, 1, *[0] * (len(LAG_BUCKETS) - 2), 1)  # an early start is no lag
    assert before.lag.total == 0.001 + 0.0011 + 61.0
    assert (sum(before.duration.counts), before.duration.total) == (1, 0.25)
    assert not counters.snapshot().claims_fail


def test_no_count_is_lost_among_threads() -> None:
    counters = Counters()

    def count() -> None:
        for _ in range(2_000):
            counters.started(0.002)
            counters.ended("ok", 0.02)

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    snapshot = counters.snapshot()
    assert snapshot.runs == {"ok": 16_000}
    assert sum(snapshot.lag.counts) == sum(snapshot.duration.counts) == 16_000
