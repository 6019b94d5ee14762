"""Holds on every kind of database: put on, shown, kept by an apply, restored, and in nobody's way."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from tests.behaviour.program import (
    all_of,
    dry_run,
    guests,
    on,
    only_line,
    ran,
    rows,
    succeed,
    task,
    write,
)
from tests.databases import Database

NOON = ("--now", "2026-12-01T12:00Z")
TWO = ("--now", "2026-12-01T14:00Z")
MONTH_END = ("--until", "2h", "--reason", "month end")
DAPTIN = ("--reader", "daptin")


def held(database: Database, *words: str) -> Any:
    return succeed(database, "holds", "--format", "json", *words).json["holds"]


def levers(database: Database, name: str) -> tuple[bool, int | None, int]:
    ((active, user, version),) = database.query(
        "SELECT active, as_user_id, version FROM task WHERE name = ?", (name,)
    )
    return bool(active), user, version


def test_a_hold_keeps_git_from_a_row_until_it_ends(lived_in: Database) -> None:
    file = write("tasks.yaml", [task("daily"), task("weekly")])
    succeed(lived_in, file)
    succeed(lived_in, "hold", "daily", *MONTH_END, *NOON)
    before = rows(lived_in, "name = 'daily'")
    write("tasks.yaml", [task("daily", Schedule="@hourly"), task("weekly", Schedule="@hourly")])
    during = dry_run(lived_in, file, *NOON)
    assert [one["name"] for one in during["changes"]] == ["weekly"]
    assert [(one["name"], one["change"]["action"]) for one in during["held"]] == [("daily", "update")]
    assert "Applied and verified" in succeed(lived_in, file, *NOON, "--max-update", "100%").out
    assert rows(lived_in, "name = 'daily'") == before
    assert succeed(lived_in, "--dry-run", "--detailed-exitcode", file, *NOON).code == 0
    assert [one["name"] for one in dry_run(lived_in, file, *TWO)["changes"]] == ["daily"]
    succeed(lived_in, file, *TWO, "--max-update", "100%")
    assert held(lived_in, *TWO) == []
    assert dry_run(lived_in, file, *TWO)["held"] == []


def test_a_task_taken_out_of_git_waits_too(lived_in: Database) -> None:
    file = write("tasks.yaml", [task("daily"), task("weekly")])
    succeed(lived_in, file)
    succeed(lived_in, "hold", "daily", *MONTH_END, *NOON, *DAPTIN)
    write("tasks.yaml", [task("weekly")])
    assert "Nothing to apply." in succeed(lived_in, file, *NOON).out
    (one,) = dry_run(lived_in, file, *TWO)["changes"]
    assert (one["action"], one["before"]["Active"], one["before"]["AsUserEmail"]) == (
        "delete",
        True,
        "ann@example.com",
    )
    succeed(lived_in, file, *TWO, "--max-delete", "100%")
    assert rows(lived_in, "name = 'daily'") == []
    assert held(lived_in) == []


def test_where_daptin_reads_the_row_is_inert_for_as_long_as_it_lasts(daptin: Database) -> None:
    file = write("tasks.yaml", [guests("nightly"), guests("paused", Active=False)])
    succeed(daptin, file)
    active, user, version = levers(daptin, "nightly")
    assert active
    assert user is not None
    told = succeed(daptin, "hold", "nightly", "paused", *MONTH_END, *NOON, *DAPTIN).out
    assert "Daptin reads its table when it starts: restart it" in told
    assert levers(daptin, "nightly") == (False, None, version + 1)
    assert [one["is_inert"] for one in held(daptin, *NOON)] == [True, True]
    written = all_of(daptin)
    assert "Nothing to apply." in succeed(daptin, file, *NOON).out
    assert succeed(daptin, "drift", file, *NOON).code == 0
    assert all_of(daptin) == written
    plan = dry_run(daptin, file, *TWO)
    assert ([one["name"] for one in plan["restored"]], plan["changes"]) == (["nightly", "paused"], [])
    applied = succeed(daptin, file, *TWO).out
    assert "Applied and verified" in applied
    assert "restart the one that reads this one" in applied
    assert levers(daptin, "nightly") == (True, user, version + 2)
    assert levers(daptin, "paused")[:2] == (False, user)
    assert (held(daptin), dry_run(daptin, file, *TWO)["restored"]) == ([], [])


def test_rows_that_daptin_made_are_held_and_given_back(lived_in: Database) -> None:
    before = rows(lived_in)
    succeed(lived_in, "hold", "*", *MONTH_END, *NOON, *DAPTIN)
    assert {bool(active) for (active,) in lived_in.query("SELECT active FROM task")} == {False}
    assert lived_in.query("SELECT id FROM task WHERE as_user_id IS NOT NULL") == []
    succeed(lived_in, "unhold", "*")
    columns = [name for name in _columns(lived_in) if name not in ("version", "updated_at")]
    assert _told(lived_in, columns) == _told_of(before, _columns(lived_in), columns)


def _columns(database: Database) -> list[str]:
    with database.connection() as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT * FROM task")
        return [one[0] for one in cursor.description]


def _told(database: Database, columns: list[str]) -> list[tuple[Any, ...]]:
    return _told_of(rows(database), _columns(database), columns)


def _told_of(found: list[tuple[Any, ...]], every: list[str], columns: list[str]) -> list[tuple[Any, ...]]:
    places = [every.index(name) for name in columns]
    return [tuple(row[place] for place in places) for row in found]


def test_a_second_hold_remembers_what_the_first_one_took(lived_in: Database) -> None:
    user = levers(lived_in, "heartbeat")[1]
    succeed(lived_in, "hold", "heartbeat", *MONTH_END, *NOON, *DAPTIN)
    again = succeed(lived_in, "hold", "heartbeat", "--until", "3d", "--reason", "longer", *NOON, *DAPTIN).out
    assert "instead of until 2026-12-01 14:00 UTC by" in again
    succeed(lived_in, "hold", "heartbeat", "--until", "1d", "--reason", "as the scheduler", *NOON)
    succeed(lived_in, "unhold", "heart*")
    assert levers(lived_in, "heartbeat")[:2] == (True, user)


def test_what_somebody_does_to_an_inert_row_is_left_as_it_is(lived_in: Database) -> None:
    succeed(lived_in, "hold", "heartbeat", *MONTH_END, *NOON, *DAPTIN)
    lived_in.query("UPDATE task SET active = ?, version = version + 1 WHERE name = 'heartbeat'", (True,))
    before = levers(lived_in, "heartbeat")
    told = succeed(lived_in, "unhold", "heartbeat").out
    assert "made active or given a user by somebody since" in told
    assert levers(lived_in, "heartbeat") == before


def test_a_user_who_is_gone_is_not_given_back(database: Database) -> None:
    succeed(database, "init")
    succeed(database, "users", "add", "left@example.com")
    succeed(database, "users", "add", "ann@example.com", "--group", "administrators")
    succeed(database, "actions", "add", "event", "log_run", "--input", "note?")
    file = write("tasks.yaml", [task("daily", AsUserEmail="left@example.com")])
    succeed(database, file)
    succeed(database, "hold", "daily", *MONTH_END, *NOON, *DAPTIN)
    groups = "user_account_user_account_id_has_usergroup_usergroup_id"
    ((left,),) = database.query("SELECT id FROM user_account WHERE email = 'left@example.com'")
    database.query(f"DELETE FROM {groups} WHERE user_account_id = ?", (left,))
    database.query("UPDATE task SET user_account_id = NULL WHERE user_account_id = ?", (left,))
    database.query("DELETE FROM user_account WHERE id = ?", (left,))
    write("tasks.yaml", [task("daily")])
    (entry,) = dry_run(database, file, *TWO)["changes"]
    assert [one["path"] for one in entry["fields"]] == ["AsUserEmail"]
    succeed(database, file, *TWO, "--max-update", "100%")
    ((email,),) = database.query("SELECT u.email FROM task t JOIN user_account u ON u.id = t.as_user_id")
    assert email == "ann@example.com"


def test_nothing_is_half_done(lived_in: Database) -> None:
    before = all_of(lived_in)
    for words in (("heartbeat", "missing"), ("heartbeat", "x*"), ("heartbeat", "odd")):
        if "odd" in words:
            lived_in.query("UPDATE task SET reference_id = ? WHERE name = 'renamed'", (b"short",))
            words, before = ("heartbeat", "renamed"), all_of(lived_in)
        ended = on(lived_in, "hold", *words, *MONTH_END, *NOON, *DAPTIN)
        assert ended.code == 64
        only_line(ended)
        assert all_of(lived_in) == before
    assert held(lived_in) == []


def test_a_table_without_bookkeeping_has_no_holds_and_gets_its_tables(lived_in: Database) -> None:
    assert held(lived_in) == []
    assert on(lived_in, "unhold", "heartbeat").code == 64
    succeed(lived_in, "hold", "heartbeat", *MONTH_END, *NOON)
    assert [one["name"] for one in held(lived_in, *NOON)] == ["heartbeat"]


def test_a_hold_of_a_row_that_is_gone_is_forgotten_by_an_apply(lived_in: Database) -> None:
    file = write("tasks.yaml", [task("daily")])
    succeed(lived_in, file)
    succeed(lived_in, "hold", "daily", *MONTH_END, *NOON, *DAPTIN)
    lived_in.query("DELETE FROM task_task_id_has_usergroup_usergroup_id")
    lived_in.query("DELETE FROM task WHERE name = 'daily'")
    assert [one["is_gone"] for one in held(lived_in, *NOON)] == [True]
    succeed(lived_in, file, *TWO)
    assert held(lived_in) == []


def test_holds_put_on_at_once_are_both_kept(lived_in: Database) -> None:
    succeed(lived_in, "hold", "renamed", *MONTH_END, *NOON)  # so that the bookkeeping is there
    gate = threading.Barrier(2)

    def put(name: str) -> int:
        gate.wait()
        return ran("--database-url", lived_in.url, "hold", name, *MONTH_END, *NOON, *DAPTIN).code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(put, ("heartbeat", "paused-export"))) == [0, 0]
    assert {one["name"] for one in held(lived_in, *NOON)} == {"heartbeat", "paused-export", "renamed"}


def test_the_history_tells_what_a_delete_ends(lived_in: Database) -> None:
    file = write("tasks.yaml", [task("daily"), task("weekly")])
    succeed(lived_in, file)
    ((reference,),) = lived_in.query("SELECT reference_id FROM task WHERE name = 'daily'")
    columns = "run_id, reference_id, moment, name, entity_name, action_name, cause, state, process_id"
    for number, day in enumerate(("2026-10-01", "2026-11-10", "2026-11-20")):
        at = f"{day} 08:00:00.250000"
        lived_in.query(
            f"INSERT INTO reconciler_run ({columns}, claimed_at, started_at) VALUES "
            "(?, ?, ?, 'daily', 'event', 'log_run', 'schedule', 'ok', ?, ?, ?)",
            (bytes([number]) * 16, reference, at, bytes(16), at, at),
        )
    write("tasks.yaml", [])
    deletes = dry_run(lived_in, file, *NOON, "--allow-empty")["changes"]
    assert [(one["name"], one["last_run"], one["runs_30_days"]) for one in deletes] == [
        ("daily", "2026-11-20T08:00:00.250000+00:00", 2),
        ("weekly", None, 0),
    ]


def test_one_page_and_dependents_on_every_database(lived_in: Database) -> None:
    file = write("tasks.yaml", [task("daily"), task("later")])
    succeed(lived_in, file, "--now", "2026-12-01T06:00Z")
    page = succeed(lived_in, "explain", "daily", "--format", "json", *NOON).json
    assert page["row"]["applied"]["at"] <= datetime.now(UTC).isoformat()
    assert (page["row"]["owner"], page["source"]["file"]) == ("default", "tasks.yaml")
    assert [one["name"] for one in page["twins"]] == ["later"]
    found = succeed(lived_in, "impact", "--user", "ann@example.com", "--format", "json", *NOON).json
    assert {"daily", "later"} <= {one["name"] for one in found["tasks"]}
    assert all("ann@example.com" in one["why"] for one in found["tasks"])
