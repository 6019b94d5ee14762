"""A target that is not available: exit 4, one line and what to do, and never a password."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.behaviour.program import Ended, all_of, many, on, only_line, ran, reconcile, succeed, task, write
from tests.databases import Database
from tests.servers import PASSWORD

SECRET = "p@s:s/w?o#rd é%41"
COMMANDS = (("--dry-run", "tasks.yaml"), ("--yes", "tasks.yaml"), ("users", "list"), ("actions", "list"))
FORMATS = ("text", "json")


@pytest.fixture(autouse=True)
def files(here: Path) -> None:
    write("tasks.yaml", [task()])


def refused(url: str, what: str, hint: str, commands: Any = COMMANDS) -> None:
    """By each command and in each format."""
    for command, format_ in itertools.product(commands, FORMATS):
        ended = reconcile("--database-url", url, *command, "--format", format_)
        assert ended.code == 4, (command, ended)
        line = only_line(ended)
        assert what in line
        assert hint in ended.err
        for secret in (PASSWORD, SECRET, quote(SECRET, safe="")):
            assert secret not in ended.err


def on_server(database: Database) -> Database:
    if database.kind == "sqlite":
        pytest.skip("a matter of servers")
    return database


def named(database: Database) -> str:
    return database.url.replace(f":{PASSWORD}@", "@")


def test_a_wrong_password(database: Database) -> None:
    url = on_server(database).url.replace(PASSWORD, quote(SECRET, safe=""))
    refused(url, f"{named(database)} refuses the user or the password", "check both")


def test_a_port_where_nobody_listens(database: Database) -> None:
    assert on_server(database).server is not None
    url = database.url.replace(f":{database.server.port}/", ":1/")  # type: ignore[union-attr] # it has one
    refused(url, "cannot reach", "host and port")


def test_no_such_database(database: Database) -> None:
    refused(f"{database.url}x", f"there is no database {named(database)}x", "reconcile init")
    assert not Path(f"{database.name}x").exists()


def test_an_empty_database(database: Database) -> None:
    if database.kind == "sqlite":
        Path(database.name).touch()
    refused(database.url, named(database), "reconcile init", COMMANDS[:2])


def test_a_table_that_is_missing(lived_in: Database) -> None:
    lived_in.query("DROP TABLE task_task_id_has_usergroup_usergroup_id")
    lived_in.query("DROP TABLE task")
    refused(lived_in.url, "has no table `task`", "reconcile init", COMMANDS[:2])


def test_a_column_that_is_missing(lived_in: Database) -> None:
    lived_in.query("ALTER TABLE task DROP COLUMN job_type")
    refused(lived_in.url, "lacks a column", "Daptin or `reconcile init`", COMMANDS[:2])


def test_a_database_of_a_newer_program(lived_in: Database) -> None:
    succeed(lived_in, "tasks.yaml")
    lived_in.query("UPDATE reconciler_version SET version_num = '9999'")
    before = all_of(lived_in)
    refused(lived_in.url, "made by a newer program (version 9999)", "install a newer", COMMANDS[:2])
    assert all_of(lived_in) == before


@pytest.fixture
def account(lived_in: Database) -> Iterator[str]:
    """The URL of an account that may only read, with a password of special characters."""
    server, name = on_server(lived_in).server, f"reader_{lived_in.name}"
    assert server is not None
    password = SECRET.replace("'", "''")
    if lived_in.kind == "postgresql":
        server.run(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'", lived_in.name)
        server.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}", lived_in.name)
    else:
        server.run(f"CREATE USER {name}@'127.0.0.1' IDENTIFIED BY '{password}'")
        server.run(f"GRANT SELECT ON {lived_in.name}.* TO {name}@'127.0.0.1'")
    yield f"{lived_in.kind}://{name}:{quote(SECRET, safe='')}@127.0.0.1:{server.port}/{lived_in.name}"
    if lived_in.kind == "postgresql":
        server.run(f"DROP OWNED BY {name}", lived_in.name)
        server.run(f"DROP ROLE {name}")
    else:
        server.run(f"DROP USER {name}@'127.0.0.1'")


def test_an_account_that_may_only_read(lived_in: Database, account: str) -> None:
    """Without any bookkeeping, too."""
    before = all_of(lived_in)
    ended = reconcile("--database-url", account, "--dry-run", "tasks.yaml")
    assert (ended.code, ended.err) == (0, "")
    assert SECRET not in ended.out
    refused(account, "denied", "docs/databases.md", [("--yes", "tasks.yaml")])
    assert all_of(lived_in) == before


def test_a_session_that_is_read_only(lived_in: Database) -> None:
    """As on a replica."""
    if lived_in.kind != "postgresql":
        pytest.skip("MariaDB's read_only is the server's, and would meet other tests")
    lived_in.query(f"ALTER DATABASE {lived_in.name} SET default_transaction_read_only = on")
    refused(lived_in.url, "is read-only", "may", [("--yes", "tasks.yaml")])
    assert on(lived_in, "--dry-run", "tasks.yaml").code == 0


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(
    ("words", "environment", "code"),
    [
        (("--database-url", "postgresql://u:{}@127.0.0.1:1/d"), {}, 4),
        (("--database-url", "mysql://u@127.0.0.1:1/d?password={}"), {}, 4),
        (("--database-url", "postgresql://u@127.0.0.1:1/d?password={}"), {}, 4),
        (("--database-url", "postgresql://u:x@{}@127.0.0.1:1/d"), {}, 64),
        (("--database-url", "postgresql://u:{}@127.0.0.1:port/d"), {}, 64),
        (("--database-url", "oracle://u:{}@127.0.0.1:1/d"), {}, 64),
        (("--database-url", "mysql://u:{}@127.0.0.1:1/d?no_such=option"), {}, 64),
        (("--database-url", "mysql://u:{}@127.0.0.1:1/d?connect_timeout=long"), {}, 64),
        (("--database-url", "mysql://u:{}@127.0.0.1:1/d?ssl_ca=/no/such/file"), {}, 64),
        (("--database-url", "sqlite://u:{}@host/file.db"), {}, 64),
        (("--database-url", "{}"), {}, 64),
        (("postgresql://u:{}@127.0.0.1/d",), {}, 64),
        (("tasks.yaml", "postgresql://u:{}@127.0.0.1/d"), {}, 64),
        ((), {"RECONCILE_DATABASE_URL": "mysql://u:{}@127.0.0.1:1/d"}, 4),
        (
            (),
            {
                "DAPTIN_DB_TYPE": "mysql",
                "DAPTIN_DB_CONNECTION_STRING": "u:{}@tcp(127.0.0.1:1)/d?charset=utf8",
            },
            4,
        ),
        ((), {"DAPTIN_DB_TYPE": "mysql", "DAPTIN_DB_CONNECTION_STRING": "u:{}@127.0.0.1:1/d"}, 64),
        ((), {"DAPTIN_DB_CONNECTION_STRING": "u:{}@tcp(127.0.0.1:1)/d"}, 64),
        ((), {"DAPTIN_DB_CONNECTION_STRING": "host=127.0.0.1 port=1 user=u password='{}' dbname=d"}, 64),
        ((), {"DAPTIN_DB_TYPE": "host=h password={}"}, 64),
        (
            (),
            {
                "DAPTIN_DB_TYPE": "postgres",
                "DAPTIN_DB_CONNECTION_STRING": "host=127.0.0.1 port=1 user=u password='{}' dbname=d",
            },
            4,
        ),
    ],
)
def test_a_password_is_never_shown(
    words: tuple[str, ...],
    environment: dict[str, str],
    code: int,
    format_: str,
    monkeypatch: pytest.MonkeyPatch,
    here: Path,
) -> None:
    secret = "s3cr3tw0rd"
    for name, value in environment.items():
        monkeypatch.setenv(name, value.format(secret))
    given = [word.format(secret) for word in words]
    ended = reconcile(*given, "--dry-run", "--format", format_, "--output", "json=out.json")
    assert ended.code == code, ended
    assert ended.out == ""
    assert secret not in ended.err
    assert "Traceback" not in ended.err
    assert [
        path for path in here.parent.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()
    ] == []


def test_a_password_is_in_no_log_of_an_unexpected_failure(
    lived_in: Database, monkeypatch: pytest.MonkeyPatch, here: Path
) -> None:
    from reconciler import applying

    def fail(*given: Any) -> None:
        raise RuntimeError(f"unexpected: {lived_in.url} {given}")

    monkeypatch.setattr(applying, "_require_empty", fail)
    before = all_of(lived_in)
    ended = on(lived_in, write("tasks.yaml", many(2, Attributes={"note": "t0k3n"})), "--format", "json")
    assert ended.code == 1
    assert ended.json["error"]["message"].startswith("unexpected failure (RuntimeError)")
    (log,) = (here.parent / "state" / "task-reconciler").iterdir()
    assert str(log) in ended.err
    for text in (log.read_text(), ended.out, ended.err):
        assert PASSWORD not in text
        assert "t0k3n" not in text
        assert "RuntimeError" in text
    assert all_of(lived_in) == before


def test_a_password_of_special_characters_works(lived_in: Database, account: str) -> None:
    """By option, by variable, and in both of Daptin's notations; and in no output."""
    server = on_server(lived_in).server
    assert server is not None
    user = f"reader_{lived_in.name}"
    go = {
        "mysql": ("mysql", f"{user}:{SECRET}@tcp(127.0.0.1:{server.port})/{lived_in.name}?charset=utf8mb4"),
        "postgresql": (
            "postgres",
            f"host=127.0.0.1 port={server.port} user={user} password='{SECRET}' dbname={lived_in.name}"
            " sslmode=disable",
        ),
    }[lived_in.kind]
    ways: list[dict[str, str]] = [
        {"RECONCILE_DATABASE_URL": account},
        {"DAPTIN_DB_TYPE": go[0], "DAPTIN_DB_CONNECTION_STRING": go[1]},
    ]
    for way in ways:
        ended: Ended = ran("--dry-run", "-v", "tasks.yaml", env=way)
        assert ended.code == 0, ended.err
        assert SECRET not in ended.out + ended.err
        assert quote(SECRET, safe="") not in ended.out + ended.err
