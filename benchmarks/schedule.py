"""How fast the next fire is found, beside croniter and cronsim: the same chains of fires, in the same run."""

from collections.abc import Callable
from datetime import UTC, datetime
from statistics import geometric_mean, median
from time import perf_counter
from zoneinfo import ZoneInfo

from croniter import croniter
from cronsim import CronSim

from benchmarks.rows import Row
from reconciler.schedule import parse

EXPRESSIONS = (
    "* * * * *",
    "*/5 * * * *",
    "0 * * * *",
    "0 3 * * *",
    "30 8,12,18 * * *",
    "0 9-17 * * 1-5",
    "0 12 1 * *",
    "15 6 * * 0",
    "0 0 29 2 *",
)
ZONES = ("UTC", "America/New_York")
START = datetime(2026, 1, 15, 10, 20, 30, tzinfo=UTC)
PEERS = (("croniter", 25), ("cronsim", 10))  # and how many times faster a step is to be
ROUNDS = 5
STEPS = 400
OWN_STEPS = 4000


def measure(tasks: int) -> list[Row]:
    """Geometric means over expressions and zones; `tasks` changes nothing."""
    steps = [_medians(expression, zone) for expression in EXPRESSIONS for zone in map(ZoneInfo, ZONES)]
    own, *peers = (geometric_mean(column) * 1e6 for column in zip(*steps, strict=True))
    return [
        Row(name=f"next_after / {name}", ours=own, peer=peer, unit="us", bound=bound, is_speedup=True)
        for (name, bound), peer in zip(PEERS, peers, strict=True)
    ]


def _medians(expression: str, zone: ZoneInfo) -> list[float]:
    """Seconds a step: ours, croniter's, cronsim's. The rounds are interleaved."""
    chains = (_own, _croniter, _cronsim)
    rounds = [[chain(expression, zone) for chain in chains] for _ in range(ROUNDS)]
    return [median(column) for column in zip(*rounds, strict=True)]


def _own(expression: str, zone: ZoneInfo) -> float:
    schedule, moment = parse(expression), START
    start = perf_counter()
    for _ in range(OWN_STEPS):
        moment = schedule.next_after(moment, zone) or START
    return (perf_counter() - start) / OWN_STEPS


def _croniter(expression: str, zone: ZoneInfo) -> float:
    chain = croniter(expression, START.astimezone(zone))
    return _each(lambda: chain.get_next(datetime))


def _cronsim(expression: str, zone: ZoneInfo) -> float:
    chain = CronSim(expression, START.astimezone(zone))
    return _each(lambda: next(chain))


def _each(step: Callable[[], object]) -> float:
    start = perf_counter()
    for _ in range(STEPS):
        step()
    return (perf_counter() - start) / STEPS
