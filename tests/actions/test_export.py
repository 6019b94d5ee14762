"""The shipped exports, on databases of every kind."""

import csv
import io
import json
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from reconciler.actions import ActionFailed
from reconciler.actions.export import export_csv_data, export_data
from tests.actions.build import running
from tests.databases import Database

BLOB = {"sqlite": "BLOB", "postgresql": "BYTEA", "mysql": "VARBINARY(100)"}
REFERENCE = uuid.UUID("01a208d6-6865-7000-8000-00000000a001")

Export = Callable[..., str]


@pytest.fixture
def orders(database: Database) -> Database:
    """A table with columns of every sort, of three rows."""
    kind = database.kind
    stamp = "DATETIME(6)" if kind == "mysql" else "TIMESTAMP"
    flag = "TINYINT(1)" if kind == "mysql" else "BOOLEAN"
    database.query(
        f"CREATE TABLE orders (id INTEGER PRIMARY KEY, reference_id {BLOB[kind]}, created_at {stamp},"
        f" due DATE, paid {flag}, price DECIMAL(10, 2), weight DOUBLE PRECISION, note TEXT,"
        f" scan {BLOB[kind]})"
    )
    row = (
        2,
        REFERENCE.bytes,
        "2026-11-24 10:00:00.250000",
        "2026-11-25",
        True,
        19.9,
        0.5,
        'a "b", café\n',
        b"\0\xff",
    )
    for values in (row, (1, *[None] * 8), (3, *row[1:])):
        database.query("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    return database


@pytest.fixture
def export(tmp_path: Path) -> Export:
    """Exports, and returns the text of the one file that is there then."""

    def run(database: Database, action: Any = export_data, **attributes: Any) -> str:
        with running(database, folder=tmp_path) as run:
            action(run, attributes)
        (path,) = tmp_path.iterdir()
        text = path.read_bytes().decode()
        path.unlink()
        return text

    return run


def test_json_keeps_every_sort_of_value(orders: Database, export: Export) -> None:
    rows = json.loads(export(orders, table_name="orders"))
    assert [row["id"] for row in rows] == [1, 2, 3]
    assert set(rows[0].values()) == {1, None}
    price = rows[1].pop("price")
    assert str(price) == ("19.9" if orders.kind == "sqlite" else "19.90")
    assert rows[1] == {
        "id": 2,
        "reference_id": str(REFERENCE),
        "created_at": "2026-11-24T10:00:00.250000",
        "due": "2026-11-25",
        "paid": True,
        "weight": 0.5,
        "note": 'a "b", café\n',
        "scan": "AP8=",
    }


def test_the_three_formats_hold_the_same(orders: Database, export: Export) -> None:
    whole = json.loads(export(orders, table_name="orders", format="json"))
    lines = export(orders, table_name="orders", format="ndjson")
    assert [json.loads(line) for line in lines.splitlines()] == whole
    read = list(csv.DictReader(io.StringIO(export(orders, table_name="orders", format="csv"), newline="")))
    assert read == [{name: _field(value) for name, value in row.items()} for row in whole]
    assert export(orders, export_csv_data, table_name="orders") == export(
        orders, table_name="orders", format="csv"
    )


def _field(value: object) -> str:
    return "" if value is None else "true" if value is True else str(value)


@pytest.mark.parametrize("columns", [["note", "id"], "note, id", ["note", "id", "note"]])
def test_columns_in_the_order_asked_for(columns: object, orders: Database, export: Export) -> None:
    text = export(orders, table_name="orders", format="csv", columns=columns)
    assert text.splitlines()[:2] == ["note,id", ",1"]


def test_rows_are_in_the_order_of_their_ids(orders: Database, export: Export) -> None:
    assert export(orders, table_name="orders", columns="weight", format="ndjson").splitlines() == [
        '{"weight": null}',
        '{"weight": 0.5}',
        '{"weight": 0.5}',
    ]


@pytest.mark.parametrize(
    ("headers", "first"), [(None, "id"), (True, "id"), ("true", "id"), (False, "1"), ("false", "1"), (0, "1")]
)
def test_include_headers(headers: object, first: str, orders: Database, export: Export) -> None:
    text = export(orders, table_name="orders", format="csv", columns=["id"], include_headers=headers)
    assert text.splitlines()[0] == first


@pytest.mark.parametrize(("form", "text"), [("json", "[]\n"), ("ndjson", ""), ("csv", "id,v\n")])
def test_an_empty_table(form: str, text: str, database: Database, export: Export) -> None:
    database.query("CREATE TABLE empty_one (id INTEGER PRIMARY KEY, v INTEGER)")
    assert export(database, table_name="empty_one", format=form) == text


def test_the_file_is_named_for_the_table_and_the_fire(orders: Database, tmp_path: Path) -> None:
    with running(orders, folder=tmp_path) as run:
        export_data(run, {"table_name": "orders", "format": "ndjson"})
    assert [path.name for path in tmp_path.iterdir()] == ["orders-20260101T120000Z.ndjson"]


INJECTION = 'orders"; DROP TABLE orders; --'


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({}, "table_name must be the name of a table, and is None"),
        ({"table_name": ["orders"]}, "table_name must be the name of a table"),
        ({"table_name": "order"}, "there is no table 'order': did you mean orders"),
        ({"table_name": "Orders "}, "there is no table 'Orders '"),
        ({"table_name": INJECTION}, "there is no table"),
        ({"table_name": "orders`; DROP TABLE orders; --"}, "there is no table"),
        ({"table_name": "main.orders"}, "there is no table"),
        ({"table_name": "orders", "columns": ["nota"]}, "no column of orders 'nota': did you mean note"),
        ({"table_name": "orders", "columns": ["id) FROM orders; --"]}, "no column of orders"),
        ({"table_name": "orders", "columns": ["*"]}, "no column of orders"),
        ({"table_name": "orders", "columns": {"id": 1}}, "columns must be a list of names"),
        ({"table_name": "orders", "columns": [1]}, "columns must be a list of names"),
        ({"table_name": "orders", "format": "xml"}, "there is no format 'xml': there are json, ndjson, csv"),
        ({"table_name": "orders", "format": "jsonl"}, "there is no format 'jsonl': did you mean json"),
        ({"table_name": "orders", "include_headers": "maybe"}, "include_headers must be true or false"),
        ({"table_name": "orders", "colums": ["id"]}, "no attribute 'colums': did you mean columns"),
    ],
)
def test_what_cannot_be_exported(
    attributes: dict[str, Any], said: str, orders: Database, tmp_path: Path
) -> None:
    with running(orders, folder=tmp_path) as run, pytest.raises(ActionFailed) as caught:
        export_data(run, attributes)
    assert said in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    assert orders.query("SELECT count(*) FROM orders") == [(3,)]


