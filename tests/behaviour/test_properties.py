"""What holds for any tasks: a dry run changes nothing, an apply leaves no plan, a failure nothing at all."""

import itertools
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.behaviour.drawn import examples, task_sets
from tests.behaviour.failing import failing_at
from tests.behaviour.program import (
    FREE,
    all_of,
    dry_run,
    many,
    names,
    on,
    only_line,
    succeed,
    task,
    write,
)
from tests.conftest import or_skip
from tests.database.build import reader_only
from tests.databases import Database, Databases


def converge(database: Database, sets: Sequence[list[dict[str, Any]]]) -> None:
    """Applied one after the other, each leaves nothing to plan, and its names in the table."""
    strangers = set(names(database))
    for declared in sets:
        file = write("tasks.yaml", declared)
        succeed(database, *FREE, file)
        plan = dry_run(database, file)
        assert plan["changes"] == []
        assert set(names(database)) - strangers == {one["Name"] for one in declared} - strangers
    succeed(database, *FREE, write("tasks.yaml", []))


@given(first=task_sets, second=task_sets)
@examples(15)
def test_an_apply_leaves_nothing_to_plan(databases: Databases, first: Any, second: Any) -> None:
    converge(databases.captured("sqlite", "lived-in"), [first, second, first])


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_an_apply_leaves_nothing_to_plan_on_a_server(kind: str, request: pytest.FixtureRequest) -> None:
    databases: Databases = request.getfixturevalue("databases")
    database = or_skip(lambda: databases.captured(kind, "lived-in"))

    @given(first=task_sets, second=task_sets)
    @examples(3)
    def check(first: Any, second: Any) -> None:
        converge(database, [first, second, first])

    check()


@given(declared=task_sets, data=st.data())
@examples(8)
def test_the_hash_of_a_plan_knows_no_order_and_no_place(
    databases: Databases, declared: Any, data: Any
) -> None:
    database = databases.captured("sqlite", "lived-in")
    shuffled = data.draw(st.permutations(declared))
    parts = data.draw(st.integers(1, 3))
    shutil.rmtree("one", ignore_errors=True)
    shutil.rmtree("other", ignore_errors=True)
    write("one/tasks.yaml", declared)
    for part in range(parts):
        write(f"other/{9 - part}.yaml", shuffled[part::parts])
    one, other = dry_run(database, "one"), dry_run(database, "other")
    assert one["plan_hash"] == other["plan_hash"]
    keys = [dict(reversed(known.items())) for known in declared]
    assert dry_run(database, write("one/tasks.yaml", keys))["plan_hash"] == one["plan_hash"]


def state_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


