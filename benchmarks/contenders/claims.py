"""One of two replicas that want the same fires: `batch`, `single` or `bare`, URL FIRES MOMENTS START.

Each moment is claimed by both; `start`, in seconds since 1970, is when they begin.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from benchmarks.contenders import common
from reconciler.database.claiming import NewRun
from reconciler.database.runs import claim_runs
from reconciler.database.target import Target, connect
from reconciler.database.urls import target_url
from reconciler.uuid7 import uuid7

FIRST = datetime(2027, 1, 1, tzinfo=UTC)
COLUMNS = (
    *("run_id", "reference_id", "moment", "name", "entity_name", "action_name"),
    *("cause", "state", "process_id", "claimed_at"),
)
UNLESS_THERE = {
    "postgresql": "ON CONFLICT DO NOTHING",
    "mysql": "ON DUPLICATE KEY UPDATE run_id = reconciler_run.run_id",
}


def batch(target: Target, fires: Sequence[NewRun]) -> int:
    """As the scheduler does."""
    return len(claim_runs(target, uuid7(), fires, now=datetime.now(UTC)))


def single(target: Target, fires: Sequence[NewRun]) -> int:
    """As the scheduler would, one by one."""
    return sum(batch(target, [one]) for one in fires)


def bare(target: Target, fires: Sequence[NewRun]) -> int:
    """By the driver alone, each fire as a statement that commits by itself."""
    marks = ", ".join(["%s"] * len(COLUMNS))
    insert = f"INSERT INTO reconciler_run ({', '.join(COLUMNS)}) VALUES ({marks}) {UNLESS_THERE[target.kind]}"
    cursor, process_id, won = target.driver.cursor(), uuid7(), 0
    for one in fires:
        cursor.execute(insert, (*_written(one), process_id, datetime.now(UTC).replace(tzinfo=None)))
        won += cursor.rowcount == 1
    return won


def _written(one: NewRun) -> Sequence[object]:
    moment = one.moment.replace(tzinfo=None)
    return (
        one.run_id,
        one.reference_id,
        moment,
        one.name,
        one.entity_name,
        one.action_name,
        one.cause,
        one.state,
    )


CLAIM: dict[str, Callable[[Target, Sequence[NewRun]], int]] = {"batch": batch, "single": single, "bare": bare}


def main(kind: str, url: str, number: int, moments: int, start: float) -> None:
    seconds = [_fires(number, FIRST + timedelta(seconds=second)) for second in range(moments)]
    with connect(target_url(url, {}), read_only=False) as target:
        time.sleep(max(start - time.time(), 0))
        began = time.perf_counter()
        won = sum(CLAIM[kind](target, fires) for fires in seconds)
        common.answer(seconds=time.perf_counter() - began, won=won)


def _fires(number: int, moment: datetime) -> list[NewRun]:
    return [NewRun(uuid7(), n.to_bytes(16, "big"), moment, f"t{n}", "e", "a", None) for n in range(number)]


if __name__ == "__main__":
    kind, url, *numbers, start = sys.argv[1:]
    main(kind, url, *map(int, numbers), start=float(start))
    os._exit(0)
