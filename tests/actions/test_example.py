"""The actions of examples/actions, on databases of every kind."""

import http.server
import json
import re
import threading
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from example_actions import cleanup_old_data, generate_report, sync_external_data
from example_actions.report import start

from reconciler.actions import ActionFailed
from reconciler.actions.testing import NOON
from reconciler.database.bookkeeping import prepare
from reconciler.database.claiming import NewRun
from reconciler.database.runs import Ending, claim_runs, end_runs
from reconciler.database.target import connect
from reconciler.database.urls import target_url
from reconciler.uuid7 import uuid7
from tests.actions.build import running
from tests.databases import Database

SHARES = "session_session_id_has_usergroup_usergroup_id"


@pytest.fixture
def sessions(database: Database) -> Database:
    """2,500 rows: number n was created n hours before noon; each is shared."""
    number = "INTEGER PRIMARY KEY"
    database.query(f"CREATE TABLE session (id {number}, created_at TIMESTAMP NULL)")
    database.query(f"CREATE TABLE {SHARES} (id {number}, session_id INTEGER REFERENCES session (id))")
    with database.connection() as connection:
        cursor = connection.cursor()
        mark = "?" if database.kind == "sqlite" else "%s"
        rows = [(n, f"{NOON - timedelta(hours=n):%Y-%m-%d %H:%M:%S}") for n in range(2_500)]
        cursor.executemany(f"INSERT INTO session VALUES ({mark}, {mark})", rows)
        cursor.execute(f"INSERT INTO {SHARES} SELECT id, id FROM session")
        connection.commit()
    return database


@pytest.mark.parametrize("attributes", [{"days_old": 2}, {"days_old": 2.0, "table_name": "session"}])
def test_old_rows_are_deleted_with_their_shares(attributes: dict[str, Any], sessions: Database) -> None:
    with running(sessions, entity="session") as run:
        cleanup_old_data(run, attributes)
    for table in ("session", SHARES):
        assert sessions.query(f"SELECT max(id), count(*) FROM {table}") == [(48, 49)]


def test_sqlite_reads_each_notation_of_a_moment(tmp_path: Path) -> None:
    name = str(tmp_path / "daptin.db")
    database = Database(kind="sqlite", url=f"sqlite:///{name}", name=name)
    database.query("CREATE TABLE session (id INTEGER PRIMARY KEY, created_at TIMESTAMP)")
    old = (
        "2025-12-30 11:59:59",
        "2025-12-30T11:59:59Z",
        "2025-12-30 11:59:59.5+00:00",
        "2025-12-30 13:00:00+02:00",
    )
    young = ("2025-12-30 12:00:01", "2025-12-30T12:00:01", "2025-12-30 11:59:00-01:00", "never", None)
    for text in (*old, *young):
        database.query("INSERT INTO session (created_at) VALUES (?)", [text])
    with running(database, entity="session") as run:
        cleanup_old_data(run, {"days_old": 2})
    assert [text for (text,) in database.query("SELECT created_at FROM session ORDER BY id")] == list(young)


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({}, "days_old must be a number of days, and is None"),
        ({"days_old": 0}, "days_old must be a number"),
        ({"days_old": -1}, "days_old must be a number"),
        ({"days_old": True}, "days_old must be a number"),
        ({"days_old": "30"}, "days_old must be a number"),
        ({"days_old": float("nan")}, "days_old must be a number"),
        ({"days_old": 1, "table_name": "sessions"}, "there is no table 'sessions'"),
        ({"days_old": 1, "table_name": "session; DROP TABLE session"}, "there is no table"),
        ({"days_old": 1, "table_name": "world"}, "the table world is not one to clean up"),
        ({"days_old": 1, "table_name": "reconciler_run"}, "is not one to clean up"),
        ({"days_old": 1, "table_name": SHARES}, "has no column created_at"),
    ],
)
def test_what_is_not_cleaned_up(attributes: dict[str, Any], said: str, sessions: Database) -> None:
    for table in ("world", "reconciler_run"):
        sessions.query(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, created_at TIMESTAMP NULL)")
    with running(sessions, entity="session") as run, pytest.raises(ActionFailed) as caught:
        cleanup_old_data(run, attributes)
    assert said in str(caught.value)
    assert sessions.query("SELECT count(*) FROM session") == [(2_500,)]


