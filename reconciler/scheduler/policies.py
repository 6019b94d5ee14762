"""What a task's policies make of a fire, and of what was missed. Pure."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from reconciler.scheduler.fires import Policy

Verdict = Literal["run", "wait", "skip"]

MOST_CAUGHT_UP = 1000
"""Moments of one task that one outage can bring back."""


class Misses(NamedTuple):
    """What is to be done about the missed moments of one task. Seconds since 1970."""

    run: tuple[int, ...] = ()  # caught up, in their order
    first: int = 0  # the rest is one record
    last: int = 0
    number: int = 0


def overlap(policy: Policy, active: int) -> Verdict:
    """What becomes of a fire while so many runs of its task are claimed or running.

    Of a queue one fire waits; a further one is skipped, or an action slower than its interval would pile up
    runs without end.
    """
    if policy.overlap == "allow" or not active:
        return "run"
    return "wait" if policy.overlap == "queue" and active == 1 else "skip"


def catch_up(policy: Policy, missed: Iterable[int], until: int) -> Misses:
    """Which of the missed moments run after all, and what is recorded of the others.

    `missed` is in order and may be long; `until` is the end of the outage, from which the window counts.
    """
    reach = 0 if policy.window is None else until - policy.window
    most = {"none": 0, "once": 1, "all": MOST_CAUGHT_UP}[policy.catch_up]
    first = last = count = 0
    kept: list[int] = []
    for moment in missed:
        dropped = moment
        if most and moment >= reach:
            kept.append(moment)
            if len(kept) <= most:
                continue
            dropped = kept.pop(0)
        first, last, count = first or dropped, dropped, count + 1
    return Misses(tuple(kept), first, last, count)
