"""`task-scheduler runs` on databases of every kind; its text is held by the golden cases."""

from datetime import UTC, datetime, timedelta

from reconciler.database.claiming import NewRun
from reconciler.database.runs import claim_runs
from reconciler.database.target import connect
from reconciler.database.urls import target_url
from tests.commands.program import run_now, task_scheduler
from tests.databases import Database
from tests.scheduler.program import apply, task

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def record(database: Database, *runs: NewRun) -> None:
    with connect(target_url(database.url, {}), read_only=False) as target:
        claim_runs(target, b"p" * 16, runs, now=NOON)


def run(number: int, name: str = "t", state: str = "failed", **more: object) -> NewRun:
    moment = NOON + timedelta(seconds=number)
    reference, run_id = name.encode().rjust(16, b"\0"), number.to_bytes(16, "big")
    new = NewRun(run_id, reference, moment, name, "job", "note", "ann@example.com", state=state)
    return new._replace(**more)


def told(database: Database, *words: str) -> list[tuple[str, str]]:
    ended = task_scheduler(database, "runs", "--format", "json", *words)
    assert ended.code == 0, ended.err
    return [(one["moment"][11:19], one["state"]) for one in ended.json["runs"]]


def test_the_newest_first_and_only_so_many(stage: Database) -> None:
    record(stage, *(run(number) for number in range(5)))
    assert told(stage, "-n", "2") == [("12:00:04", "failed"), ("12:00:03", "failed")]
    assert not task_scheduler(stage, "runs", "--format", "json", "-n", "4").json["is_whole"]
    assert task_scheduler(stage, "runs", "--format", "json", "-n", "5").json["is_whole"]


def test_by_name_state_and_moment(stage: Database) -> None:
    record(stage, run(1, "a"), run(2, "b"), run(3, "b", "skipped"), run(4, "B"))
    assert told(stage, "b") == [("12:00:03", "skipped"), ("12:00:02", "failed")]
    assert told(stage, "b", "--state", "failed") == [("12:00:02", "failed")]
    assert told(stage, "--since", "2026-12-01T13:00:03+01:00") == [
        ("12:00:04", "failed"),
        ("12:00:03", "skipped"),
    ]


def test_an_error_of_several_lines_is_whole_only_where_asked(stage: Database) -> None:
    record(stage, run(1, error="first\nsecond"))
    assert "second" not in task_scheduler(stage, "runs").out
    assert "    first\n    second\n" in task_scheduler(stage, "runs", "-v").out
    assert task_scheduler(stage, "runs", "--format", "json").json["runs"][0]["error"] == "first\nsecond"


def test_the_misses_of_an_outage_are_one_line(stage: Database) -> None:
    record(
        stage, run(0, state="missed", missed_until=NOON + timedelta(hours=1), missed_count=1200, as_user=None)
    )
    lines = task_scheduler(stage, "runs").out.splitlines()
    assert lines[1:] == [
        "2026-12-01 12:00:00  t     missed 1,200 from 2026-12-01 12:00:00 to 2026-12-01 13:00:00"
    ]


def test_nothing_is_written(stage: Database) -> None:
    apply(stage, [task("one", "0 0 1 1 *")])
    run_now(stage, "one")
    before = stage.query("SELECT * FROM reconciler_run"), stage.query("SELECT * FROM reconciler_process")
    assert task_scheduler(stage, "runs").out.count("one") == 1
    assert (
        stage.query("SELECT * FROM reconciler_run"),
        stage.query("SELECT * FROM reconciler_process"),
    ) == before


def test_a_database_without_bookkeeping(daptin: Database) -> None:
    ended = task_scheduler(daptin, "runs")
    assert ended.code == 0
    assert ended.out == "No scheduler has run on this database yet: it has no history.\n"
    for words in (("status",), ("simulate", "--until", "2126-01-01T00:00", "-n", "1")):
        assert task_scheduler(daptin, *words).code == 0
