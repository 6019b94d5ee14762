"""How fast the next fire is found, beside croniter and cronsim: the same chains of fires, in the same run."""

from collections.abc import Callable
from datetime import UTC, datetime
from math import exp, log
from statistics import median
from time import perf_counter
from zoneinfo import ZoneInfo

from croniter import croniter
from cronsim import CronSim

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
ROUNDS = 5
STEPS = 400
OWN_STEPS = 4000


def measure() -> list[tuple[str, float, str]]:
    """(name, ratio, bound): how many times faster a step is, geometric mean over expressions and zones."""
    ratios: dict[str, list[float]] = {"croniter": [], "cronsim": []}
    for expression in EXPRESSIONS:
        for zone in map(ZoneInfo, ZONES):
            own, *others = _medians(expression, zone)
            for peer, seconds in zip(ratios, others, strict=True):
                ratios[peer].append(seconds / own)
    return [
        ("next_after, croniter's time / ours", _geometric_mean(ratios["croniter"]), ">= 25"),
        ("next_after, cronsim's time / ours", _geometric_mean(ratios["cronsim"]), ">= 10"),
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


def _geometric_mean(values: list[float]) -> float:
    return exp(sum(map(log, values)) / len(values))


if __name__ == "__main__":
    for name, ratio, bound in measure():
        print(f"{name:40} {ratio:6.1f}  ({bound})")