def test_a_cancelled_cleanup_stops(sessions: Database) -> None:
    with running(sessions, entity="session") as run:
        run.cancelled.set()
        with pytest.raises(ActionFailed, match="cancelled"):
            cleanup_old_data(run, {"days_old": 2})


@pytest.fixture
def history(database: Database) -> Database:
    """Runs of the last forty days, one each day and task."""
    url = target_url(database.url, {})
    with connect(url, read_only=False, create=True) as target:
        runs = [
            NewRun(
                run_id=uuid7(),
                reference_id=number.to_bytes(16),
                moment=NOON - timedelta(days=day),
                name=name,
                entity_name="report",
                action_name="send",
                as_user="ann@example.com",
            )
            for number, name in enumerate(("daily_report", "café 日報"))
            for day in range(40)
        ]
        prepare(target)
        claim_runs(target, bytes(16), runs, now=NOON)
        failed = "no answer (from the server)"
        endings = [
            Ending(run.run_id, "failed" if run.name == "daily_report" else "lost", failed, NOON)
            for run in runs
        ]
        end_runs(target, endings)
    return database


@pytest.mark.parametrize(("kind", "count"), [("daily", 1), ("weekly", 7), ("monthly", 31)])
def test_a_report_tells_what_ran(kind: str, count: int, history: Database, tmp_path: Path) -> None:
    with running(history, entity="report", folder=tmp_path) as run:
        generate_report(run, {"type": kind, "format": "pdf"})
    (path,) = tmp_path.iterdir()
    assert path.name == f"{kind}-report-20260101T120000Z.pdf"
    text = texts(path.read_bytes())
    assert text[0] == f"{kind.capitalize()} report"
    assert text[1].endswith("to 2026-01-01 12:00 UTC")
    heads = text.index("Task")
    assert text[heads : heads + 12] == [
        *("Task", "ok", "failed", "other"),
        *("café ??", "0", "0", str(count)),
        *("daily_report", "0", str(count), "0"),
    ]
    failures = text[text.index("Failures") :]
    assert failures.count("no answer (from the server)") == count
    assert failures[4:6] == ["daily_report", "2025-12-31 12:00"]


