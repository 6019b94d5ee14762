"""What each contender is asked, and how it answers: one JSON object on stdout."""

import json
import random
import resource
import sys
import threading
import time
from collections.abc import Callable, Sequence


def schedules(number: int, seed: int = 7) -> list[str]:
    """As tasks have them: about a quarter of them distinct."""
    chance = random.Random(seed)
    made = []
    for _ in range(number):
        minute, hour = chance.randrange(60), chance.randrange(24)
        kind = chance.randrange(4)
        day = ("* * *", "* * 1-5", f"{chance.randrange(1, 28)} * *", "* * 0")[kind]
        made.append(f"{minute} {hour} {day}")
    return made


def resident() -> float:
    """KiB that are resident now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1024


def processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def registration(number: int, register: Callable[[Sequence[str]], object]) -> None:
    texts = schedules(number)
    before = resident()
    start = processor()
    kept = register(texts)
    seconds = processor() - start
    answer(seconds=seconds, bytes_a_task=(resident() - before) * 1024 / number)
    assert kept is not None


def lags(
    number: int, seconds: int, run: Callable[[Callable[[float], None], float], None], lead: int = 2
) -> None:
    """`run` calls back with the due second as each job starts, and returns after so many seconds.

    The first is due in `lead` seconds.
    """
    late: list[float] = []
    start = float(int(time.time()) + lead)

    def started(due: float) -> None:
        late.append(time.time() - due)

    run(started, start)
    late.sort()
    answer(
        started=len(late),
        expected=number * seconds,
        p50=late[len(late) // 2] if late else 0.0,
        p99=late[int(len(late) * 0.99)] if late else 0.0,
    )


def idling(seconds: float, begin: Callable[[], object]) -> None:
    kept = begin()
    time.sleep(1)
    before = processor()
    threading.Event().wait(seconds)
    answer(processor=(processor() - before) / seconds)
    assert kept is not None


def answer(**figures: float) -> None:
    json.dump(figures, sys.stdout)
    print(flush=True)
