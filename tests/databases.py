"""New databases of every kind for a test: empty, or captured from a running Daptin."""

import contextlib
import gzip
import itertools
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pymysql
from pymysql.constants import CLIENT

from tests.servers import PASSWORD, Server, Unavailable, shared_server

KINDS = ("sqlite", "postgresql", "mysql")
FIXTURES = Path(__file__).parents[2] / "shared" / "fixtures" / "daptin-0.12.36"

ADMINISTRATION: Mapping[str, Mapping[str, Any]] = {
    "postgresql": {"name": "postgres"},
    "mysql": {
        "name": "mysql",
        "client_flag": CLIENT.MULTI_STATEMENTS,
        "init_command": "SET foreign_key_checks = 0, unique_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
    },
}
"""How to connect where databases are made, by a dump of one on MariaDB."""


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
        return sqlite3.connect(self.name) if self.server is None else _connect(self.server, self.name)


def _connect(server: Server, name: str, **options: Any) -> Any:
    if server.kind == "postgresql":
        return psycopg.connect(server.url(name), **options)
    return pymysql.connect(
        host="127.0.0.1",
        port=server.port,
        user="reconciler",
        password=PASSWORD,
        database=name,
        charset="utf8mb4",
        ssl_disabled=True,  # or the driver reads all certificates of the machine for each connection, 20 ms
        **options,
    )


@dataclass(slots=True, kw_only=True)
class Databases:
    """Makes databases, and the servers for them when the first is wanted."""

    shared: Path  # a folder that all workers of the run share
    own: Path
    stack: contextlib.ExitStack
    durable: bool = False  # servers that wait for their disk, as those of a user do
    servers: dict[str, Server] = field(default_factory=dict)
    administrators: dict[str, Any] = field(default_factory=dict)  # a connection to each server
    templates: dict[tuple[str, str], Any] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def server(self, kind: str) -> Server:
        """Raises Unavailable."""
        if kind not in self.servers:
            self.servers[kind] = self.stack.enter_context(shared_server(kind, self.shared, self.durable))
        return self.servers[kind]

    def empty(self, kind: str, how: str = "") -> Database:
        """On SQLite the file is not there yet; on a server it is made with options of SQL."""
        database = self._named(kind)
        if kind != "sqlite":
            self._administer(kind, f"CREATE DATABASE {database.name} {how}")
        return database

    def captured(self, kind: str, state: str) -> Database:
        """A copy of a database that Daptin made: `fresh` or `lived-in`. Raises Unavailable."""
        archive = FIXTURES / f"{kind}-{state}.{'db' if kind == 'sqlite' else 'sql'}.gz"
        if not archive.exists():
            raise Unavailable(f"{archive.name} is not in ../shared/fixtures")
        database = self._named(kind) if kind == "postgresql" else self.empty(kind)
        return self.filled(database, state, lambda original: _restore(archive, original))

    def filled(self, database: Database, what: str, fill: Callable[[Database], object]) -> Database:
        """An empty database with what `fill` puts into one: it is called once, and then copied."""
        key = database.kind, what
        if key not in self.templates:
            original = self.empty(database.kind)
            fill(original)
            self.templates[key] = _template(original)
        if database.kind == "sqlite":
            Path(database.name).write_bytes(self.templates[key])
        elif database.kind == "mysql":
            # Whoever ends the sessions of a test's database is not to end this one.
            self._administer("mysql", f"USE {database.name};\n{self.templates[key]}\nUSE mysql")
        else:
            self.drop(database)
            how = f"TEMPLATE {self.templates[key]} {self._by_files()}"
            self._administer("postgresql", f"CREATE DATABASE {database.name} {how}")
        return database

    def drop(self, database: Database) -> None:
        if database.kind == "postgresql":
            self._administer("postgresql", f"DROP DATABASE IF EXISTS {database.name} WITH (FORCE)")

    def _named(self, kind: str) -> Database:
        name = f"t_{os.getpid()}_{next(self.numbers)}"
        if kind == "sqlite":
            path = tempfile.mkdtemp(dir=self.own) + "/daptin.db"
            return Database(kind=kind, url=f"sqlite:///{path}", name=path)
        server = self.server(kind)
        return Database(kind=kind, url=server.url(name), name=name, server=server)

    def _by_files(self) -> str:
        """PostgreSQL copies files faster than pages, and before 15 knows no other way."""
        version = self._administrator("postgresql").info.server_version
        return "STRATEGY FILE_COPY" if version >= 15_00_00 else ""

    def _administer(self, kind: str, statements: str) -> None:
        with self._administrator(kind).cursor() as cursor:
            cursor.execute(statements)
            while cursor.nextset():
                pass

    def _administrator(self, kind: str) -> Any:
        if kind not in self.administrators:
            connection = _connect(self.server(kind), autocommit=True, **ADMINISTRATION[kind])
            self.administrators[kind] = self.stack.enter_context(contextlib.closing(connection))
        return self.administrators[kind]


def _restore(archive: Path, database: Database) -> None:
    content = gzip.decompress(archive.read_bytes())
    if database.server is None:
        Path(database.name).write_bytes(content)
    else:
        database.server.run(content.decode(), database.name)


def _template(original: Database) -> Any:
    """What a copy is made of: a file, a dump, the name of a database."""
    if original.server is None:
        return Path(original.name).read_bytes()
    return original.server.dump(original.name) if original.kind == "mysql" else original.name