def texts(pdf: bytes) -> list[str]:
    """What the pages of a PDF say, a text each time one is shown."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    pages = b"".join(_inflated(stream) for stream in streams)
    shown = re.findall(rb"\(((?:\\.|[^\\()])*)\) Tj", pages)
    return [re.sub(r"\\(.)", r"\1", text.decode("latin-1")) for text in shown]


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({}, "type must be daily, weekly or monthly, and is None"),
        ({"type": "hourly"}, "and is 'hourly'"),
        ({"type": "daily", "format": "docx"}, "a report can be a pdf, not 'docx'"),
    ],
)
def test_what_is_no_report(attributes: dict[str, Any], said: str, history: Database, tmp_path: Path) -> None:
    with running(history, folder=tmp_path) as run, pytest.raises(ActionFailed, match=said):
        generate_report(run, attributes)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "until", "since"),
    [
        ("daily", "2026-03-01T08:00", "2026-02-28T08:00"),
        ("weekly", "2026-03-01T08:00", "2026-02-22T08:00"),
        ("monthly", "2026-03-01T08:00", "2026-02-01T08:00"),
        ("monthly", "2026-03-31T08:00", "2026-02-28T08:00"),
        ("monthly", "2026-01-15T08:00", "2025-12-15T08:00"),
    ],
)
def test_when_a_period_begins(kind: str, until: str, since: str) -> None:
    assert start(kind, datetime.fromisoformat(until)) == datetime.fromisoformat(since)


class Source:
    """A server on loopback, and what it answers."""

    def __init__(self) -> None:
        self.status = 200
        self.parts: Sequence[bytes] = (b"[]",)
        source = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(source.status)
                self.end_headers()
                for part in source.parts:
                    self.wfile.write(part)

            def log_message(self, *words: object) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/items?token=s3cret"

    def answers(self, value: object) -> None:
        self.parts = (json.dumps(value).encode(),)


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    one = Source()
    monkeypatch.setenv("SOURCE_EXTERNAL_API", one.url)
    with one.server:
        threading.Thread(target=one.server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield one
        one.server.shutdown()


def sync(database: Database, fire_time: datetime = NOON, **attributes: Any) -> None:
    with running(database, entity="integration", fire_time=fire_time) as run:
        sync_external_data(run, attributes)


def content(database: Database, table: str = "external_api") -> dict[str, Any]:
    rows = database.query(f"SELECT object_key, content FROM {table} ORDER BY object_key")
    return {key: json.loads(text) for key, text in rows}


def test_what_a_source_answers_is_in_a_table(database: Database, source: Source) -> None:
    """The table is made; what is there already is updated, what the source has no longer stays."""
    source.answers([{"id": 1, "name": "café 日"}, {"id": "a"}, {"id": "A"}])
    sync(database, source="external_api")
    source.answers({"data": [{"id": 1, "name": None}, {"id": 7}]})
    sync(database, NOON + timedelta(hours=1), source="external_api")
    assert content(database) == {
        "1": {"id": 1, "name": None},
        "7": {"id": 7},
        "A": {"id": "A"},
        "a": {"id": "a"},
    }
    moments = dict(database.query("SELECT object_key, synced_at FROM external_api"))
    assert {key: str(moment)[:19] for key, moment in moments.items()} == {
        "1": "2026-01-01 13:00:00",
        "7": "2026-01-01 13:00:00",
        "A": "2026-01-01 12:00:00",
        "a": "2026-01-01 12:00:00",
    }


def test_a_source_may_be_a_url_and_have_another_key(database: Database, source: Source) -> None:
    source.answers([{"sku": f"n{number}"} for number in range(1_234)])
    sync(database, source=source.url, table_name="articles", key="sku")
    assert len(content(database, "articles")) == 1_234


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({}, "source must be a URL or a name, and is None"),
        ({"source": "other_api"}, "set SOURCE_OTHER_API to its URL"),
        ({"source": "external_api", "table_name": "x; DROP TABLE y"}, "cannot be the name of a table"),
        ({"source": "external_api", "table_name": "taken"}, "there is another table taken already"),
        ({"source": "external_api", "key": "sku"}, "object 1 of the answer has no 'sku'"),
        (
            {"source": "ftp://127.0.0.1/x", "table_name": "x"},
            "127.0.0.1 cannot be fetched: UnsupportedProtocol",
        ),
        ({"source": "http://127.0.0.1:1/x", "table_name": "x"}, "127.0.0.1 cannot be fetched: ConnectError"),
        ({"source": "http://127.0.0.1:x/", "table_name": "x"}, "is no URL"),
    ],
)
def test_what_cannot_be_synchronised(
    attributes: dict[str, Any], said: str, database: Database, source: Source
) -> None:
    database.query("CREATE TABLE taken (id INTEGER PRIMARY KEY)")
    source.answers([{"id": 1}])
    with pytest.raises(ActionFailed) as caught:
        sync(database, **attributes)
    assert said in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "parts", "said"),
    [
        (500, [b"[]"], "external_api answered 500 Internal Server Error"),
        (302, [b"[]"], "external_api answered 302"),
        (200, [b"<html>"], "answered what is no JSON"),
        (200, [b'"\xff"'], "answered what is no JSON"),
        (200, [b"3"], "must be a list of objects"),
        (200, [b'{"data": {}}'], "must be a list of objects"),
        (200, [b"[1]"], "object 1 of the answer has no 'id'"),
        (200, [b'[{"id": 1}, {"id": true}]'], "object 2 of the answer has no 'id'"),
        (200, [b" " * 1_000_000] * 11, "longer than 10,000,000 bytes"),
    ],
)
def test_an_answer_that_is_no_good(
    status: int, parts: Sequence[bytes], said: str, source: Source, tmp_path: Path
) -> None:
    name = str(tmp_path / "daptin.db")
    source.status, source.parts = status, parts
    with pytest.raises(ActionFailed) as caught:
        sync(Database(kind="sqlite", url=f"sqlite:///{name}", name=name), source="external_api")
    assert said in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_run_that_fails_later_leaves_no_row(database: Database, source: Source) -> None:
    source.answers([{"id": 1}])
    sync(database, source="external_api")
    source.answers([{"id": 2}])
    with pytest.raises(LookupError), running(database, entity="integration") as run:
        _sync_and_fail(run)
    assert content(database) == {"1": {"id": 1}}


def _sync_and_fail(run: Any) -> None:
    sync_external_data(run, {"source": "external_api"})
    raise LookupError
