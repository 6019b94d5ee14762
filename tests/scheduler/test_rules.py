"""Policies, holds, reloading and system tasks, as the program keeps them."""

import itertools
import re
import time
from datetime import datetime

from tests.behaviour.program import succeed
from tests.databases import Database
from tests.scheduler.build import seconds
from tests.scheduler.conftest import eventually
from tests.scheduler.program import apply, end, lines, runs, scheduler, task


def test_a_fire_is_skipped_while_an_earlier_run_goes_on(stage: Database) -> None:
    slow = task("slow", "@every 1s", "sleep", Attributes={"seconds": 2.5}, Scheduler={"Overlap": "skip"})
    apply(stage, [slow])
    with scheduler(stage, "--grace", "5s") as process:
        eventually(lambda: runs(stage, state="skipped") and runs(stage, state="ok"))
        assert end(process) == 0
    skipped = [row for row in runs(stage) if row[1] == "skipped"]
    assert set(skipped) == {("slow", "skipped", "an earlier run has not ended")}
    assert not overlapping(stage)
    assert any(
        re.search(r"Skipped task \[slow\] at .*: an earlier run has not ended", line) for line in lines()
    )


def test_a_fire_waits_while_an_earlier_run_goes_on(stage: Database) -> None:
    slow = task("slow", "@every 1s", "sleep", Attributes={"seconds": 2.5}, Scheduler={"Overlap": "queue"})
    apply(stage, [slow])
    with scheduler(stage, "--grace", "5s") as process:
        eventually(lambda: runs(stage, state="skipped") and len(runs(stage, state="ok")) >= 2)
        assert end(process) == 0
    states = [state for _, state, _ in runs(stage)]
    assert states[:2] == ["ok", "ok"]  # the second waited
    assert "skipped" in states[2:]
    assert not overlapping(stage)
    assert not {"claimed", "running"} & set(states)


def overlapping(database: Database) -> bool:
    statement = "SELECT started_at, finished_at FROM reconciler_run WHERE state = 'ok' ORDER BY started_at"
    spans = [(str(start), str(finish)) for start, finish in database.query(statement)]
    assert spans
    return any(start < finish for (_, finish), (start, _) in itertools.pairwise(spans))


def test_what_waits_when_the_scheduler_stops_is_called_off(stage: Database) -> None:
    apply(stage, [task("slow", "@every 1s", "sleep", Scheduler={"Overlap": "queue"})])
    with scheduler(stage, "--grace", "2s") as process:
        eventually(lambda: runs(stage, state="running"))
        time.sleep(2)
        assert end(process) == 1
    ended = {(state, error) for _, state, error in runs(stage)}
    assert ("cancelled", "the scheduler stopped before its turn came") in ended
    assert ("cancelled", "the scheduler stopped, and the grace of 2 s ran out") in ended
    assert not {"claimed", "running", "lost"} & {state for state, _ in ended}


def test_a_hold_works_at_once_and_ends_by_itself(stage: Database) -> None:
    apply(stage, [task("tick"), task("other")])
    with scheduler(stage) as process:
        eventually(lambda: runs(stage, name="tick", state="ok"))
        hold = succeed(stage, "hold", "t*", "--until", "5s", "--reason", "a move", "--format", "json").json
        eventually(lambda: len(runs(stage, name="tick", state="skipped")) >= 2)
        count = len(runs(stage, name="tick", state="ok"))
        eventually(lambda: len(runs(stage, name="tick", state="ok")) >= count + 2)
        assert end(process) == 0
    reasons = {error for _, _, error in runs(stage, name="tick", state="skipped")}
    (held,) = hold["holds"]
    until = datetime.fromisoformat(held["until"])
    assert reasons == {f"held until {until:%Y-%m-%d %H:%M} UTC by {held['who']}: a move"}
    assert not runs(stage, name="other", state="skipped")


def test_the_table_is_read_again_when_that_is_asked_for(stage: Database) -> None:
    apply(stage, [task("kept", "@every 3s"), task("moved", "0 0 1 1 *"), task("gone")])
    with scheduler(stage, "--reload-every", "1s") as process:
        eventually(lambda: runs(stage, name="kept", state="ok") and runs(stage, name="gone", state="ok"))
        apply(stage, [task("kept", "@every 3s"), task("moved"), task("new")], "--max-delete", "100%")
        eventually(lambda: runs(stage, name="new", state="ok") and runs(stage, name="moved", state="ok"))
        count = len(runs(stage, name="gone"))
        kept = len(runs(stage, name="kept"))
        eventually(lambda: len(runs(stage, name="kept")) >= kept + 2)
        stage.query("UPDATE task SET schedule = 'never' WHERE name = 'new'")
        eventually(lambda: any("Failed to start scheduled job: new: " in line for line in lines()))
        assert end(process) == 0
    assert len(runs(stage, name="gone")) <= count + 1
    assert "INFO Unregister task [gone]" in lines()
    registered = [line for line in lines() if "Register task" in line]
    assert registered[3:] == ["INFO Register task [note] at @every 1s"] * 2  # what moved, and what is new
    statement = "SELECT moment FROM reconciler_run WHERE name = 'kept'"
    phases = {seconds(at) % 3 for (at,) in stage.query(statement)}
    assert len(phases) == 1
    assert not runs(stage, state="missed")


def test_system_tasks_are_registered_where_their_action_is_installed(stage: Database) -> None:
    apply(stage, [task("tick", "@every 1h")])
    with scheduler(stage, "--actions", "tests.scheduler.system_acts") as process:
        eventually(lambda: any("Started with" in line for line in lines()))
        assert end(process) == 0
    refused = "Failed to start scheduled job: sync_site_storage: there is no administrator to run it as"
    assert f"ERRO {refused}" in lines()
    succeed(stage, "users", "add", "root@example.com", "--group", "administrators")
    with scheduler(stage, "--actions", "tests.scheduler.system_acts", log="second") as process:
        eventually(lambda: any("Started with 2 tasks" in line for line in lines("second")))
        assert end(process) == 0
    assert "INFO Register task [sync_site_storage] at @every 1h" in lines("second")
    assert stage.query("SELECT count(*) FROM task")[0][0] == 1


def test_a_history_that_is_kept_too_short(stage: Database) -> None:
    with scheduler(stage, "--keep-runs", "10m") as process:
        assert process.wait(30) == 64
    assert lines()[0] == "task-scheduler: the history is to be kept for an hour at least"
