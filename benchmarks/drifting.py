"""Drift, told field by field, against PyYAML's C loader alone on the bytes of the files."""

import contextlib
import sqlite3
import tempfile
from pathlib import Path

from benchmarks.dry_run import LOAD, applied
from benchmarks.rows import Row
from benchmarks.runs import PYTHON, RECONCILE, beside, medians, run

ROUNDS = 3
EVERY = 100
DRIFTED = 2
"""The exit code where a row has drifted."""


def measure(tasks: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = _drifted(Path(name, "full"), tasks)
        drift, load = medians(
            ROUNDS,
            lambda: run([RECONCILE, "drift", "tasks.yaml"], folder, DRIFTED),
            lambda: run([PYTHON, "-c", LOAD], folder),
        )
    what, peer = f"drift, {tasks // EVERY:,} of {tasks:,} rows", "bare CSafeLoader"
    return beside(what, peer, drift, load, bound=0.4)


def _drifted(folder: Path, tasks: int) -> Path:
    """A folder with a corpus and a database that said the same, until somebody switched rows on or off."""
    applied(folder, tasks)
    with contextlib.closing(sqlite3.connect(folder / "daptin.db")) as connection:
        connection.execute("UPDATE task SET active = 1 - active WHERE id % ? = 0", (EVERY,))
        connection.commit()
    return folder
