"""Runs that do not come to their own end: cancelled, cut off from the database, executed elsewhere."""

import re
import threading
import time
from typing import Any

import pytest

from reconciler.actions import ActionFailed, Run
from reconciler.actions.run import Function
from reconciler.database.identity import Identity
from reconciler.database.runs import Ending
from reconciler.scheduler.fires import Claim
from tests.databases import Database
from tests.proxy import Proxy, proxied
from tests.scheduler.bed import NOW, Attributes, Bed, kill_all, moment_of, note, saying
from tests.scheduler.conftest import eventually


@pytest.fixture
def bed(stage: Database) -> Bed:
    return Bed(stage)


@pytest.fixture
def server(stage: Database) -> Database:
    if stage.kind == "sqlite":
        pytest.skip("a file has no connection to break, and no other to wait for")
    return stage


# Cancelled runs


SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000000)"
    " SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
    "mysql": "SELECT sleep(60)",
}


def start(bed: Bed, function: Function) -> tuple[Claim, threading.Thread]:
    """Run it in a thread, until it acts."""
    acting = threading.Event()

    def watched(run: Run, attributes: Attributes) -> None:
        note(run)
        acting.set()
        function(run, attributes)

    bed.functions["job", "note"] = watched
    one = bed.claim(timeout=1.0)
    thread = threading.Thread(target=bed.runner.execute, args=(one,), daemon=True)
    thread.start()
    assert acting.wait(20)
    return one, thread


def cancel(bed: Bed, one: Claim) -> None:
    assert bed.running.overdue(NOW + 0.9) == []
    (going,) = bed.running.overdue(NOW + 1.0)
    assert bed.running.cancel(going)
    bed.journal.add(Ending(one.run_id, "cancelled", "too long", moment_of(NOW)))
    assert not bed.running.cancel(going)  # it is out


def test_a_statement_that_takes_too_long_is_stopped(bed: Bed) -> None:
    one, thread = start(bed, saying(SLOW[bed.database.kind]))
    time.sleep(0.2)  # the statement is there by now
    cancel(bed, one)
    thread.join(20)
    assert not thread.is_alive()
    row = bed.write(one)
    assert (row.state, row.error) == ("cancelled", "too long")
    assert bed.effects == []
    assert bed.act(note).state == "ok"


def test_an_action_that_never_ends_holds_nobody_up(bed: Bed) -> None:
    let_go = threading.Event()
    one, thread = start(bed, lambda run, attributes: assert_true(let_go.wait(30)))
    cancel(bed, one)
    assert bed.write(one).state == "cancelled"
    assert bed.act(note).state == "ok"  # on SQLite it would wait for the other's transaction
    let_go.set()
    thread.join(20)
    assert bed.write(one).state == "cancelled"
    assert bed.effects == ["ann@example.com"]
    assert bed.counters.snapshot().runs == {"ok": 1}


def assert_true(value: bool) -> None:
    assert value


LOCK = {
    "postgresql": "LOCK TABLE user_account IN ACCESS EXCLUSIVE MODE",
    "mysql": "LOCK TABLES user_account WRITE",
}


def test_a_run_that_waits_for_its_identity_can_be_cancelled(server: Database) -> None:
    bed = Bed(server)
    one = bed.claim(timeout=1.0)
    thread = threading.Thread(target=bed.runner.execute, args=(one,), daemon=True)
    with server.connection() as other:
        other.cursor().execute(LOCK[server.kind])
        thread.start()
        eventually(lambda: bed.running.overdue(NOW + 1.0))
        time.sleep(0.2)  # it waits by now
        cancel(bed, one)
        thread.join(20)
        assert not thread.is_alive()
    assert bed.write(one).state == "cancelled"
    assert bed.act(note).state == "ok"


def test_an_action_that_looks_at_its_flag_ends(bed: Bed) -> None:
    seen: list[bool] = []
    one, thread = start(bed, lambda run, attributes: seen.append(run.cancelled.wait(20)))
    cancel(bed, one)
    thread.join(20)
    assert seen == [True]
    assert bed.write(one).state == "cancelled"
    assert bed.effects == []


def test_an_action_that_sets_its_own_flag_is_recorded(bed: Bed) -> None:
    def function(run: Run, attributes: Attributes) -> None:
        run.cancelled.set()
        raise ActionFailed("I give up")

    row = bed.act(function)
    assert (row.state, row.error) == ("failed", "I give up")


# Connections that break


