"""An apply that creates every task, less a dry run of it, against the driver's fastest bulk write.

The bulk write gets the very rows that an apply wrote, of all three tables, into a database made the same way:
the same indexes, one transaction. On the servers the processor time is that of both sides, ours and theirs:
neither can make itself look fast by leaving its work to the other.
"""

import os
import pickle
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from benchmarks import embedded
from benchmarks.bulk import TABLES
from benchmarks.corpus import write_corpus
from benchmarks.rows import Row
from benchmarks.runs import PYTHON, RECONCILE, Usage, medians, run
from tests.databases import KINDS, Database, Databases
from tests.servers import Server, Unavailable

ROUNDS = 3
PEERS = {"sqlite": "executemany", "postgresql": "COPY", "mysql": "multi-row INSERT"}
BULK = str(Path(__file__).with_name("bulk.py"))


def measure(tasks: int) -> list[Row]:
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        write_corpus(folder / "tasks.yaml", tasks)
        databases = Databases(shared=folder, own=folder, stack=stack)
        for kind in KINDS:
            try:
                rows += _compare(kind, tasks, folder, lambda kind=kind: _new(kind, databases))
            except Unavailable as reason:
                print(f"{kind} is left out: {reason}")
    return rows


def _new(kind: str, databases: Databases) -> Database:
    database = databases.empty(kind)
    embedded.make(database.url)
    return database


def _compare(kind: str, tasks: int, folder: Path, new: Callable[[], Database]) -> list[Row]:
    saved, empty = folder / "rows.pickle", new()
    applied = new()
    _apply(applied, folder)
    saved.write_bytes(pickle.dumps(_rows(applied)))
    apply, dry_run, bulk = medians(
        ROUNDS,
        lambda: _apply(new(), folder),
        lambda: _measured(empty, folder, "--dry-run"),
        lambda: _bulk(new(), saved, folder),
    )
    ours = apply - dry_run
    what = f"apply of {tasks:,} creates, {kind} / {PEERS[kind]}"
    return [
        Row(name=what, ours=ours.processor, peer=bulk.processor, unit="s", bound=2.5),
        Row(name=f"{what}, wall clock", ours=ours.wall, peer=bulk.wall, unit="s"),
    ]


def _apply(database: Database, folder: Path) -> Usage:
    return _measured(database, folder, "--yes")


def _measured(database: Database, folder: Path, option: str) -> Usage:
    command = [RECONCILE, option, "--database-url", database.url, "tasks.yaml"]
    return _both_sides(database.server, lambda: run(command, folder))


def _bulk(database: Database, saved: Path, folder: Path) -> Usage:
    def written() -> Usage:
        run([PYTHON, BULK, database.kind, database.url, str(saved)], folder)
        return Usage(*map(float, (folder / "output.txt").read_text().split()))

    return _both_sides(database.server, written)


def _both_sides(server: Server | None, measured: Callable[[], Usage]) -> Usage:
    if server is None:
        return measured()
    before = _server_seconds(server)
    usage = measured()
    return replace(usage, processor=usage.processor + _server_seconds(server) - before)


def _server_seconds(server: Server) -> float:
    """Processor time of a server and of its processes that have ended, one for each connection."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _rows(database: Database) -> dict[str, tuple[list[str], list[tuple[object, ...]]]]:
    """What an apply wrote: the columns that hold something, and the rows."""
    return {table: _table(database, table) for table in TABLES}


def _table(database: Database, table: str) -> tuple[list[str], list[tuple[object, ...]]]:
    with database.connection() as connection:
        cursor = connection.cursor()
        cursor.execute(f"SELECT * FROM {table}")
        rows = [tuple(row) for row in cursor.fetchall()]
        return [column[0] for column in cursor.description], rows
