"""The runs that go on: their turns, their deadlines, and how they are taken out."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from reconciler.scheduler.running import Going, Running
from tests.scheduler.claiming import claim
from tests.scheduler.conftest import eventually


@contextmanager
def holding(running: Running, order: list[str], name: str) -> Iterator[tuple[threading.Event, int]]:
    """A thread that has, or waits for, its turn until it is let go."""
    let_go = threading.Event()

    def hold() -> None:
        with running.turn():
            order.append(name)
            let_go.wait(20)

    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    yield let_go, thread.ident or 0
    let_go.set()
    thread.join(20)


def test_turns_come_in_the_order_of_asking_and_patience_goes_first() -> None:
    running, order = Running(one_by_one=True), list[str]()
    with holding(running, order, "a") as (a, _):
        eventually(lambda: order == ["a"])
        with holding(running, order, "b") as (b, _):
            with running.turn(0.01) as is_ours:
                assert not is_ours
            a.set()
            eventually(lambda: order == ["a", "b"])
            b.set()
            with running.turn(20) as is_ours:
                assert is_ours
    with running.turn(0.01) as is_ours:
        assert is_ours


def test_without_turns_nobody_waits() -> None:
    running, order = Running(), list[str]()
    with holding(running, order, "a"), running.turn(0.0) as is_ours:
        assert is_ours


def test_overdue_is_what_began_long_enough_ago() -> None:
    running = Running()
    without, waiting, young, old = (
        Going(claim=claim(timeout=timeout), started=started)
        for timeout, started in ((None, 0.0), (5.0, None), (5.0, 96.0), (5.0, 95.0))
    )
    with running.entered(without), running.entered(waiting), running.entered(young), running.entered(old):
        assert running.overdue(100.0) == [old]
        assert len(running) == 4
        assert running.cancel(old)
        assert running.overdue(100.0) == []
    assert len(running) == 0


def test_a_cancelled_run_loses_its_turn_whatever_comes_of_its_connection() -> None:
    running, order = Running(one_by_one=True), list[str]()
    with holding(running, order, "stuck") as (let_go, holder):
        eventually(lambda: order == ["stuck"])
        going = Going(claim=claim(), target=broken_target(), thread_id=holder)
        with running.entered(going):
            assert running.cancel(going)
            assert (going.is_out, going.cancelled.is_set()) == (True, True)
            assert not running.cancel(going)
            with running.turn(20) as is_ours:
                assert is_ours
                let_go.set()  # who lost its turn ends, and takes it from nobody


def broken_target() -> Any:
    def interrupt(target: object) -> None:
        raise MemoryError

    return SimpleNamespace(dialect=SimpleNamespace(interrupt=interrupt))


def test_a_run_that_ended_by_itself_cannot_be_cancelled() -> None:
    running, going = Running(), Going(claim=claim())
    with running.entered(going):
        pass
    assert not running.cancel(going)
    assert (going.is_out, going.cancelled.is_set()) == (False, False)
