"""The scheduler without a database, beside APScheduler and, where Go is installed, robfig/cron."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.contenders.common import schedules
from benchmarks.rows import Row
from benchmarks.runs import PYTHON

ROUNDS = 3
SECONDS = 10
REGISTERED = (10_000, 50_000)
IDLE = 50_000
LAG: Mapping[int, Mapping[str, tuple[float, float]]] = {
    1000: {"p99": (0.10, 2.0)},
    5000: {"p50": (0.06, 1.0), "p99": (0.06, 1.0)},
}
"""Tasks a second, and for each figure the bounds beside APScheduler and robfig/cron."""

Figures = Mapping[str, float]


def measure(tasks: int) -> list[Row]:
    """`tasks` changes nothing: the numbers are those of the promise."""
    with tempfile.TemporaryDirectory() as folder:
        robfig = _built(Path(folder))
        return [*_registration(robfig), *_lag(robfig), *_idle(robfig)]


def _registration(robfig: str | None) -> list[Row]:
    rows = []
    for number in REGISTERED:
        words = ("register", str(number))
        ours, aps, go = _medians(_rounds(words, robfig, "\n".join(schedules(number))))
        name = f"register {number:,}"
        rows.append(_row(f"{name} / APScheduler", ours, aps, "seconds", "s", 12, is_speedup=True))
        rows.append(_row(f"memory a task of {number:,} / APScheduler", ours, aps, "bytes_a_task", "B", 1 / 3))
        if go:
            rows.append(_row(f"{name} / robfig", ours, go, "seconds", "s", 2.5))
    return rows


def _lag(robfig: str | None) -> list[Row]:
    rows = []
    for number, bounds in LAG.items():
        rounds = _rounds(("lag", str(number), str(SECONDS)), robfig)
        ours, aps, go = _medians(rounds)
        for figure, (bound, bound_go) in bounds.items():
            name = f"lag {figure}, {number:,} a second"
            rows.append(_row(f"{name} / APScheduler", ours, aps, figure, "s", bound))
            if go:
                rows.append(_row(f"{name} / robfig", ours, go, figure, "s", bound_go))
        started = min(one["started"] for one in rounds[0])
        name = f"{number:,} a second: due / started, in the worst round"
        rows.append(Row(name=name, ours=ours["expected"], peer=started, unit="", bound=1))
    return rows


def _idle(robfig: str | None) -> list[Row]:
    if robfig is None:
        return []
    words = ("idle", str(IDLE), str(SECONDS))
    ours, go = _medians(_taking_turns([_own(words), (robfig, *words)]))
    return [_row(f"processor, {IDLE:,} idle and one a second / robfig", ours, go, "processor", "s/s", 0.5)]


def _row(
    name: str, ours: Figures, peer: Figures, figure: str, unit: str, bound: float, *, is_speedup: bool = False
) -> Row:
    own, other = ours[figure], peer[figure]
    return Row(name=name, ours=own, peer=other, unit=unit, bound=bound, is_speedup=is_speedup)


def _rounds(words: Sequence[str], robfig: str | None, stdin: str = "") -> list[Sequence[Figures]]:
    """The answers of all rounds: ours, APScheduler's, robfig's, which may be none."""
    commands = [_own(words), (PYTHON, "-m", "benchmarks.contenders.apscheduler_", *words)]
    if robfig is None:
        return [*_taking_turns(commands, stdin), ()]
    return _taking_turns([*commands, (robfig, *words)], stdin)


def _taking_turns(commands: Sequence[Sequence[str]], stdin: str = "") -> list[Sequence[Figures]]:
    rounds = [[_asked(command, stdin) for command in commands] for _ in range(ROUNDS)]
    return list(zip(*rounds, strict=True))


def _medians(contenders: Sequence[Sequence[Figures]]) -> list[Figures]:
    return [
        {name: median(one[name] for one in answers) for name in answers[0]} if answers else {}
        for answers in contenders
    ]


def _own(words: Sequence[str]) -> Sequence[str]:
    return (PYTHON, "-m", "benchmarks.contenders.ours", *words)


def _asked(command: Sequence[str], stdin: str = "") -> Figures:
    ended = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {ended.returncode}: {ended.stderr[-500:]}")
    found: Figures = json.loads(ended.stdout)
    return found


def _built(folder: Path) -> str | None:
    """robfig/cron's contender, compiled; None, and a word about it, where that cannot be done."""
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    program = folder / "robfig"
    source = Path(__file__).with_name("robfig")
    if go:
        build = [go, "build", "-o", str(program), "."]
        ended = subprocess.run(build, cwd=source, capture_output=True, text=True, check=False)
        if ended.returncode == 0:
            return str(program)
        print(f"robfig/cron is left out: {ended.stderr.strip()[-200:]}", file=sys.stderr)
    else:
        print("robfig/cron is left out: Go is not installed", file=sys.stderr)
    return None
