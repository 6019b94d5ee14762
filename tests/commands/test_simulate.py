"""`task-scheduler simulate`: what it says is what the scheduler does."""

from reconciler.database.anchors import read_anchors
from reconciler.database.target import connect
from reconciler.database.urls import target_url
from tests.commands.program import task_scheduler
from tests.databases import Database
from tests.scheduler.conftest import eventually
from tests.scheduler.program import apply, end, runs, scheduler, task


def moments(database: Database, *words: str) -> list[str]:
    ended = task_scheduler(database, "simulate", "--format", "json", "-n", "1000", *words)
    assert ended.code == 0, ended.err
    return [f"{one['name']} {one['moment'][:19]}" for one in ended.json["fires"]]


def test_both_sides_of_a_change_of_the_clocks(stage: Database) -> None:
    apply(stage, [task("daily", "30 2 * * *")])
    span = ("--from", "2026-10-24T00:00", "--until", "2026-10-27T00:00", "--timezone", "Europe/Berlin")
    assert moments(stage, *span) == [
        "daily 2026-10-24T00:30:00",
        "daily 2026-10-25T00:30:00",
        "daily 2026-10-25T01:30:00",  # the hour that comes twice
        "daily 2026-10-26T01:30:00",
    ]


def test_neither_inactive_tasks_nor_those_that_cannot_run(stage: Database) -> None:
    apply(stage, [task("on", "0 * * * *"), task("off", "0 * * * *", Active=False), task("bad", "0 * * * *")])
    stage.query("UPDATE task SET as_user_id = NULL WHERE name = 'bad'")
    span = ("--from", "2026-12-01T00:00", "--until", "2026-12-01T01:00")
    assert moments(stage, *span) == ["on 2026-12-01T01:00:00"]
    report = task_scheduler(stage, "simulate", "--summary", "--format", "json", *span).json
    assert report["counts"] == [{"name": "on", "fires": 1}]
    assert report["inactive"] == 1
    assert [one["name"] for one in report["refused"]] == ["bad"]


def test_the_summary_names_those_that_do_not_fire(stage: Database) -> None:
    apply(stage, [task("often", "* * * * *"), task("never_now", "0 0 1 1 *")])
    span = ("--from", "2026-12-01T00:00", "--until", "2026-12-02T00:00")
    report = task_scheduler(stage, "simulate", "--summary", "--format", "json", *span).json
    assert report["counts"] == [{"name": "never_now", "fires": 0}, {"name": "often", "fires": 1440}]
    assert report["fires"] == []


def test_jitter_orders_by_the_start_and_keeps_the_moment(stage: Database) -> None:
    late = task("late", "0 1 * * *", Scheduler={"Jitter": "3h"})
    apply(stage, [late, task("early", "30 1 * * *")])
    span = ("--from", "2026-12-01T00:00", "--until", "2026-12-01T01:30")
    report = task_scheduler(stage, "simulate", "--format", "json", *span).json
    starts = [
        (one["name"], int(one["moment"][11:13]) * 60 + int(one["moment"][14:16]) + one["delay"] / 60)
        for one in report["fires"]
    ]
    assert {name for name, _ in starts} == {"late", "early"}
    assert starts == sorted(starts, key=lambda one: one[1])


def test_it_is_what_the_scheduler_does(stage: Database) -> None:
    """An `@every` counts from its anchor."""
    apply(stage, [task("two", "@every 2s")])
    with scheduler(stage) as process:
        eventually(lambda: len(runs(stage, state="ok")) >= 3)
        assert end(process) == 0
    done = sorted(str(moment)[:19] for (moment,) in stage.query("SELECT moment FROM reconciler_run"))
    with connect(target_url(stage.url, {}), read_only=True) as target:
        ((_, anchor),) = read_anchors(target).values()
    until = f"{done[-1].replace(' ', 'T')}"
    simulated = moments(stage, "--from", f"{anchor:%Y-%m-%dT%H:%M:%S}", "--until", until)
    assert [one.removeprefix("two ").replace("T", " ") for one in simulated] == done


def test_nothing_is_written(stage: Database) -> None:
    apply(stage, [task("two", "@every 2s")])
    moments(stage, "--until", "2126-01-01T00:00", "-n", "5")
    for table in ("run", "anchor", "process"):
        assert stage.query(f"SELECT * FROM reconciler_{table}") == []
