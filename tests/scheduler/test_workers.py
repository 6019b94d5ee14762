"""Worker threads: whatever a claim does, every other one is run, and each is counted once."""

import threading
from collections.abc import Callable, Iterator

import pytest

from reconciler.scheduler.fires import Claim
from reconciler.scheduler.workers import Workers
from tests.scheduler.claiming import claim
from tests.scheduler.conftest import eventually


class Bench:
    """Claims by name: `waits` until it is let go, `raises`, or just runs."""

    def __init__(self, size: int) -> None:
        self.done: list[str] = []
        self.threads: dict[str, threading.Thread] = {}
        self.let_go = threading.Event()
        self.error: BaseException | None = None
        self.workers = Workers(size, self._execute)

    def _execute(self, one: Claim) -> None:
        name = one.task.row.name
        self.threads[name] = threading.current_thread()
        if name.startswith("waits"):
            self.let_go.wait(20)
        self.done.append(name)
        if name.startswith("raises") and self.error is not None:
            raise self.error

    def run(self, *names: str) -> None:
        self.workers.put([claim(name) for name in names])


@pytest.fixture
def bench() -> Iterator[Callable[[int], Bench]]:
    made: list[Bench] = []

    def make(size: int) -> Bench:
        made.append(Bench(size))
        return made[-1]

    yield make
    for one in made:
        one.let_go.set()
        one.workers.close()


def test_claims_are_run_in_order_and_counted(bench: Callable[[int], Bench]) -> None:
    one = bench(1)
    one.run("waits", "b", "c")
    eventually(lambda: "waits" in one.threads)
    assert (one.workers.unfinished, one.workers.waiting) == (3, 2)
    one.let_go.set()
    eventually(lambda: one.workers.unfinished == 0)
    assert one.done == ["waits", "b", "c"]
    assert one.threads["b"].daemon


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(1), KeyboardInterrupt(), GeneratorExit()])
def test_what_a_claim_raises_ends_no_worker(error: BaseException, bench: Callable[[int], Bench]) -> None:
    one = bench(1)
    one.error = error
    one.run("raises", "b")
    eventually(lambda: one.workers.unfinished == 0)
    assert one.done == ["raises", "b"]
    assert one.threads["b"] is one.threads["raises"]


def test_an_abandoned_thread_is_replaced_and_ends_when_it_comes_back(bench: Callable[[int], Bench]) -> None:
    one = bench(1)
    stuck = claim("waits")
    one.workers.put([stuck])
    eventually(lambda: "waits" in one.threads)
    thread = one.threads["waits"]
    one.workers.abandon(thread.ident or 0, stuck)
    assert one.workers.unfinished == 0
    one.run("b")
    eventually(lambda: one.done == ["b"])
    one.let_go.set()
    thread.join(20)
    assert not thread.is_alive()
    one.run("c")
    eventually(lambda: one.workers.unfinished == 0)
    assert one.threads["c"] is one.threads["b"]


def test_a_thread_that_came_back_by_itself_is_not_abandoned(bench: Callable[[int], Bench]) -> None:
    """What cancels a run and the end of the run do not know of each other."""
    one = bench(1)
    quick = claim("a")
    one.workers.put([quick])
    eventually(lambda: one.workers.unfinished == 0)
    one.workers.abandon(one.threads["a"].ident or 0, quick)
    assert one.workers.unfinished == 0
    one.run("waits", "b")
    eventually(lambda: "waits" in one.threads)
    one.workers.abandon(one.threads["waits"].ident or 0, quick)  # it has gone on to another claim
    assert one.workers.unfinished == 2
    one.let_go.set()
    eventually(lambda: one.workers.unfinished == 0)
    assert set(one.threads.values()) == {one.threads["a"]}


def test_what_was_not_taken_is_taken_back(bench: Callable[[int], Bench]) -> None:
    one = bench(1)
    one.run("waits", "b", "c")
    eventually(lambda: "waits" in one.threads)
    assert [back.task.row.name for back in one.workers.take_back()] == ["b", "c"]
    assert one.workers.unfinished == 1
    one.let_go.set()
    eventually(lambda: one.workers.unfinished == 0)
    assert one.done == ["waits"]


def test_closed_workers_run_what_waits_and_end(bench: Callable[[int], Bench]) -> None:
    one = bench(2)
    one.run("a", "b", "c")
    one.workers.close()
    eventually(lambda: sorted(one.done) == ["a", "b", "c"])
    eventually(lambda: not any(thread.is_alive() for thread in one.threads.values()))
    assert one.workers.unfinished == 0
