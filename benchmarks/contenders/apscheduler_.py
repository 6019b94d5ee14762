"""APScheduler 3 with its memory store: the same questions; `lag_stored URL K S` with its SQL store."""

import os
import sys
import time
from collections.abc import Callable, Sequence

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from benchmarks.contenders import common


def _made() -> BackgroundScheduler:
    defaults = {"misfire_grace_time": None, "coalesce": False, "max_instances": 1000}
    return BackgroundScheduler(
        timezone="UTC", executors={"default": ThreadPoolExecutor(10)}, job_defaults=defaults
    )


def nothing() -> None:
    pass


def register_tasks(number: int) -> None:
    def go(texts: Sequence[str]) -> object:
        scheduler = _made()
        scheduler.start(paused=True)
        for text in texts:
            scheduler.add_job(nothing, CronTrigger.from_crontab(text, timezone="UTC"))
        return scheduler

    common.registration(number, go)


def lag(number: int, seconds: int) -> None:
    def go(started: Callable[[float], None], start: float) -> None:
        from datetime import UTC, datetime

        scheduler = _made()
        first = datetime.fromtimestamp(start, UTC)
        trigger = IntervalTrigger(seconds=1, start_date=first, timezone="UTC")
        scheduler.start(paused=True)
        for _ in range(number):
            scheduler.add_job(lambda: started(float(round(time.time() - 0.5))), trigger)
        scheduler.resume()
        time.sleep(max(start + seconds - 0.3 - time.time(), 0))
        scheduler.pause()
        time.sleep(1)

    common.lags(number, seconds, go)


LEAD = 20
"""Seconds to store 1,000 jobs in, before the first is due."""

_told: list[Callable[[int], None]] = []


def tick(job: int) -> None:
    """What a stored job calls: it is found by its name."""
    _told[0](job)


def lag_stored(url: str, number: int, seconds: int) -> None:
    """No fire is dropped, and those of a job come in their order: its nth is due in the nth second."""

    def go(started: Callable[[float], None], start: float) -> None:
        from datetime import UTC, datetime

        fires = [0] * number

        def told(job: int) -> None:
            started(start + fires[job])
            fires[job] += 1

        _told.append(told)
        scheduler = _made()
        scheduler.add_jobstore("sqlalchemy", url=url)
        trigger = IntervalTrigger(seconds=1, start_date=datetime.fromtimestamp(start, UTC), timezone="UTC")
        scheduler.start(paused=True)
        for job in range(number):
            scheduler.add_job("benchmarks.contenders.apscheduler_:tick", trigger, args=[job])
        assert time.time() < start, "the jobs took too long to store"
        scheduler.resume()
        time.sleep(start + seconds - 0.3 - time.time())
        scheduler.pause()
        time.sleep(1)

    common.lags(number, seconds, go, LEAD)


ASKED: dict[str, Callable[..., None]] = {"register": register_tasks, "lag": lag, "lag_stored": lag_stored}


if __name__ == "__main__":
    sys.modules["benchmarks.contenders.apscheduler_"] = sys.modules["__main__"]
    asked, *words = sys.argv[1:]
    ASKED[asked](*(int(word) if word.isdecimal() else word for word in words))
    os._exit(0)
