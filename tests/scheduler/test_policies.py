"""Policies as tables of moments, and which rows are registered."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from reconciler.database.runs import RunRecord
from reconciler.scheduler.fires import Policy
from reconciler.scheduler.loop import Gap
from reconciler.scheduler.misses import had, settle
from reconciler.scheduler.policies import MOST_CAUGHT_UP, Misses, catch_up, overlap
from reconciler.scheduler.registration import register
from reconciler.task import SchedulerOptions
from tests.scheduler.build import registered, seconds

ZONE = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("policy", "active", "verdict"),
    [
        ("allow", 0, "run"),
        ("allow", 9, "run"),
        ("skip", 0, "run"),
        ("skip", 1, "skip"),
        ("queue", 0, "run"),
        ("queue", 1, "wait"),
        ("queue", 2, "skip"),
    ],
)
def test_overlap(policy: str, active: int, verdict: str) -> None:
    assert overlap(Policy(overlap=policy), active) == verdict  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("policy", "missed", "outcome"),
    [
        (Policy(), [10, 20, 30], Misses((), 10, 30, 3)),
        (Policy(), [], Misses()),
        (Policy(catch_up="once"), [10, 20, 30], Misses((30,), 10, 20, 2)),
        (Policy(catch_up="once"), [30], Misses((30,))),
        (Policy(catch_up="all"), [10, 20, 30], Misses((10, 20, 30))),
        (Policy(catch_up="all", window=25), [10, 20, 30], Misses((20, 30), 10, 10, 1)),
        (Policy(catch_up="once", window=5), [10, 20, 30], Misses((), 10, 30, 3)),
    ],
)
def test_catch_up(policy: Policy, missed: list[int], outcome: Misses) -> None:
    """The outage ended at 40."""
    assert catch_up(policy, missed, 40) == outcome


def test_a_catch_up_has_an_end() -> None:
    found = catch_up(Policy(catch_up="all"), range(1, 5001), 5000)
    assert found.run == tuple(range(5001 - MOST_CAUGHT_UP, 5001))
    assert (found.first, found.last, found.number) == (1, 5000 - MOST_CAUGHT_UP, 5000 - MOST_CAUGHT_UP)


def record(name: str, moment: int, until: int | None = None) -> RunRecord:
    reference = registered(name).row.reference_id
    at, last = (None if one is None else datetime.fromtimestamp(one, UTC) for one in (moment, until))
    assert at is not None
    return RunRecord(
        b"", reference, at, name, "job", "note", None, "schedule", "ok", b"", at, at, at, None, last, None
    )


def test_what_has_a_run_was_not_missed() -> None:
    start = seconds("2026-01-01T00:00:00")
    task = registered("a", "* * * * *")
    runs = {task.row.reference_id: [record("a", start + 120), record("a", start + 240, start + 360)]}
    caught, records = settle([task], Gap(start, start + 600), runs, {}, ZONE, lambda: b"x")
    assert caught == []
    ((missed),) = records
    assert missed.moment.timestamp() == start + 60
    assert missed.missed_until is not None
    assert missed.missed_until.timestamp() == start + 600
    assert missed.missed_count == 6  # of ten: not the second, nor the fourth to the sixth


def test_only_what_was_loaded_with_this_schedule_can_have_missed_something() -> None:
    same, moved, new = (registered(name, "@daily") for name in ("same", "moved", "new"))
    loaded = {
        same.row.reference_id.hex(): ("", "@daily", "same"),
        moved.row.reference_id.hex(): ("", "@hourly", "moved"),
    }
    assert had(loaded, [same, moved, new]) == [same]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"as_user_id": None}, "it names no user to run as (as_user_id is NULL)"),
        ({"as_user_email": None}, "it is to run as user 2, who does not exist"),
        ({"schedule": "0 0 30 2 *"}, "'0 0 30 2 *' never fires: "),
        ({"schedule": "@every 10ms"}, "'@every 10ms' is shorter than a second"),
        ({"schedule": "x"}, "not a schedule: "),
        ({"attributes": "{"}, "its attributes are not JSON"),
        ({"attributes": "[]"}, "its attributes are JSON, but no object"),
        ({"reference_id": b"short"}, "its reference_id has 5 bytes and not 16"),
    ],
)
def test_a_row_that_cannot_be_registered(changes: dict[str, object], reason: str) -> None:
    good = registered("good").row
    found = register([good._replace(name="bad", **changes), good], {})
    assert [task.row.name for task in found.tasks] == ["good"]
    ((name, said),) = found.refused
    assert name == "bad"
    assert said.startswith(reason)


def test_inactive_rows_are_neither() -> None:
    row = registered().row._replace(active=False, schedule="nonsense")
    found = register([row], {})
    assert (found.tasks, found.refused, found.inactive) == ((), (), 1)


def test_options_become_a_policy() -> None:
    row = registered().row
    options = SchedulerOptions(
        overlap="queue", catch_up="all", catch_up_window="2h", timeout="90s", jitter="1m"
    )
    found = register([row], {row.reference_id: options})
    expected = Policy(overlap="queue", catch_up="all", window=7200.0, timeout=90.0, jitter=60)
    assert found.tasks[0].policy == expected
    plain = register([row], {row.reference_id: replace(options, timeout=None)})
    assert plain.tasks[0].policy.timeout is None


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (SchedulerOptions(timeout="soon"), "its Timeout is no duration: "),
        (SchedulerOptions(jitter="-5s"), "its Jitter is negative: -5s"),
        (
            SchedulerOptions(catch_up="once", catch_up_window="2"),
            "its CatchUp: Window is no duration: `2` has",
        ),
    ],
)
def test_an_option_that_cannot_be_kept(options: SchedulerOptions, reason: str) -> None:
    row = registered().row
    found = register([row], {row.reference_id: options})
    assert found.tasks == ()
    assert found.refused[0].reason.startswith(reason)
