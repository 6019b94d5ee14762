"""Our loop, timetable and workers, without a database: `register N`, `lag K S`, `idle N S`."""

import gc
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from benchmarks.contenders import common
from reconciler.scheduler.clock import SystemClock
from reconciler.scheduler.counters import Counters
from reconciler.scheduler.fires import Claim, Fire, Registered, claims_of
from reconciler.scheduler.loop import Claims, Loop, run
from reconciler.scheduler.registration import register
from reconciler.scheduler.timetable import Timetable
from reconciler.scheduler.workers import Workers
from reconciler.task import Row

ZONE = ZoneInfo("UTC")


class _All:
    """Every fire is ours."""

    def claim(self, fires: Sequence[Fire], now: float) -> Sequence[Claim]:
        return list(claims_of(fires, bytes))


def rows(texts: Sequence[str]) -> list[Row]:
    return [
        Row(
            id=n,
            reference_id=n.to_bytes(16, "big"),
            version=1,
            name=f"t{n}",
            schedule=text,
            entity_name="e",
            action_name="a",
            as_user_id=2,
            as_user_email="a@example.com",
            active=True,
            job_type="",
            attributes="{}",
        )
        for n, text in enumerate(texts)
    ]


def _load(read: Sequence[Row]) -> tuple[Timetable, Sequence[Registered]]:
    tasks = register(read, {}).tasks
    assert len(tasks) == len(read), "nothing is fast that is not done"
    timetable = Timetable(ZONE)
    timetable.load(tasks, {}, int(time.time()))
    return timetable, tasks


def _serve(
    timetable: Timetable, execute: Callable[[Claim], None], claims: Claims
) -> tuple[threading.Thread, Callable[[], None]]:
    clock, stopped = SystemClock(), threading.Event()
    workers = Workers(10, execute)
    loop = Loop(
        timetable=timetable,
        claims=claims,
        put=workers.put,
        counters=Counters(),
        on_gap=lambda gap: None,
        max_lateness=10.0,
        start=clock.now(),
    )
    thread = threading.Thread(target=run, args=(loop, clock, stopped.is_set), daemon=True)
    thread.start()

    def stop() -> None:
        stopped.set()
        clock.wake()

    return thread, stop


def register_tasks(number: int) -> None:
    """The rows are read before the clock starts, but count as memory of the tasks."""
    texts = common.schedules(number)
    before = common.resident()
    read = rows(texts)
    start = common.processor()
    kept = _load(read)
    seconds = common.processor() - start
    common.answer(seconds=seconds, bytes_a_task=(common.resident() - before) * 1024 / number)
    assert kept[0].size == number


def lag(number: int, seconds: int, claims: Claims = _All()) -> None:  # noqa: B008 - it has no state
    def go(started: Callable[[float], None], start: float) -> None:
        tasks = register(rows(["@every 1s"] * number), {}).tasks
        timetable = Timetable(ZONE)
        timetable.load(tasks, {}, int(start) - 1)
        gc.freeze()  # as the service does
        time.sleep(max(start - 0.5 - time.time(), 0))
        _, stop = _serve(timetable, lambda claim: started(claim.moment.timestamp()), claims)
        time.sleep(start + seconds - 0.3 - time.time())
        stop()
        time.sleep(0.5)

    common.lags(number, seconds, go)


def idle(number: int, seconds: int) -> None:
    def begin() -> object:
        timetable, _ = _load(rows([*["0 0 1 1 *"] * number, "@every 1s"]))
        return _serve(timetable, lambda claim: None, _All())

    common.idling(seconds, begin)


if __name__ == "__main__":
    {"register": register_tasks, "lag": lag, "idle": idle}[sys.argv[1]](*map(int, sys.argv[2:]))  # type: ignore[operator]
    os._exit(0)
