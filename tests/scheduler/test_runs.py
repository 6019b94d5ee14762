"""One run on a real database: what it leaves there, however it ends."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from reconciler.actions import ActionFailed, Run
from reconciler.actions.run import Function
from reconciler.database.runs import claim_runs
from reconciler.scheduler.claims import new_run
from reconciler.scheduler.timetable import jitter_of
from tests.databases import Database
from tests.scheduler.bed import NOW, PROCESS, Attributes, Bed, moment_of, note, saying
from tests.scheduler.claiming import MOMENT, claim


@pytest.fixture
def bed(stage: Database) -> Bed:
    return Bed(stage)


def and_then(raised: BaseException) -> Function:
    def function(run: Run, attributes: Attributes) -> None:
        note(run)
        raise raised

    return function


def test_effects_and_ok_are_committed_together(bed: Bed) -> None:
    seen: list[Any] = []

    def function(run: Run, attributes: Attributes) -> None:
        note(run)
        state = "SELECT state FROM reconciler_run"
        seen.append(run.connection.exec_driver_sql(state).scalar_one())
        if bed.database.kind != "sqlite":  # nobody else sees what is not committed
            seen.append(bed.effects)
        seen.append((run.user.email, run.task.name, run.fire_time.isoformat(), dict(attributes)))

    one = bed.claim(name="nightly", attributes={"n": 1})
    row = bed.act(function, one)
    assert bed.effects == ["ann@example.com"]
    assert (row.state, row.error, row.started_at, row.finished_at) == ("ok", None, *[moment_of(NOW)] * 2)
    assert seen[0] == "running"
    assert seen[1:-1] in ([], [[]])
    assert seen[-1] == ("ann@example.com", "nightly", "2026-11-24T10:00:00+00:00", {"n": 1})
    assert bed.counters.snapshot().runs == {"ok": 1}
    assert bed.ended == [one]


class Mute(Exception):
    def __str__(self) -> str:
        raise Mute


RAISED = (
    (ActionFailed("the door is closed"), "the door is closed"),
    (ActionFailed("two\nlines"), "two lines"),
    (ValueError("no"), "ValueError: no"),
    (SystemExit("enough"), "SystemExit: enough"),
    (KeyboardInterrupt(), "KeyboardInterrupt"),
    (BaseExceptionGroup("both", [SystemExit(1)]), "BaseExceptionGroup: both (1 sub-exception)"),
    (Mute(), "Mute: its message cannot be read: Mute"),
    (RecursionError("deep"), "RecursionError: deep"),
)


def test_whatever_is_raised_rolls_back_and_fails_that_run_alone(bed: Bed) -> None:
    ended = [bed.act(and_then(raised)) for raised, _ in RAISED]
    assert [(row.state, row.error) for row in ended] == [("failed", error) for _, error in RAISED]
    assert bed.effects == []
    assert bed.act(note).state == "ok"
    assert bed.effects == ["ann@example.com"]
    assert bed.counters.snapshot().runs == {"failed": len(RAISED), "ok": 1}


def test_what_an_action_does_to_its_attributes_is_no_matter_of_the_next_run(bed: Bed) -> None:
    seen: list[Any] = []

    def function(run: Run, attributes: Attributes) -> None:
        attributes["deep"]["list"].append(1)
        seen.append(attributes["deep"]["list"])

    first = bed.claim(attributes={"deep": {"list": []}})
    again = claim()._replace(task=first.task, moment=MOMENT + timedelta(seconds=1))
    with bed.target() as target:
        claim_runs(target, PROCESS, [new_run(again)], now=MOMENT)
    assert [bed.act(function, one).state for one in (first, again)] == ["ok", "ok"]
    assert seen == [[1], [1]]


ENDED = "the action ended the transaction of its run"


@pytest.mark.parametrize(
    "statements", [("COMMIT",), ("ROLLBACK",), ("COMMIT", "INSERT INTO effect VALUES ('','','')")]
)
def test_an_action_that_ends_its_transaction_fails(statements: tuple[str, ...], bed: Bed) -> None:
    row = bed.act(saying(*statements))
    assert (row.state, row.error) == ("failed", ENDED)


CHAINED = "COMMIT AND CHAIN"  # which SQLite does not know


@pytest.mark.parametrize(
    "statements",
    [
        ("COMMIT", "BEGIN"),
        ("-- so far\nrollback", "/* and on */ begin"),
        (CHAINED,),
        ("COMMIT", "SAVEPOINT s"),  # on SQLite that begins
    ],
)
def test_an_action_that_begins_another_transaction_fails(statements: tuple[str, ...], bed: Bed) -> None:
    row = bed.act(saying(*statements))
    own_error = {"sqlite": CHAINED, "postgresql": "SAVEPOINT s"}.get(bed.database.kind)
    assert row.state == "failed"
    assert (row.error == ENDED) is (own_error not in statements)
    assert bed.act(note).state == "ok"


def test_an_action_that_ends_its_transaction_for_a_savepoint_fails(bed: Bed) -> None:
    """On SQLite a savepoint without a transaction begins one."""

    def function(run: Run, attributes: Attributes) -> None:
        note(run)
        run.connection.commit()
        with suppress(DBAPIError):
            run.connection.begin_nested()

    row = bed.act(function)
    assert (row.state, row.error) == ("failed", ENDED)


def test_another_connection_of_an_action_commits_as_it_likes(bed: Bed) -> None:

    def function(run: Run, attributes: Attributes) -> None:
        with run.connection.engine.connect() as other, other.begin():
            other.execute(text("SELECT who FROM effect"))
        note(run)

    assert bed.act(function).state == "ok"
    assert bed.effects == ["ann@example.com"]


SETTINGS = {
    "sqlite": ("PRAGMA cache_size = 1234", "PRAGMA cache_size"),
    "postgresql": ("SET search_path = public, pg_temp", "SHOW search_path"),
    "mysql": ("set session time_zone = '+05:00'", "SELECT @@session.time_zone"),
}


def test_options_of_the_connection_are_an_action_s_own(bed: Bed) -> None:
    def function(run: Run, attributes: Attributes) -> None:
        run.connection.execution_options(yield_per=10)

    assert bed.act(function).state == "ok"
    assert bed.act(saying("UPDATE effect SET who = 'nobody'")).state == "ok"


def test_what_an_action_sets_is_not_set_for_the_next_run(bed: Bed) -> None:
    set_, ask = SETTINGS[bed.database.kind]
    seen: list[Any] = []

    def asking(run: Run, attributes: Attributes) -> None:
        seen.append(run.connection.exec_driver_sql(ask).scalar_one())

    def setting(run: Run, attributes: Attributes) -> None:
        run.connection.execute(text(set_))
        asking(run, attributes)

    assert [bed.act(function).state for function in (asking, setting, asking)] == ["ok"] * 3
    before, within, after = seen
    assert before == after != within


def test_a_connection_of_which_nothing_was_set_is_kept(bed: Bed) -> None:
    seen = []

    def function(run: Run, attributes: Attributes) -> None:
        note(run)
        if bed.database.kind == "postgresql":
            run.connection.exec_driver_sql("SET LOCAL search_path = public")
        seen.append(run.connection)

    assert [bed.act(function).state for _ in range(2)] == ["ok"] * 2
    assert seen[0] is seen[1]


def test_an_action_that_commits_by_its_connection_fails(bed: Bed) -> None:
    def function(run: Run, attributes: Attributes) -> None:
        note(run)
        run.connection.commit()

    row = bed.act(function)
    assert (row.state, row.error) == ("failed", ENDED)


def test_a_definition_that_commits_fails_the_run_where_it_does(bed: Bed) -> None:
    """On MySQL each one does."""
    row = bed.act(saying("CREATE TABLE other (id INTEGER)", "INSERT INTO other VALUES (1)"))
    expected = ("failed", ENDED) if bed.database.kind == "mysql" else ("ok", None)
    assert (row.state, row.error) == expected


def test_an_action_that_passes_over_an_error_of_its_transaction(bed: Bed) -> None:
    def function(run: Run, attributes: Attributes) -> None:
        note(run)
        with pytest.raises(Exception, match="nowhere"):
            run.connection.exec_driver_sql("SELECT * FROM nowhere")

    row = bed.act(function)
    if bed.database.kind == "postgresql":  # there nothing can be committed any more
        assert row.state == "failed"
        assert "aborted" in (row.error or "")
        assert bed.effects == []
    else:
        assert row.state == "ok"


def test_savepoints_are_the_action_s_own(bed: Bed) -> None:
    def function(run: Run, attributes: Attributes) -> None:
        note(run)
        nested = run.connection.begin_nested()
        note(run)
        nested.rollback()
        with run.connection.begin_nested():
            note(run)

    for _ in range(2):
        assert bed.act(function).state == "ok"
    assert bed.effects == ["ann@example.com"] * 4


@pytest.mark.parametrize("verb", ["lost", "cancelled"])
def test_a_run_that_was_declared_over_writes_nothing(verb: str, bed: Bed) -> None:
    def function(run: Run, attributes: Attributes) -> None:
        note(run)
        statement = f"UPDATE reconciler_run SET state = '{verb}'"
        if bed.database.kind == "sqlite":  # it has one writer
            run.connection.exec_driver_sql(statement)
        else:
            bed.database.query(statement)

    row = bed.act(function)
    assert row.state == ("running" if bed.database.kind == "sqlite" else verb)
    assert bed.effects == []
    assert bed.counters.snapshot().runs == {}


def test_a_run_that_is_not_claimed_any_more_does_not_begin(bed: Bed) -> None:
    for state in ("running", "ok", "lost", "cancelled"):
        one = bed.claim()
        bed.database.query("UPDATE reconciler_run SET state = ? WHERE run_id = ?", (state, one.run_id))
        assert bed.act(note, one).state == state
    assert bed.effects == []
    assert len(bed.ended) == 4


PERMISSIONS = {  # guest 1 << 5, owner 1 << 12, group 1 << 19, authenticated 1 << 21
    "nothing": (0, 0, 0, False),
    "guest": (1 << 5, 0, 0, True),
    "authenticated": (1 << 21, 0, 0, True),
    "owner": (1 << 12, 1, 0, True),
    "owner without the bit": (1 << 19, 1, 0, False),
    "the object's own group bit": (1 << 19, 0, 0, False),
    "a group of hers": (0, 0, 1 << 19, True),
    "a group of hers without the bit": (0, 0, 1 << 5, False),
}


def rolling_back(run: Run, attributes: Attributes) -> None:
    note(run)
    nested = run.connection.begin_nested()
    note(run)
    nested.rollback()


FLUSHING = {
    "a savepoint": rolling_back,
    "a table": saying("CREATE TABLE part (n INTEGER)", "DROP TABLE part"),
    "a column": saying("CREATE TABLE part (n INTEGER)", "ALTER TABLE part ADD m INTEGER", "DROP TABLE part"),
}


@pytest.mark.parametrize("what", FLUSHING)
def test_on_a_connection_that_has_run_many_an_action_may_do_what_it_may_on_a_new_one(
    what: str, bed: Bed
) -> None:
    """A driver prepares what recurs, and throws it away after these, and with it what others prepared."""
    for _ in range(8):
        assert bed.act(note).state == "ok"
    if bed.database.kind == "mysql" and what != "a savepoint":
        pytest.skip("there the definition of a table ends the transaction")
    for _ in range(8):
        assert bed.act(FLUSHING[what]).error is None
        assert bed.act(note).state == "ok"
    assert len(bed.effects) == 24


def test_a_claim_that_was_cancelled_disturbs_no_other_run(bed: Bed) -> None:
    for _ in range(8):
        assert bed.act(note).state == "ok"
    for _ in range(8):
        one = bed.claim()
        bed.database.query("UPDATE reconciler_run SET state = 'cancelled' WHERE run_id = ?", (one.run_id,))
        assert bed.act(note, one).state == "cancelled"
        assert bed.act(note).state == "ok"


def test_a_table_that_is_altered_disturbs_no_run(bed: Bed) -> None:
    if bed.database.kind == "sqlite":
        pytest.skip("its columns have no types")
    for _ in range(8):
        assert bed.act(note).state == "ok"
    wider = {
        "postgresql": "ALTER TABLE world ALTER COLUMN permission TYPE bigint",
        "mysql": "ALTER TABLE world MODIFY permission BIGINT",
    }
    bed.database.query(wider[bed.database.kind])
    assert bed.act(note).state == "ok"


def test_a_trigger_that_fails_the_commit_fails_the_run(bed: Bed) -> None:
    """With an error that is not to be taken for anything else."""
    if bed.database.kind != "postgresql":
        pytest.skip("it has no triggers that wait for the commit")
    bed.database.query(
        "CREATE FUNCTION count_who() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM 1 / (SELECT count(*) FROM effect WHERE who = 'nobody'); RETURN NULL; END $$"
    )
    bed.database.query(
        "CREATE CONSTRAINT TRIGGER counted AFTER INSERT ON effect DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION count_who()"
    )
    row = bed.act(note)
    assert row.state == "failed"
    assert "division by zero" in (row.error or "")
    assert bed.counters.snapshot().runs == {"failed": 1}


@pytest.mark.parametrize("gate", ["action", "world"])
def test_who_may_execute(gate: str, bed: Bed) -> None:
    where = "action_name = 'note'" if gate == "action" else "table_name = 'job'"
    ((gate_id,),) = bed.database.query(f"SELECT id FROM {gate} WHERE {where}")
    named = "the action 'note'" if gate == "action" else "the entity 'job'"
    refused = ("failed", f"ann@example.com may not execute {named}")
    group, found = join_group(bed, 3), {}
    for case, (permission, is_owner, of_group, _) in PERMISSIONS.items():
        owner = bed.ann if is_owner else None
        values = (permission, owner, gate_id)
        bed.database.query(f"UPDATE {gate} SET permission = ?, user_account_id = ? WHERE id = ?", values)
        grant(bed, gate, gate_id, group, of_group)
        row = bed.act(note)
        found[case] = (row.state, row.error)
    assert found == {case: ("ok", None) if may else refused for case, (*_, may) in PERMISSIONS.items()}
    assert len(bed.effects) == sum(may for *_, may in PERMISSIONS.values())


def grant(bed: Bed, gate: str, gate_id: int, group: int, permission: int) -> None:
    joined = f"{gate}_{gate}_id_has_usergroup_usergroup_id"
    bed.database.query(f"DELETE FROM {joined} WHERE {gate}_id = ?", (gate_id,))
    bed.database.query(
        f"INSERT INTO {joined} ({gate}_id, usergroup_id, reference_id, permission) VALUES (?, ?, ?, ?)",
        (gate_id, group, b"j" * 16, permission),
    )


def join_group(bed: Bed, group: int) -> int:
    joined = "user_account_user_account_id_has_usergroup_usergroup_id"
    bed.database.query(f"DELETE FROM {joined} WHERE user_account_id = ?", (bed.ann,))
    bed.database.query(
        f"INSERT INTO {joined} (user_account_id, usergroup_id, reference_id, permission) VALUES (?, ?, ?, 0)",
        (bed.ann, group, b"u" * 16),
    )
    return group


def test_administrators_may_everything(bed: Bed) -> None:
    bed.database.query("UPDATE action SET permission = 0")
    bed.database.query("UPDATE world SET permission = 0")
    assert bed.act(note).state == "failed"
    join_group(bed, 2)
    assert bed.act(note).state == "ok"


CLOSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"as_user_id": None}, "the task names no user to run as"),
    ({"as_user_id": 4711}, "the user 4711 that it is to run as does not exist"),
    ({"entity_name": "nowhere"}, "there is no entity 'nowhere'"),
    ({"action": "nothing"}, "there is no action 'nothing' on the entity 'job'"),
)


def test_a_run_fails_closed(bed: Bed) -> None:
    bed.functions |= {("nowhere", "note"): note, ("job", "nothing"): note}
    ended = [bed.act(note, bed.claim(**keys)) for keys, _ in CLOSED]
    assert [(row.state, row.error) for row in ended] == [("failed", error) for _, error in CLOSED]
    assert bed.effects == []


def test_a_task_without_a_function_fails(bed: Bed) -> None:
    one = bed.claim(action="boom")
    bed.runner.execute(one)
    row = bed.write(one)
    assert (row.state, row.error) == ("failed", "nothing here executes job/boom")


def test_the_lag_is_that_of_fires(bed: Bed) -> None:
    """From when the start was due, which jitter puts off; what is caught up was due long ago."""
    late = bed.claim(name="spread", jitter=30)
    assert jitter_of(late.task) > 2  # it starts before it is due, as far as this clock goes
    for one in (bed.claim(), late, bed.claim(cause="catch-up"), bed.claim(cause="manual")):
        assert bed.act(note, one).state == "ok"
    told = bed.counters.snapshot().lag
    assert (sum(told.counts), told.total) == (2, 2.0)