def test_names_are_quoted(database: Database, export: Export) -> None:
    """A table may really be called like that."""
    mark = "`" if database.kind == "mysql" else '"'
    inner = "x'; DROP TABLE y; --"
    database.query(f"CREATE TABLE {mark}{inner}{mark} (id INTEGER, {mark}select{mark} INTEGER)")
    database.query(f"INSERT INTO {mark}{inner}{mark} VALUES (1, 2)")
    assert json.loads(export(database, table_name=inner)) == [{"id": 1, "select": 2}]


def test_the_subject_of_the_action_may_stand_among_the_attributes(orders: Database, export: Export) -> None:
    assert len(json.loads(export(orders, table_name="orders", world_id=str(REFERENCE)))) == 3


def test_no_secret_is_exported(lived_in: Database, tmp_path: Path, export: Export) -> None:
    lived_in.query("UPDATE user_account SET password = 'bcrypt-of-it'")
    text = export(lived_in, table_name="user_account")
    users = json.loads(text)
    assert {"guest@cms.go"} <= {user["email"] for user in users}
    assert "bcrypt-of-it" not in text
    assert all("password" not in user for user in users)
    assert uuid.UUID(users[0]["reference_id"])
    csv_text = export(lived_in, export_csv_data, table_name="user_account")
    assert "password" not in csv_text
    for table, column in (
        ("user_account", "password"),
        ("credential", "content"),
        ("mail_account", "password_md5"),
        ("oauth_app", "client_secret"),
    ):
        with running(lived_in, folder=tmp_path) as run, pytest.raises(ActionFailed, match="is secret"):
            export_data(run, {"table_name": table, "columns": [column]})
    with running(lived_in, folder=tmp_path) as run, pytest.raises(ActionFailed, match="never exported"):
        export_data(run, {"table_name": "_config"})
    assert list(tmp_path.iterdir()) == []


def test_passwords_stay_where_no_schema_tells_of_them(database: Database, export: Export) -> None:
    database.query("CREATE TABLE user_account (id INTEGER PRIMARY KEY, password VARCHAR(100))")
    database.query("INSERT INTO user_account VALUES (1, 'secret')")
    assert json.loads(export(database, table_name="user_account")) == [{"id": 1}]


def test_every_table_of_a_daptin_can_be_exported(lived_in: Database, export: Export) -> None:
    """All three databases keep the same rows of a world, and each is a JSON value."""
    names = [str(name) for (name,) in lived_in.query("SELECT table_name FROM world ORDER BY table_name")]
    assert len(names) > 30
    for name in names:
        rows = json.loads(export(lived_in, table_name=name))
        assert lived_in.query(f"SELECT count(*) FROM {name}") == [(len(rows),)]
        assert _dates_are_iso(rows), name


def _dates_are_iso(rows: Iterable[dict[str, Any]]) -> bool:
    dates = [row["created_at"] for row in rows if row.get("created_at")]
    return all(len(date) >= 19 and date[10] == "T" for date in dates)


def test_a_cancelled_run_leaves_no_file(orders: Database, tmp_path: Path) -> None:
    with running(orders, folder=tmp_path) as run:
        run.cancelled.set()
        with pytest.raises(ActionFailed, match="cancelled"):
            export_data(run, {"table_name": "orders"})
        assert list(tmp_path.iterdir()) == []
        assert run.connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_without_a_folder_nothing_is_exported(orders: Database) -> None:
    with running(orders) as run, pytest.raises(ActionFailed, match="--folder"):
        export_data(run, {"table_name": "orders"})


def test_rows_that_the_run_wrote_are_among_them(orders: Database, tmp_path: Path) -> None:
    with running(orders, folder=tmp_path) as run:
        run.connection.exec_driver_sql("DELETE FROM orders WHERE id = 1")
        export_data(run, {"table_name": "orders", "columns": ["id"], "format": "csv"})
    (path,) = tmp_path.iterdir()
    assert path.read_text() == "id\n2\n3\n"
    assert orders.query("SELECT count(*) FROM orders") == [(2,)]
