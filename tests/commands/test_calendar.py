"""`reconcile calendar` on every kind of database: what it draws is what fires, before and after an apply."""

import json
from pathlib import Path
from typing import Any

import yaml

from tests.behaviour.program import succeed
from tests.commands.program import task_scheduler
from tests.databases import Database
from tests.scheduler.conftest import eventually
from tests.scheduler.program import apply, end, scheduler, task

NOW = ("--now", "2026-10-24T12:00", "--timezone", "Europe/Berlin")
WEEK = ("--from", "2026-10-23T23:59:59", "--until", "2026-10-30T23:59:59", "--timezone", "Europe/Berlin")

TASKS = [
    task("often", "*/7 * * * *"),
    task("nightly", "30 2 * * *"),
    task("elsewhere", "CRON_TZ=Asia/Kolkata 15 9 * * 1-5"),
    task("off", "* * * * *", Active=False),
    task("beat", "@every 35m"),
    task("seconds", "@every 25s"),
    task("old", "0 5 * * *"),
    task("left", "0 6 * * *", Lifecycle={"IgnoreChanges": ["Schedule", "Active"]}),
]


def declare(tasks: list[dict[str, Any]]) -> None:
    Path("tasks.yaml").write_text(yaml.safe_dump({"Tasks": [dict(one) for one in tasks]}))


def calendar(database: Database, *words: str) -> list[dict[str, Any]]:
    """The drawings."""
    drawings: list[dict[str, Any]] = json.loads(
        succeed(database, "calendar", "--format", "json", *NOW, *words).out
    )["drawings"]
    return drawings


def test_it_draws_what_the_scheduler_would_fire(stage: Database) -> None:
    apply(stage, TASKS)
    with scheduler(stage) as process:  # which gives the intervals their anchors
        eventually(lambda: stage.query("SELECT count(*) FROM reconciler_anchor")[0][0] == 2)
        end(process)
    stage.query("UPDATE reconciler_anchor SET anchor = '2026-10-20 10:20:30'")
    simulated = task_scheduler(stage, "simulate", "--summary", "--format", "json", *WEEK).json["counts"]
    expected = {one["name"]: one["fires"] for one in simulated}
    (drawn,) = calendar(stage)
    assert drawn["of"] == "table"
    assert (drawn["tasks"], drawn["fires"]) == (7, sum(expected.values()))
    for name, fires in expected.items():
        (one,) = calendar(stage, "--task", name)
        assert one["fires"] == fires, name


def test_what_comes_after_the_plan_is_the_table_after_an_apply(stage: Database) -> None:
    apply(stage, TASKS)
    stage.query("UPDATE task SET active = false, schedule = '0 7 * * *' WHERE name = 'left'")
    wanted = [
        task("often", "H/9 * * * *"),
        task("nightly", "30 2 * * *", Active=False),
        task("elsewhere", "CRON_TZ=Asia/Kolkata 15 9 * * 1-5"),
        task("off", "* * * * *"),
        task("beat", "@every 35m"),
        task("new", "0 5 * * *", Lifecycle={"PreviousNames": ["old"]}),
        task("left", "0 6 * * *", Lifecycle={"IgnoreChanges": ["Schedule", "Active"]}),
        task("another", "30 12 * * *"),
    ]
    words = ("--max-update", "100%", "--max-delete", "100%")
    declare(wanted)
    before, after = calendar(stage, *words)
    assert (before["of"], after["of"]) == ("table", "plan")
    assert before["fires"] != after["fires"]
    succeed(stage, "--yes", *words)
    (now,) = calendar(stage, *words)
    assert now | {"of": "plan"} == after


def test_a_hold_ends(stage: Database) -> None:
    apply(stage, [task("hourly", "0 * * * *")])
    succeed(stage, "hold", "hourly", "--until", "2026-10-25T00:30", "--reason", "a look", *NOW)
    (drawn,) = calendar(stage)
    assert [sum(day) for day in drawn["hours"]] == [
        0,
        24,
        24,
        24,
        24,
        24,
        24,
    ]  # of 25 hours the first is held


def test_daptin_fires_inactive_rows(stage: Database) -> None:
    apply(stage, [task("off", "0 8 * * *", Active=False)])
    assert [one["tasks"] for one in calendar(stage)] == [0]
    assert [one["fires"] for one in calendar(stage, "--reader", "daptin")] == [7]


def test_what_restarts_made_of_an_interval_is_in_the_plan(stage: Database) -> None:
    apply(stage, [task("beat", "0 * * * *")])
    with scheduler(stage) as process:
        eventually(lambda: stage.query("SELECT count(*) FROM reconciler_process")[0][0] == 1)
        end(process)
    stage.query("UPDATE reconciler_process SET started_at = '2026-10-23 12:00:00'")
    stage.query("UPDATE reconciler_process SET ended_at = '2026-10-24 00:00:00'")
    declare([task("beat", "@every 1h")])
    for reader in ("scheduler", "daptin"):
        words = ("--dry-run", "--format", "json", "--now", "2026-10-24T12:00Z", "--reader", reader)
        (change,) = json.loads(succeed(stage, *words).out)["changes"]
        assert change["per_day"] == {"before": 24.0, "after": 24.0}
        assert change["every"] == {
            "since": "2026-10-23T12:00:00+00:00",
            "until": "2026-10-24T12:00:00+00:00",
            "restarts": 0,
            "due": 24,
            "ran": 12,
        }
