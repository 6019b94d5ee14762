"""A dry run that finds nothing to change, against PyYAML's C loader alone on the same bytes."""

import tempfile
from pathlib import Path

from benchmarks.corpus import write_corpus
from benchmarks.embedded import make_file
from benchmarks.rows import Row
from benchmarks.runs import PYTHON, RECONCILE, Usage, medians, run

ROUNDS = 3

LOAD = "import yaml; yaml.load(open('tasks.yaml', 'rb'), yaml.CSafeLoader)"
READ = """
import gc
from reconciler.config import declare, read

gc.disable()
declare(read(["tasks.yaml"]).documents)
"""


def measure(tasks: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        full = applied(Path(name, "full"), tasks)
        tenth = applied(Path(name, "tenth"), tasks // 10)
        whole, small, read, load = medians(
            ROUNDS,
            lambda: _dry_run(full),
            lambda: _dry_run(tenth),
            lambda: run([PYTHON, "-c", READ], full),
            lambda: run([PYTHON, "-c", LOAD], full),
        )
    what, peer = f"dry run, {tasks:,} unchanged", "bare CSafeLoader"
    return [
        Row(name=f"{what} / {peer}", ours=whole.processor, peer=load.processor, unit="s", bound=0.30),
        Row(name=f"{what} / {peer}, wall clock", ours=whole.wall, peer=load.wall, unit="s"),
        Row(name=f"its reading alone / {peer}", ours=read.processor, peer=load.processor, unit="s"),
        Row(name=f"its peak memory / {peer}'s", ours=whole.peak, peer=load.peak, unit="MiB", bound=1.5),
        Row(
            name=f"growth: {tasks:,} / {tasks // 10:,} tasks",
            ours=whole.processor,
            peer=small.processor,
            unit="s",
            bound=11,
        ),
    ]


def applied(folder: Path, tasks: int) -> Path:
    """A folder with a corpus, and a database that says the same."""
    folder.mkdir()
    write_corpus(folder / "tasks.yaml", tasks)
    make_file(folder / "daptin.db")
    run([RECONCILE, "--yes", "tasks.yaml"], folder)
    return folder


def _dry_run(folder: Path) -> Usage:
    return run([RECONCILE, "--dry-run", "tasks.yaml"], folder)