@given(declared=task_sets, applied=task_sets, is_wal=st.booleans())
@examples(12)
def test_a_dry_run_changes_no_byte(databases: Databases, declared: Any, applied: Any, is_wal: bool) -> None:
    database = databases.captured("sqlite", "lived-in")
    succeed(database, write("before.yaml", applied))
    if is_wal:
        database.query("PRAGMA journal_mode = wal")
    before = Path(database.name).read_bytes(), Path(database.name).stat().st_mtime_ns
    for words in ((), ("--format", "json"), ("--strict", "--detailed-exitcode")):
        assert on(database, "--dry-run", *words, write("tasks.yaml", declared)).code in (0, 1, 2)
        assert (Path(database.name).read_bytes(), Path(database.name).stat().st_mtime_ns) == before
    left = {path.name: path.stat().st_size for path in Path(database.name).parent.iterdir()}
    assert left.keys() <= {"daptin.db", "daptin.db-shm", "daptin.db-wal"}
    assert not left.get("daptin.db-wal")


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_dry_run_where_nothing_may_be_written(
    databases: Databases, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read-only file in a read-only folder, by somebody who is not root: to root all is writable."""
    database = databases.captured("sqlite", "lived-in")
    database.query(f"PRAGMA journal_mode = {mode}")
    monkeypatch.chdir(Path(database.name).parent)  # ours is nobody else's
    file = write("tasks.yaml", many(3)).resolve()
    succeed(databases.captured("sqlite", "lived-in"), file)  # imports what is imported late
    with reader_only(database) as path:
        before = state_of(path.parent)
        assert dry_run(database, file)["summary"]["create"] == 3
        assert "is read-only" in only_line(on(database, file))
        assert state_of(path.parent) == before


def test_a_dry_run_changes_nothing_on_a_server(lived_in: Database) -> None:
    """No table is added either."""
    if lived_in.kind == "sqlite":
        pytest.skip("the file is compared byte by byte elsewhere")
    schema = "database()" if lived_in.kind == "mysql" else "current_schema()"  # others make theirs meanwhile
    tables = f"SELECT count(*) FROM information_schema.tables WHERE table_schema = {schema}"
    before = all_of(lived_in), lived_in.query(tables)
    dry_run(lived_in, write("tasks.yaml", many(3)))
    assert (all_of(lived_in), lived_in.query(tables)) == before


def test_a_failure_at_any_statement_leaves_nothing(lived_in: Database) -> None:
    """But the last one, the commit: after it the apply has taken place."""
    succeed(lived_in, write("tasks.yaml", many(6, Attributes={"note": "old"})))
    before = all_of(lived_in)
    write("tasks.yaml", [*many(3), *many(4, "new"), task("heartbeat")])
    for number in itertools.count(1, 1 if lived_in.kind == "sqlite" else 3):  # a server takes its time
        with failing_at(number, lived_in.kind) as done:
            ended = on(lived_in, *FREE, "tasks.yaml")
        if all_of(lived_in) != before:
            break
        assert ended.code == 1, ended.out + ended.err
        assert "unexpected failure (Injected)" in only_line(ended)
    assert number > 10
    assert lived_in.kind != "sqlite" or done[number - 1] == "execute"  # COMMIT
    assert dry_run(lived_in, "tasks.yaml")["changes"] == []


TRIGGERS = {
    "sqlite": """CREATE TRIGGER refuse BEFORE {event} ON {table} WHEN {row}.{column} = {value}
        BEGIN SELECT RAISE(ABORT, 'no\nway'); END""",
    "postgresql": """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN RAISE EXCEPTION E'no\\nway'; END$$;
        CREATE TRIGGER refuse BEFORE {event} ON {table} FOR EACH ROW WHEN ({row}.{column} = {value})
        EXECUTE FUNCTION refuse()""",
    "mysql": """CREATE TRIGGER refuse BEFORE {event} ON {table} FOR EACH ROW
        IF {row}.{column} = {value} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no\nway'; END IF""",
}


@pytest.mark.parametrize(
    ("event", "table", "row", "column", "value"),
    [
        ("INSERT", "task", "NEW", "name", "'new00003'"),
        ("UPDATE", "task", "OLD", "name", "'t00002'"),
        ("DELETE", "task", "OLD", "name", "'t00005'"),
        ("INSERT", "reconciler_apply", "NEW", "owner", "'default'"),
    ],
)
def test_a_database_that_refuses_one_row_gets_none(
    lived_in: Database, event: str, table: str, row: str, column: str, value: str
) -> None:
    succeed(lived_in, write("tasks.yaml", many(6, Attributes={"note": "old"})))
    before = all_of(lived_in)
    trigger = TRIGGERS[lived_in.kind].format(event=event, table=table, row=row, column=column, value=value)
    lived_in.query(trigger.replace("%", "%%"))
    write("tasks.yaml", [*many(3), *many(4, "new")])
    ended = on(lived_in, *FREE, "tasks.yaml")
    assert ended.code == 1
    assert "no way" in only_line(ended)
    assert all_of(lived_in) == before


def test_the_values_that_a_database_changes_are_not_committed(lived_in: Database) -> None:
    """A trigger writes something else than was sent: the check within the transaction sees it."""
    change = {
        "sqlite": """CREATE TRIGGER meddle AFTER INSERT ON task
            BEGIN UPDATE task SET job_type = 'x' WHERE id = NEW.id; END""",
        "postgresql": """CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS
            $$BEGIN NEW.job_type := 'x'; RETURN NEW; END$$;
            CREATE TRIGGER meddle BEFORE INSERT ON task FOR EACH ROW EXECUTE FUNCTION meddle()""",
        "mysql": "CREATE TRIGGER meddle BEFORE INSERT ON task FOR EACH ROW SET NEW.job_type = 'x'",
    }
    lived_in.query(change[lived_in.kind])
    before = all_of(lived_in)
    ended = on(lived_in, write("tasks.yaml", many(3)))
    assert ended.code == 1
    assert "found a difference" in only_line(ended)
    assert all_of(lived_in) == before
