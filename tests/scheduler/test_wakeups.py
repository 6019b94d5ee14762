"""Whatever happens to the loop: each moment fires once, or lies in a gap that somebody looks into."""

from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler.scheduler.fires import Registered
from reconciler.scheduler.moments import moments_of
from reconciler.scheduler.timetable import Timetable, jitter_of
from tests.scheduler.build import Stage, registered, seconds

ZONE = ZoneInfo("America/New_York")
START = seconds("2026-03-08T06:30:00")  # half an hour before the clocks change

TASKS = (
    registered("second"),
    registered("interval", "@every 7s"),
    registered("minute", "* * * * *"),
    registered("odd", "*/3 1-4 * * *"),
    registered("shifted", "* * * * *", jitter=50),
    registered("far", "*/2 * * * *", jitter=300),
)
ANCHOR = START - 3

LATER = st.tuples(st.just("later"), st.floats(min_value=0.001, max_value=45))
AWAY = st.tuples(st.just("away"), st.booleans())
JUMP = st.tuples(st.just("jump"), st.floats(min_value=-90, max_value=900))


def played(events: list[tuple[str, float]], *, follow: bool) -> tuple[Stage, float]:
    """The loop after some events, and when the last pass was; `follow`: it also comes when it asked to."""
    timetable = Timetable(ZONE)
    timetable.load(TASKS, {task.row.reference_id: ANCHOR for task in TASKS}, START)
    stage = Stage(timetable, START)
    now = float(START)
    for what, value in events:
        if what == "away":
            stage.claims.is_away = bool(value)
        elif what == "jump":
            now += value
        elif follow:
            until = now + value
            while now < until:
                now = min(max(stage.pass_at(now), now + 0.001), now + 1, until)
        else:
            now += value
        stage.pass_at(now)
    stage.claims.is_away = False
    for _ in range(12):  # the longest pause, and a pass in time
        now += 1
        stage.pass_at(now)
    return stage, now


def due(task: Registered, since: float, until: float) -> set[int]:
    """The moments whose start is later than a second and not later than another."""
    moments, offset = moments_of(task.row.schedule, ANCHOR, ZONE), jitter_of(task)
    return set(moments.between(int(since) - offset, int(until) - offset))


def check(stage: Stage, now: float, earliest: float, latest: float) -> None:
    """`earliest` and `latest` are what the clock has shown on the way."""
    for task in TASKS:
        fired = [moment for name, moment in stage.fired if name == task.row.name]
        gaps: set[int] = set().union(*(due(task, gap.since, gap.until) for gap in stage.gaps))
        # The tasks were loaded at the start: they owe no moment of before, not even one that jitter puts off.
        owed = {moment for moment in due(task, START, now) if moment > START}
        assert len(fired) == len(set(fired)), task.row.name
        assert owed - set(fired) - gaps == set(), task.row.name
        assert set(fired) <= due(task, earliest, latest), task.row.name


@settings(deadline=None, max_examples=150)
@given(st.lists(st.one_of(LATER, LATER, AWAY, JUMP), max_size=25), st.booleans())
@example([("later", 30.0), ("away", True), ("later", 2.0), ("away", False), ("later", 40.0)], True)
@example([("later", 35.0), ("jump", -20.0), ("later", 45.0)], True)
@example([("away", True), ("later", 3.0), ("jump", -2.0)], False)
@example([("later", 20.0), ("away", True), ("jump", 300.0), ("later", 1.0), ("jump", -250.0)], False)
def test_each_moment_fires_once_or_lies_in_a_gap(events: list[tuple[str, float]], follow: bool) -> None:
    stage, now = played(events, follow=follow)
    moves = [float(value) for what, value in events if what != "away"]
    earliest = START + sum(move for move in moves if move < 0)
    check(stage, now, earliest - 1, START + sum(move for move in moves if move > 0) + 12)


@settings(deadline=None, max_examples=100)
@given(st.lists(LATER, max_size=25))
def test_nothing_fires_that_lies_in_a_gap(waits: list[tuple[str, float]]) -> None:
    """As long as the clock goes on and the database is there."""
    stage, now = played(waits, follow=False)
    check(stage, now, START, now)
    for task in TASKS:
        starts = [moment + jitter_of(task) for name, moment in stage.fired if name == task.row.name]
        assert not [start for start in starts if any(gap.since < start <= gap.until for gap in stage.gaps)]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(min_value=0.001, max_value=45), min_size=1, max_size=10))
def test_a_loop_that_comes_when_it_asked_to_leaves_no_gap(waits: list[float]) -> None:
    stage, now = played([("later", wait) for wait in waits], follow=True)
    assert stage.gaps == []
    check(stage, now, START, now)
