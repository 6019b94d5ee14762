"""Reading and declaring tasks against PyYAML's C loader on the same bytes, in one run."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import yaml

from benchmarks.corpus import write_corpus
from reconciler.config import declare, read

ROUNDS = 3
READ_BOUND = 0.20  # of the bare load: a whole dry run may take 0.30
MEMORY_BOUND = 1.0  # of the bare load's peak
GROWTH_BOUND = 11.0  # for ten times the tasks

_OURS = "from reconciler.config import declare, read; declare(read([path]).documents)"
_THEIRS = "import yaml; yaml.load(open(path, 'rb'), yaml.CSafeLoader)"


def measure(tasks: int = 20_000) -> list[tuple[str, float, str]]:
    """(what, ratio, bound) for each figure; times are processor time, the rounds interleaved."""
    with tempfile.TemporaryDirectory() as folder:
        full, tenth = Path(folder, "full.yaml"), Path(folder, "tenth.yaml")
        write_corpus(full, tasks)
        write_corpus(tenth, tasks // 10)
        ours, theirs, small = _interleaved(
            lambda: _declare(full), lambda: _load(full), lambda: _declare(tenth)
        )
        memory = _peak(_OURS, full) / _peak(_THEIRS, full)
    return [
        (f"read and declare {tasks:,} tasks / yaml.load(CSafeLoader)", ours / theirs, f"<= {READ_BOUND}"),
        ("the same, peak memory of a whole process", memory, f"<= {MEMORY_BOUND}"),
        (f"{tasks:,} tasks / {tasks // 10:,} tasks", ours / small, f"<= {GROWTH_BOUND}"),
    ]


def _declare(path: Path) -> None:
    reading = read([str(path)])
    declarations, found = declare(reading.documents)
    if not declarations or found or reading.diagnostics:
        raise RuntimeError("the corpus is not as it should be")


def _load(path: Path) -> None:
    with path.open("rb") as file:
        yaml.load(file, yaml.CSafeLoader)


def _interleaved(*runs: Callable[[], None]) -> Sequence[float]:
    seconds: list[list[float]] = [[] for _ in runs]
    for _ in range(ROUNDS):
        for run, times in zip(runs, seconds, strict=True):
            start = time.process_time()
            run()
            times.append(time.process_time() - start)
    return [median(times) for times in seconds]


def _peak(code: str, path: Path) -> float:
    """The peak resident memory, in KiB, of a process of its own."""
    # Not getrusage: a child starts with the peak of the process that it was forked from.
    report = "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    script = f"path = {str(path)!r}\n{code}\n{report}"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    return float(done.stdout)


if __name__ == "__main__":
    for name, ratio, bound in measure():
        print(f"{name:60} {ratio:6.3f}  {bound}")
