"""Whole processes, measured, interleaved, and compared by their medians."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import median

from benchmarks.rows import Row

PYTHON = sys.executable
RECONCILE = str(Path(sys.executable).with_name("reconcile"))


@dataclass(frozen=True, slots=True)
class Usage:
    """What a run took: seconds of the processor (user and system), seconds on the clock, MiB at its peak."""

    processor: float
    wall: float
    peak: float = 0.0

    def __sub__(self, other: "Usage") -> "Usage":
        return Usage(self.processor - other.processor, self.wall - other.wall)


def run(command: Sequence[str], folder: Path, code: int = 0) -> Usage:
    """Run a command in a folder, its output to a file there; RuntimeError where it ends with another code."""
    output = folder / "output.txt"
    with output.open("wb") as file:
        start = time.perf_counter()
        child = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != code:
        raise RuntimeError(f"{command[0]} ended with {child.returncode}: {output.read_text()[-500:]}")
    # The peak is that of this process too, from which the child was made: it is small, and stays so.
    return Usage(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)


def medians(rounds: int, *measures: Callable[[], Usage]) -> list[Usage]:
    """The median of each figure of each measure. The measures take turns, so that a slow minute hits all."""
    taken: list[list[Usage]] = [[] for _ in measures]
    for _ in range(rounds):
        for measure, usages in zip(measures, taken, strict=True):
            usages.append(measure())
    return [Usage(*map(median, zip(*map(astuple, usages), strict=True))) for usages in taken]


def beside(what: str, peer: str, ours: Usage, theirs: Usage, bound: float) -> list[Row]:
    """A command beside a peer: processor time, which has the bound, the clock, and memory."""
    return [
        Row(name=f"{what} / {peer}", ours=ours.processor, peer=theirs.processor, unit="s", bound=bound),
        Row(name=f"{what} / {peer}, wall clock", ours=ours.wall, peer=theirs.wall, unit="s"),
        Row(name=f"its peak memory / {peer}'s", ours=ours.peak, peer=theirs.peak, unit="MiB", bound=1.5),
    ]
