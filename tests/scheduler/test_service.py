"""The program as a whole, on real databases: what is registered, what runs, how it ends."""

import re
import signal
from typing import Any

import pytest

from tests.databases import Database
from tests.scheduler.conftest import eventually
from tests.scheduler.program import apply, end, lines, runs, scheduler, start, task

MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


def effects(database: Database, name: str) -> list[tuple[Any, ...]]:
    return database.query("SELECT who, moment FROM effect WHERE task = ? ORDER BY moment", (name,))


def test_a_task_runs_as_its_user_and_its_effect_is_there(stage: Database) -> None:
    apply(stage, [task("tick"), task("rare", "0 8 1 1 *"), task("off", Active=False)])
    with scheduler(stage) as process:
        eventually(lambda: len(effects(stage, "tick")) >= 2)
        assert end(process) == 0
    said = lines()
    assert "INFO Register task [note] at @every 1s" in said
    assert "INFO Register task [note] at 0 8 1 1 *" in said
    assert sum("Register task" in line for line in said) == 2  # the inactive one is not
    executed = [line for line in said if "[82] Execute task" in line]
    pattern = r"INFO \[82\] Execute task \[[0-9a-f-]{36}\]\[note\] as user \[ann@example.com\]"
    assert all(re.fullmatch(pattern, line) for line in executed)
    found = effects(stage, "tick")
    assert {who for who, _ in found} == {"ann@example.com"}
    assert len({moment for _, moment in found}) == len(found) == len(executed)
    assert runs(stage) == [("tick", "ok", None)] * len(found)


def test_rows_that_cannot_be_registered_are_named_and_stop_nothing(stage: Database) -> None:
    apply(stage, [task("good"), task("bad"), task("nobody"), task("odd")])
    stage.query("UPDATE task SET schedule = '61 * * * *' WHERE name = 'bad'")
    stage.query("UPDATE task SET as_user_id = NULL WHERE name = 'nobody'")
    stage.query("UPDATE task SET attributes = '[1]' WHERE name = 'odd'")
    with scheduler(stage) as process:
        eventually(lambda: effects(stage, "good"))
        assert end(process) == 0
    refused = sorted(line for line in lines() if "Failed to start" in line)
    assert refused == [
        "ERRO Failed to start scheduled job: bad: not a schedule: 61 is above the largest minute, 59: "
        "allowed are 0 to 59",
        "ERRO Failed to start scheduled job: nobody: it names no user to run as (as_user_id is NULL)",
        "ERRO Failed to start scheduled job: odd: its attributes are JSON, but no object",
    ]


@pytest.mark.parametrize(
    ("action", "error"),
    [
        ("boom", "the door is closed"),
        ("quit", "SystemExit: enough"),
        ("commit", "the action ended the transaction of its run"),
    ],
)
def test_a_failing_action_leaves_nothing_and_others_go_on(stage: Database, action: str, error: str) -> None:
    apply(stage, [task("fails", action=action), task("works")])
    with scheduler(stage) as process:
        eventually(lambda: len(effects(stage, "works")) >= 3)
        assert end(process) == 0
    assert effects(stage, "fails") == []
    assert set(runs(stage, name="fails")) == {("fails", "failed", error)}
    assert f"ERRO Errors while executing action 109: {error}" in lines()
    assert set(runs(stage, name="works")) == {("works", "ok", None)}


def test_a_user_who_may_not_is_refused(stage: Database) -> None:
    apply(stage, [task("tick")])
    stage.query("UPDATE action SET permission = 0 WHERE action_name = 'note'")
    with scheduler(stage) as process:
        eventually(lambda: runs(stage, state="failed"))
        assert end(process) == 0
    assert effects(stage, "tick") == []
    error = "ann@example.com may not execute the action 'note'"
    assert set(runs(stage)) == {("tick", "failed", error)}


def test_a_time_out_ends_the_run_and_not_the_scheduler(stage: Database) -> None:
    apply(stage, [task("long", action="sleep", Scheduler={"Timeout": "1s"}), task("works")])
    with scheduler(stage, "--workers", "4", "--grace", "2s") as process:
        if stage.kind != "sqlite":  # there a run that writes keeps every other one out
            eventually(lambda: len(effects(stage, "works")) >= 2)
        eventually(lambda: runs(stage, name="long", state="cancelled"))
        end(process)
    assert effects(stage, "long") == []
    assert ("long", "cancelled", "it took longer than its Timeout of 1 s") in runs(stage)


