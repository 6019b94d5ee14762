"""New databases of every kind for a test: empty, or captured from a running Daptin."""

import contextlib
import gzip
import itertools
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pymysql

from tests.servers import PASSWORD, Server, Unavailable, shared_server

KINDS = ("sqlite", "postgresql", "mysql")
FIXTURES = Path(__file__).parents[2] / "shared" / "fixtures" / "daptin-0.12.36"


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A database of a test's own."""

    kind: str
    url: str
    name: str  # of the database on its server; of SQLite the file
    server: Server | None = None

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement, placeholders `?`, by the driver alone; commit; return its rows."""
        with self.connection() as connection:
            cursor = connection.cursor()
            if self.kind != "sqlite":
                statement = statement.replace("?", "%s")
            cursor.execute(statement, tuple(parameters))
            rows = list(cursor.fetchall()) if cursor.description else []
            connection.commit()
            return rows

    @contextmanager
    def connection(self) -> Iterator[Any]:
        with contextlib.closing(self._connect()) as connection:
            yield connection

    def _connect(self) -> Any:
        if self.server is None:
            return sqlite3.connect(self.name)
        if self.kind == "postgresql":
            return psycopg.connect(self.url)
        return pymysql.connect(
            host="127.0.0.1",
            port=self.server.port,
            user="reconciler",
            password=PASSWORD,
            database=self.name,
            charset="utf8mb4",
        )


@dataclass(slots=True, kw_only=True)
class Databases:
    """Makes databases, and the servers for them when the first is wanted."""

    shared: Path  # a folder that all workers of the run share
    own: Path
    stack: contextlib.ExitStack
    durable: bool = False  # servers that wait for their disk, as those of a user do
    servers: dict[str, Server] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def server(self, kind: str) -> Server:
        """Raises Unavailable."""
        if kind not in self.servers:
            self.servers[kind] = self.stack.enter_context(shared_server(kind, self.shared, self.durable))
        return self.servers[kind]

    def empty(self, kind: str) -> Database:
        """On SQLite the file is not there yet."""
        name = f"t_{os.getpid()}_{next(self.numbers)}"
        if kind == "sqlite":
            path = tempfile.mkdtemp(dir=self.own) + "/daptin.db"
            return Database(kind=kind, url=f"sqlite:///{path}", name=path)
        server = self.server(kind)
        server.run(f"CREATE DATABASE {name}")
        return Database(kind=kind, url=server.url(name), name=name, server=server)

    def captured(self, kind: str, state: str) -> Database:
        """A copy of a database that Daptin made: `fresh` or `lived-in`. Raises Unavailable."""
        archive = FIXTURES / f"{kind}-{state}.{'db' if kind == 'sqlite' else 'sql'}.gz"
        if not archive.exists():
            raise Unavailable(f"{archive.name} is not in ../shared/fixtures")
        if kind == "postgresql":
            return self._from_template(archive)
        database = self.empty(kind)
        with gzip.open(archive) as dump:
            if database.server is None:
                Path(database.name).write_bytes(dump.read())
            else:
                database.server.run(dump.read().decode(), database.name)
        return database

    def _from_template(self, archive: Path) -> Database:
        """PostgreSQL copies a database faster than it runs a dump."""
        server = self.server("postgresql")
        if archive.name not in self.templates:
            template = self.empty("postgresql").name
            with gzip.open(archive) as dump:
                server.run(dump.read().decode(), template)
            self.templates[archive.name] = template
        name = f"t_{os.getpid()}_{next(self.numbers)}"
        server.run(f"CREATE DATABASE {name} TEMPLATE {self.templates[archive.name]}")
        return Database(kind="postgresql", url=server.url(name), name=name, server=server)
