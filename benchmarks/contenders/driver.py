"""The statements of a run by psycopg alone, in as many threads as the scheduler has workers: `runs URL N`.

What a program in Python pays for them that sends one after the other: the round trips of the driver, and the
turns that its threads take at the interpreter.
"""

import os
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg

from benchmarks.contenders import common, stored
from reconciler.database import identity
from reconciler.database.runs import COMPLETE, START
from reconciler.database.urls import target_url
from reconciler.scheduler.fires import Claim


def runs(url: str, number: int) -> None:
    claims = stored.claimed(target_url(url, {}), number)
    ready = threading.Barrier(stored.WORKERS + 1)
    shares = [claims[start :: stored.WORKERS] for start in range(stored.WORKERS)]
    threads = [threading.Thread(target=_work, args=(url, share, ready)) for share in shares]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    common.answer(a_second=number / (time.perf_counter() - began), runs=number)


def _work(url: str, claims: Sequence[Claim], ready: threading.Barrier) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.cursor(binary=True)
        ready.wait()
        for claim in claims:
            _run(cursor, claim)


def _run(cursor: "psycopg.Cursor[tuple[object, ...]]", claim: Claim) -> None:
    row, now = claim.task.row, datetime.now(UTC).replace(tzinfo=None)
    cursor.execute(START, (now, claim.run_id, now))
    cursor.execute("BEGIN")
    cursor.execute(*identity.question(row.as_user_id, row.entity_name, row.action_name)).fetchall()
    cursor.execute("INSERT INTO effect (run_id) VALUES (%s)", (claim.run_id.hex(),))
    cursor.execute(COMPLETE, (now, claim.run_id))
    assert cursor.rowcount == 1, "nothing is fast that is not done"
    cursor.execute("COMMIT")


if __name__ == "__main__":
    _, address, count = sys.argv[1:]
    runs(address, int(count))
    os._exit(0)
