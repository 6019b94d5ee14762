"""Our scheduler on a server: `runs URL N`, `lag URL K S`."""

import logging
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from benchmarks.contenders import common, ours
from benchmarks.contenders.claims import FIRST
from reconciler.actions.run import Run
from reconciler.database.link import Link
from reconciler.database.processes import Process, register_process
from reconciler.database.rows import read_existing
from reconciler.database.runs import claim_runs
from reconciler.database.target import connect
from reconciler.database.urls import TargetUrl, target_url
from reconciler.scheduler.claims import ServerClaims, new_run
from reconciler.scheduler.counters import Counters
from reconciler.scheduler.fires import Claim
from reconciler.scheduler.journal import Journal
from reconciler.scheduler.registration import register
from reconciler.scheduler.running import Running
from reconciler.scheduler.runs import Runner
from reconciler.scheduler.workers import Workers
from reconciler.uuid7 import uuid7

WORKERS = 10
WARM_UP = 20 * WORKERS
"""Runs that are not counted: by then each worker has its connection."""


def runs(url: TargetUrl, number: int) -> None:
    """Whole runs by ten workers, of claims that are there: begin, identity, permission, one insert, `ok`."""
    logging.disable(logging.CRITICAL)
    claims = claimed(url, number + WARM_UP)
    row = claims[0].task.row
    runner = Runner(
        url=url,
        start=ServerClaims.start,
        functions={(row.entity_name, row.action_name): _effect},
        now=time.time,
        counters=Counters(),
        journal=Journal(),
        running=Running(),
    )
    workers = Workers(WORKERS, runner.execute)
    _drain(workers, claims[:WARM_UP])
    common.answer(a_second=number / _drain(workers, claims[WARM_UP:]), runs=len(claims))


def claimed(url: TargetUrl, number: int) -> Sequence[Claim]:
    """So many runs of the only task, claimed in the database."""
    with connect(url, read_only=True) as target:
        (task,) = register(read_existing(target).rows, {}).tasks
    claims = [Claim(uuid7(), task, FIRST + timedelta(seconds=second)) for second in range(number)]
    with connect(url, read_only=False) as target:
        claim_runs(target, uuid7(), [new_run(one) for one in claims], now=datetime.now(UTC))
    return claims


def _effect(run: Run, attributes: object) -> None:
    run.connection.exec_driver_sql("INSERT INTO effect (run_id) VALUES (%s)", (run.run_id,))


def _drain(workers: Workers, claims: Sequence[Claim]) -> float:
    began = time.perf_counter()
    workers.put(claims)
    while workers.unfinished:
        time.sleep(0.001)
    return time.perf_counter() - began


def lag(url: TargetUrl, number: int, seconds: int) -> None:
    """As that of `ours`, but each second's fires are claimed in the database before they start."""
    process, link = _process(), Link(url)
    with link.target() as target:
        register_process(target, process, {})
    claims = ServerClaims(
        link, process.process_id, new_id=uuid7, counters=Counters(), journal=Journal(), settled=_as_it_is
    )
    ours.lag(number, seconds, claims)


def _as_it_is(second: int) -> int:
    return second


def _process() -> Process:
    now = datetime.now(UTC)
    return Process(
        process_id=uuid7(),
        kind="scheduler",
        host="here",
        pid=os.getpid(),
        tool="0",
        timezone="UTC",
        started_at=now,
        heartbeat_at=now,
    )


if __name__ == "__main__":
    asked, address, *numbers = sys.argv[1:]
    {"runs": runs, "lag": lag}[asked](target_url(address, {}), *map(int, numbers))  # type: ignore[operator]
    os._exit(0)
