"""Gaps that are still to be looked into."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from reconciler.scheduler.fires import Registered
from reconciler.scheduler.gaps import Gaps, Scope
from reconciler.scheduler.loop import Gap
from tests.scheduler.build import registered

TASKS = (registered("a"),)


def scope(since: int, until: int, tasks: Sequence[Registered] = TASKS) -> Scope:
    return Scope(gap=Gap(since, until), tasks=tasks, anchors={}, zone=ZoneInfo("UTC"))


def test_everything_is_settled_up_to_the_first_gap() -> None:
    gaps = Gaps()
    assert gaps.settled(50) == 50
    gaps.open(scope(10, 20))
    gaps.open(scope(30, 40))
    assert gaps.settled(50) == 10


def test_a_gap_that_has_grown_is_one_gap() -> None:
    gaps, grown = Gaps(), scope(10, 30)
    gaps.open(scope(10, 20))
    gaps.open(grown)
    assert gaps.all() == [grown]


def test_a_gap_that_grows_while_it_is_looked_into_stays_open() -> None:
    gaps, before, grown = Gaps(), scope(10, 20), scope(10, 30)
    gaps.open(before)
    gaps.open(grown)
    gaps.close(before)
    assert gaps.all() == [grown]
    gaps.close(grown)
    assert gaps.all() == []


def test_other_tasks_have_gaps_of_their_own() -> None:
    """After a reload: the new tasks missed nothing of what was before."""
    gaps, before, after = Gaps(), scope(10, 20), scope(10, 30, (registered("b"),))
    gaps.open(before)
    gaps.open(after)
    assert gaps.all() == [before, after]
