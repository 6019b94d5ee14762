"""The scheduler on servers: claims of two replicas, whole runs beside pgbench, the lag with claims.

The servers wait for their disk, as those of a user do: what a commit costs is what a batch saves.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from benchmarks import embedded
from benchmarks.contenders.stored import WORKERS
from benchmarks.corpus import write_corpus
from benchmarks.pgbench import transactions_a_second
from benchmarks.rows import Row
from benchmarks.runs import PYTHON, RECONCILE, run
from tests.databases import Database, Databases
from tests.servers import Unavailable

ROUNDS = 3
FIRES = 1000
BATCHES, SINGLES = 20, 2
"""Moments of 1,000 fires that a round claims."""

RUNS = 5000
SECONDS = 10

EFFECT = "CREATE TABLE effect (run_id text NOT NULL)"

Figures = Mapping[str, float]


def measure(tasks: int) -> list[Row]:
    """`tasks` changes nothing: the numbers are those of the promise."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        databases = Databases(shared=Path(name), own=Path(name), stack=stack, durable=True)
        for kind, measures in SERVERS.items():
            try:
                databases.server(kind)
            except Unavailable as reason:
                print(f"{kind} is left out: {reason}", file=sys.stderr)
                continue
            for one in measures:
                rows += one(lambda kind=kind: new(kind, databases), Path(name))
    return rows


def new(kind: str, databases: Databases) -> Database:
    database = databases.empty(kind)
    embedded.make(database.url)
    return database


def claims(new: Callable[[], Database], folder: Path) -> list[Row]:
    """Fires a second that two replicas claim together, and whether any was claimed twice or not at all."""
    databases: list[Database] = []
    batch, single, bare = [], [], []
    for _ in range(ROUNDS):
        databases.append(new())
        batch.append(_raced("batch", databases[-1], BATCHES))
        single.append(_raced("single", new(), SINGLES))
        bare.append(_raced("bare", new(), SINGLES))
    kind = databases[0].kind
    written = sum(database.query("SELECT count(*) FROM reconciler_run")[0][0] for database in databases)
    won, due = sum(one["won"] for one in batch), ROUNDS * BATCHES * FIRES
    what = f"claims of two replicas, {FIRES:,} due at once, {kind}"
    ours, one_by_one, by_driver = (_microseconds(told) for told in (batch, single, bare))
    return [
        Row(
            name=f"{what}: a batch / one by one",
            ours=ours,
            peer=one_by_one,
            unit="us",
            bound=15,
            is_speedup=True,
        ),
        Row(
            name=f"{what}: a batch / the driver's own inserts",
            ours=ours,
            peer=by_driver,
            unit="us",
            is_speedup=True,
        ),
        Row(name=f"{what}: won / claimed (duplicates)", ours=won, peer=written, unit="", bound=1),
        Row(name=f"{what}: due / claimed (missed)", ours=due, peer=written, unit="", bound=1),
    ]


def _microseconds(told: Sequence[Figures]) -> float:
    """Of a fire."""
    return 1e6 / median(one["a_second"] for one in told)


def _raced(kind: str, database: Database, moments: int) -> Figures:
    start = time.time() + 2
    words = (kind, database.url, str(FIRES), str(moments), str(start))
    command = (PYTHON, "-m", "benchmarks.contenders.claims", *words)
    replicas = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [_answer(command, replica) for replica in replicas]
    won = sum(one["won"] for one in told)
    return {"won": won, "a_second": won / max(one["seconds"] for one in told)}


def _answer(command: Sequence[str], process: "subprocess.Popen[str]") -> Figures:
    stdout, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    found: Figures = json.loads(stdout)
    return found


def _asked(module: str, *words: str) -> Figures:
    command = (PYTHON, "-m", f"benchmarks.contenders.{module}", *words)
    return _answer(command, subprocess.Popen(command, stdout=subprocess.PIPE, text=True))


def whole_runs(new: Callable[[], Database], folder: Path) -> list[Row]:
    """Runs a second, beside pgbench with the same statements on as many connections.

    And beside the same by the driver alone, which tells how much of the difference is Python's.
    """
    write_corpus(folder / "tasks.yaml", 1)
    own, peer, bare = [], [], []
    for _ in range(ROUNDS):
        one, other, third = (_with_a_task(new(), folder) for _ in range(3))
        own.append(_asked("stored", "runs", one.url, str(RUNS))["a_second"])
        peer.append(transactions_a_second(other, folder, RUNS, WORKERS))
        bare.append(_asked("driver", "runs", third.url, str(RUNS))["a_second"])
    what = f"whole runs, {WORKERS} workers, postgresql"
    ours, theirs, driver = (1e6 / median(figures) for figures in (own, peer, bare))
    return [
        Row(
            name=f"{what} / pgbench with the same statements",
            ours=ours,
            peer=theirs,
            unit="us",
            bound=0.4,
            is_speedup=True,
        ),
        Row(name=f"{what} / the driver alone", ours=ours, peer=driver, unit="us", is_speedup=True),
        Row(
            name=f"the same by the driver alone in {WORKERS} threads / pgbench",
            ours=driver,
            peer=theirs,
            unit="us",
            is_speedup=True,
        ),
    ]


def _with_a_task(database: Database, folder: Path) -> Database:
    run([RECONCILE, "--yes", "--database-url", database.url, "tasks.yaml"], folder)
    database.query(EFFECT)
    database.query("UPDATE task SET active = true")
    return database


def lag(new: Callable[[], Database], folder: Path) -> list[Row]:
    """From the due second to the start in a worker, with claims, beside APScheduler's store of jobs."""
    words = (str(FIRES), str(SECONDS))
    own, peer = [], []
    for _ in range(ROUNDS):
        own.append(_asked("stored", "lag", new().url, *words))
        url = new().url.replace("postgresql://", "postgresql+psycopg://")
        peer.append(_asked("apscheduler_", "lag_stored", url, *words))
    ours, theirs = (median(one["p99"] for one in figures) for figures in (own, peer))
    started = min(one["started"] for one in own)
    what = f"lag p99 with claims, {FIRES:,} a second, postgresql"
    return [
        Row(name=f"{what} / APScheduler's SQL store", ours=ours, peer=theirs, unit="s", bound=0.05),
        Row(
            name=f"{what}: due / started, in the worst round",
            ours=FIRES * SECONDS,
            peer=started,
            unit="",
            bound=1,
        ),
    ]


SERVERS: Mapping[str, Sequence[Callable[[Callable[[], Database], Path], list[Row]]]] = {
    "postgresql": (claims, whole_runs, lag),
    "mysql": (claims,),
}