def test_a_statement_that_takes_too_long_is_stopped(stage: Database) -> None:
    if stage.kind == "sqlite":
        pytest.skip("SQLite has no statement that waits")
    apply(stage, [task("long", "@every 2s", "slow_sql", Scheduler={"Timeout": "1s"})])
    with scheduler(stage) as process:
        eventually(lambda: runs(stage, name="long", state="cancelled"))
        going = {
            "postgresql": "SELECT query FROM pg_stat_activity"
            " WHERE state = 'active' AND datname = current_database()",
            "mysql": "SELECT info FROM information_schema.processlist WHERE db = database()",
        }[stage.kind]
        eventually(lambda: not any("sleep(60)" in str(sql) for (sql,) in stage.query(going)))
        process.kill()


def test_the_grace_runs_out(stage: Database) -> None:
    apply(stage, [task("long", action="sleep")])
    with scheduler(stage, "--grace", "1s") as process:
        eventually(lambda: runs(stage, state="running"))
        assert end(process) == 1
    assert effects(stage, "long") == []
    ended = {state for _, state, _ in runs(stage)}
    assert ended == {"cancelled"}
    assert "INFO Stopped: the grace ran out" in lines()


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_second_signal_ends_at_once(stage: Database, sign: signal.Signals, code: int) -> None:
    apply(stage, [task("long", action="sleep")])
    with scheduler(stage) as process:
        eventually(lambda: runs(stage, state="running"))
        process.send_signal(sign)
        eventually(lambda: any("Stopping" in line for line in lines()))
        assert end(process, sign) == code


def test_what_a_killed_process_left_is_lost_and_what_came_later_missed(stage: Database) -> None:
    apply(stage, [task("long", action="sleep"), task("tick", "@every 2s")])
    with scheduler(stage) as process:
        eventually(lambda: runs(stage, name="long", state="running"))
        process.kill()
        process.wait()
    before = len(runs(stage))
    stage.query("UPDATE reconciler_process SET heartbeat_at = '2020-01-01 00:00:00'")
    stage.query(
        "UPDATE task SET active = ? WHERE name = 'long'", (False if stage.kind == "postgresql" else 0,)
    )
    import time

    time.sleep(3)
    with scheduler(stage, log="second") as process:
        eventually(lambda: runs(stage, name="long", state="lost"))
        eventually(lambda: runs(stage, name="tick", state="missed"))
        assert end(process) == 0
    assert not runs(stage, name="long", state="running")
    assert not runs(stage, name="long", state="missed")  # it is switched off: nothing of it is missing
    assert len(runs(stage)) > before
    assert any(re.search(rf"Missed task \[tick\] .*{MOMENT}", line) for line in lines("second"))


def test_two_replicas_run_each_fire_once(stage: Database) -> None:
    apply(stage, [task(f"t{number}") for number in range(20)])
    if stage.kind == "sqlite":
        with scheduler(stage) as first:
            eventually(lambda: effects(stage, "t0"))
            second = start(stage, log="second")
            assert second.wait(20) == 4
            assert "another task-scheduler runs on" in "\n".join(lines("second"))
            assert end(first) == 0
        return
    with scheduler(stage, log="one") as one, scheduler(stage, log="two") as two:
        eventually(lambda: len(effects(stage, "t0")) >= 5)
        assert (end(one), end(two)) == (0, 0)
    done = stage.query("SELECT task, moment, count(*) FROM effect GROUP BY task, moment")
    assert {count for _, _, count in done} == {1}
    assert len(done) == len(runs(stage, state="ok"))
    moments = sorted({moment for _, moment, _ in done})[1:-1]
    assert all(sum(moment == one[1] for one in done) == 20 for moment in moments)  # none is left out


def test_a_target_that_is_not_there(stage: Database) -> None:
    url = stage.url.replace(stage.name, f"{stage.name}_not")
    process = start(Database(kind=stage.kind, url=url, name="", server=None))
    assert process.wait(30) == 4
    assert lines()[0].startswith("task-scheduler: there is no database")
