"""Fetch JSON over HTTP into a table."""

import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    MetaData,
    String,
    Table,
    Text,
    inspect,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects import mysql, postgresql, sqlite

from reconciler.actions import ActionFailed, Run, action

LONGEST = 10_000_000
"""Bytes that an answer may have."""

PATIENCE = 60.0
"""Seconds that a whole answer may take; a single read may take a sixth of it."""

BATCH = 500

MYSQL = ("mysql", "mariadb")


@action("sync_external_data", entity="integration")
def sync_external_data(run: Run, attributes: Mapping[str, Any]) -> None:
    """Fetch a list of objects from `source`, and insert or update each under its `key` (`id`, unless named).

    `source` is a URL, or a name for which the environment has one: `external_api` is in SOURCE_EXTERNAL_API.
    The table is `table_name`, or else of the source's name; it is made where it is missing. Objects that the
    source no longer has stay.
    """
    source, url = _source(attributes.get("source"), os.environ)
    name = _table_name(attributes.get("table_name") or source)
    objects = _keyed(_fetch(run, source, url), attributes.get("key", "id"))
    rows = _table(run.connection, name)
    moment = run.fire_time.replace(tzinfo=None)
    found = [{"object_key": key, "content": text, "synced_at": moment} for key, text in objects.items()]
    for start in range(0, len(found), BATCH):
        if run.cancelled.is_set():
            raise ActionFailed("cancelled; nothing was written")
        run.connection.execute(_upsert(run.connection, rows), found[start : start + BATCH])
    run.logger.info("synchronised %s into %s: %d in all", source, name, len(found))


def _source(source: object, environment: Mapping[str, str]) -> tuple[str, str]:
    """A name for messages, which a URL with a password in it must not be, and the URL."""
    if not isinstance(source, str) or not source:
        raise ActionFailed(f"the attribute source must be a URL or a name, and is {source!r}")
    if "://" in source:
        return _host(source), source
    variable = f"SOURCE_{re.sub(r'[^A-Za-z0-9]', '_', source).upper()}"
    url = environment.get(variable)
    if not url:
        raise ActionFailed(f"the source {source} is not known here: set {variable} to its URL")
    return source, url


def _host(url: str) -> str:
    try:
        return httpx.URL(url).host
    except httpx.InvalidURL as error:
        raise ActionFailed(f"the attribute source is no URL: {error}") from None


def _table_name(name: object) -> str:
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise ActionFailed(f"{name!r} cannot be the name of a table: give one in the attribute table_name")
    return name


def _fetch(run: Run, source: str, url: str) -> Any:
    try:
        with httpx.stream("GET", url, timeout=PATIENCE / 6) as answer:
            if answer.status_code != httpx.codes.OK:
                raise ActionFailed(f"{source} answered {answer.status_code} {answer.reason_phrase}")
            return json.loads(b"".join(_limited(run, source, answer)))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ActionFailed(f"{source} cannot be fetched: {type(error).__name__}: {error}") from None
    except ValueError:
        raise ActionFailed(f"{source} answered what is no JSON") from None


def _limited(run: Run, source: str, answer: httpx.Response) -> Iterator[bytes]:
    size, end = 0, time.monotonic() + PATIENCE
    for part in answer.iter_bytes():
        size += len(part)
        if size > LONGEST:
            raise ActionFailed(f"the answer of {source} is longer than {LONGEST:,} bytes")
        if run.cancelled.is_set() or time.monotonic() > end:
            raise ActionFailed(f"the answer of {source} took too long")
        yield part


def _keyed(document: Any, key: object) -> dict[str, str]:
    """The JSON text of each object, by its key. A list, or as in JSON:API a list under `data`."""
    objects = document.get("data") if isinstance(document, dict) else document
    if not isinstance(objects, list):
        raise ActionFailed("the answer must be a list of objects, or have one under `data`")
    found = {}
    for number, one in enumerate(objects, 1):
        value = one.get(key) if isinstance(one, dict) else None
        if isinstance(value, bool) or not isinstance(value, str | int) or len(str(value)) > 255:
            raise ActionFailed(f"object {number} of the answer has no {key!r} to know it by")
        found[str(value)] = json.dumps(one, ensure_ascii=False)
    return found


def _table(connection: Connection, name: str) -> Table:
    """The table, made where it is missing. Raises ActionFailed for one of another shape."""
    exact = mysql.VARCHAR(255, collation="utf8mb4_bin")
    rows = Table(
        name,
        MetaData(),
        Column("object_key", String(255).with_variant(exact, *MYSQL), primary_key=True),
        Column("content", Text().with_variant(mysql.LONGTEXT(), *MYSQL), nullable=False),
        Column("synced_at", DateTime, nullable=False),
        mysql_charset="utf8mb4",
    )
    if not inspect(connection).has_table(name):
        _make(connection, rows)
        return rows
    there = connection.execute(select(literal_column("*")).select_from(table(name)).limit(0)).keys()
    if set(there) != set(rows.c.keys()):
        raise ActionFailed(f"there is another table {name} already: give a name in the attribute table_name")
    return rows


def _make(connection: Connection, rows: Table) -> None:
    """On MySQL making a table would end the run's transaction: there another connection makes it."""
    if connection.dialect.name not in MYSQL:
        rows.create(connection, checkfirst=True)
        return
    with connection.engine.connect() as other:
        rows.create(other, checkfirst=True)


def _upsert(connection: Connection, rows: Table) -> Any:
    if connection.dialect.name in MYSQL:
        insert = mysql.insert(rows)
        return insert.on_duplicate_key_update(
            content=insert.inserted.content, synced_at=insert.inserted.synced_at
        )
    made = sqlite.insert(rows) if connection.dialect.name == "sqlite" else postgresql.insert(rows)
    kept = {"content": made.excluded.content, "synced_at": made.excluded.synced_at}
    return made.on_conflict_do_update(index_elements=["object_key"], set_=kept)
