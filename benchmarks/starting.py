"""Small commands, against the start of Python with the two libraries that every dry run needs."""

import tempfile
from pathlib import Path

from benchmarks.corpus import write_corpus
from benchmarks.embedded import make_file
from benchmarks.rows import Row
from benchmarks.runs import PYTHON, RECONCILE, medians, run

ROUNDS = 21
TASKS = 10


def measure(tasks: int) -> list[Row]:
    """`tasks` changes nothing: these are ten."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_corpus(folder / "tasks.yaml", TASKS)
        make_file(folder / "daptin.db")
        dry_run, usage, bare = medians(
            ROUNDS,
            lambda: run([RECONCILE, "--dry-run", "tasks.yaml"], folder),
            lambda: run([RECONCILE, "--help"], folder),
            lambda: run([PYTHON, "-c", "import sqlalchemy, yaml"], folder),
        )
    peer = "import sqlalchemy, yaml"
    return [
        Row(name=f"dry run, 10 tasks / {peer}", ours=dry_run.wall, peer=bare.wall, unit="s", bound=1.5),
        Row(name=f"--help / {peer}", ours=usage.wall, peer=bare.wall, unit="s", bound=0.5),
        Row(name="the first, processor time", ours=dry_run.processor, peer=bare.processor, unit="s"),
        Row(name="the second, processor time", ours=usage.processor, peer=bare.processor, unit="s"),
    ]