def test_a_connection_that_broke_between_two_runs_is_opened_anew(server: Database) -> None:
    bed = Bed(server)
    assert bed.act(note).state == "ok"
    kill_all(bed)
    assert bed.act(note).state == "ok"
    assert bed.effects == ["ann@example.com"] * 2


def test_a_connection_that_breaks_in_a_run_fails_it_and_no_other(server: Database) -> None:
    bed = Bed(server)

    def function(run: Run, attributes: Attributes) -> None:
        note(run)
        kill_all(bed)
        note(run)

    row = bed.act(function)
    assert row.state == "failed"
    assert "\n" not in (row.error or "\n")
    assert bed.effects == []
    assert bed.act(note).state == "ok"


BEGINNING = re.compile(rb"SET state = 'running'|COMMIT AND CHAIN")


def arming(proxy: Proxy) -> Function:
    """An action after which the proxy waits for the commit."""

    def function(run: Run, attributes: Attributes) -> None:
        note(run)
        proxy.armed.set()

    return function


def test_a_commit_whose_answer_is_lost_keeps_its_ok(server: Database) -> None:
    """It was committed: the failure that is handed in finds the run ended."""
    bed = Bed(server)
    with proxied(server, passes_on=True) as (proxy, url):
        bed.through(url)
        row = bed.act(arming(proxy))
    assert proxy.cut.is_set()
    assert (row.state, row.error) == ("ok", None)
    assert bed.effects == ["ann@example.com"]
    assert bed.counters.snapshot().runs == {"ok": 1}


def test_a_commit_that_did_not_arrive_fails(server: Database) -> None:
    bed = Bed(server)
    with proxied(server, passes_on=False) as (proxy, url):
        bed.through(url)
        row = bed.act(arming(proxy))
    assert proxy.cut.is_set()
    assert row.state == "failed"
    assert "was lost in the commit" in (row.error or "")
    assert bed.effects == []


@pytest.mark.parametrize("passes_on", [True, False])
def test_a_run_whose_beginning_is_lost_begins_again(server: Database, passes_on: bool) -> None:
    """Nothing has happened by then, whether it was written that it runs or not."""
    bed = Bed(server)
    with proxied(server, passes_on=passes_on, cuts_at=BEGINNING) as (proxy, url):
        bed.through(url)
        assert bed.act(note).state == "ok"  # it has its connection, with what is prepared there
        proxy.armed.set()
        row = bed.act(note)
    assert proxy.cut.is_set()
    assert (row.state, row.error) == ("ok", None)
    assert bed.effects == ["ann@example.com"] * 2


def test_a_run_that_no_second_attempt_helps_fails_at_once(bed: Bed) -> None:
    """The clock of these runs stands still: patience would never end."""
    bed.database.query("ALTER TABLE usergroup RENAME TO elsewhere")
    row = bed.act(note)
    assert row.state == "failed"
    assert "has no table that we need" in (row.error or "")
    bed.database.query("ALTER TABLE elsewhere RENAME TO usergroup")
    assert bed.act(note).state == "ok"


# Actions that are executed elsewhere


def test_elsewhere_no_transaction_is_open_and_the_end_is_written(bed: Bed) -> None:
    asked: list[Any] = []

    def remote(identity: Identity, one: Claim, cancelled: threading.Event) -> None:
        ((state,),) = bed.database.query("SELECT state FROM reconciler_run")
        bed.database.query("UPDATE reconciler_run SET error = 'nobody holds a lock'")
        asked.append((identity.user and identity.user.email, one.task.row.action_name, state))

    one = bed.claim(action="sleep")
    bed.make(remote).execute(one)
    assert asked == [("ann@example.com", "sleep", "running")]
    assert bed.write(one).state == "ok"


def test_what_was_done_elsewhere_is_ok_although_the_connection_broke(server: Database) -> None:
    bed = Bed(server)
    one = bed.claim(action="sleep")
    bed.make(lambda *_: kill_all(bed)).execute(one)
    row = bed.write(one)
    assert (row.state, row.error) == ("ok", None)
    assert bed.counters.snapshot().runs == {"ok": 1}


def test_elsewhere_a_run_is_refused_as_here(bed: Bed) -> None:
    bed.database.query("UPDATE action SET permission = 0")
    asked: list[Claim] = []
    one = bed.claim(action="sleep")
    bed.make(lambda identity, given, cancelled: asked.append(given)).execute(one)
    row = bed.write(one)
    assert (row.state, row.error) == ("failed", "ann@example.com may not execute the action 'sleep'")
    assert asked == []
