"""APScheduler 3 with its memory store: the same questions."""

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


if __name__ == "__main__":
    {"register": register_tasks, "lag": lag}[sys.argv[1]](*map(int, sys.argv[2:]))  # type: ignore[operator]
    os._exit(0)
