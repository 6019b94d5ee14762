"""Which database: the command line, our environment variable, Daptin's two, or the embedded default."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from reconciler.errors import UsageError

Kind = Literal["sqlite", "postgresql", "mysql"]

DEFAULT = "sqlite:///daptin.db"

_DRIVERS: Mapping[str, tuple[Kind, str]] = {
    "sqlite": ("sqlite", "sqlite"),
    "sqlite+pysqlite": ("sqlite", "sqlite"),
    "postgresql": ("postgresql", "postgresql+psycopg"),
    "postgresql+psycopg": ("postgresql", "postgresql+psycopg"),
    "postgres": ("postgresql", "postgresql+psycopg"),
    "mysql": ("mysql", "mysql+pymysql"),
    "mysql+pymysql": ("mysql", "mysql+pymysql"),
    "mariadb": ("mysql", "mysql+pymysql"),
    "mariadb+pymysql": ("mysql", "mysql+pymysql"),
}

_FORMS = "sqlite:///FILE, postgresql://USER@HOST/DATABASE or mysql://USER@HOST/DATABASE"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetUrl:
    """A database, and the driver that reaches it."""

    kind: Kind
    url: URL = field(repr=False)  # with its password

    @property
    def display(self) -> str:
        """The URL without its password and its options, save a host that stands among them."""
        if self.kind == "sqlite":
            return f"sqlite:///{self.url.database}"
        host = self.url.host or self.url.query.get("host") or self.url.query.get("unix_socket") or ""
        where = ",".join(host) if isinstance(host, tuple) else host
        user = f"{self.url.username}@" if self.url.username else ""
        port = f":{self.url.port}" if self.url.port else ""
        return f"{self.kind}://{user}{where}{port}/{self.url.database or ''}"

    @property
    def path(self) -> str:
        """The file of a SQLite database, as an absolute path."""
        return os.path.abspath(self.url.database or "")


def target_url(explicit: str | None, environ: Mapping[str, str], *, variable: str | None = None) -> TargetUrl:
    """The database meant: `--database-url`, `RECONCILE_DATABASE_URL`, Daptin's variables, the default.

    `variable` is the one in which a chosen environment has its database: no other stands in for it. Raises
    UsageError, which never quotes the text: it may hold a password.
    """
    if explicit:
        return _parse(explicit, "--database-url")
    if variable:
        return _parse(_named(variable, environ), variable)
    if text := environ.get("RECONCILE_DATABASE_URL"):
        return _parse(text, "RECONCILE_DATABASE_URL")
    if environ.get("DAPTIN_DB_TYPE") or environ.get("DAPTIN_DB_CONNECTION_STRING"):
        return _daptins(environ)
    return _parse(DEFAULT, "the default")


def _named(variable: str, environ: Mapping[str, str]) -> str:
    text = environ.get(variable)
    if not text:
        raise UsageError(
            f"{variable}, which reconcile.yaml names for the database of this environment, is not set",
            hint="set it to the URL of the database, or name one with --database-url",
        )
    return text


def _parse(text: str, source: str) -> TargetUrl:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise UsageError(
            f"{source} is not a database URL",
            hint=f"write {_FORMS}; special characters of a password as %XX",
        ) from None
    if "@" in (url.host or ""):
        raise UsageError(f"{source} has an @ in its user or password", hint="write it as %40")
    driver = url.drivername.lower()
    if driver not in _DRIVERS:
        raise UsageError(f"{source} names a kind of database that is not known: {driver!r}", hint=_FORMS)
    kind, dialect = _DRIVERS[driver]
    return _checked(TargetUrl(kind=kind, url=url.set(drivername=dialect)), source)


def _checked(target: TargetUrl, source: str) -> TargetUrl:
    if target.kind != "sqlite":
        if not target.url.database:
            raise UsageError(f"{source} names no database", hint=f"write {_FORMS}")
        return target
    if target.url.database in (None, "", ":memory:"):
        raise UsageError(f"{source} names no file", hint="write sqlite:///FILE, or sqlite:////ABSOLUTE/FILE")
    if target.url.query or target.url.host:
        raise UsageError(
            f"{source} is a SQLite URL with a host or options: it takes a file only",
            hint="write sqlite:///FILE, or sqlite:////ABSOLUTE/FILE",
        )
    return target


def _daptins(environ: Mapping[str, str]) -> TargetUrl:
    """Source: the flags -db_type and -db_connection_string of Daptin 0.12.36."""
    kind = environ.get("DAPTIN_DB_TYPE") or "sqlite3"
    text = environ.get("DAPTIN_DB_CONNECTION_STRING") or ""
    if kind == "sqlite3":
        return _sqlite_file(text or "daptin.db")
    if kind not in ("mysql", "postgres"):
        raise UsageError("DAPTIN_DB_TYPE is none of sqlite3, mysql and postgres")
    if not text:
        raise UsageError(f"DAPTIN_DB_TYPE is {kind!r}, but DAPTIN_DB_CONNECTION_STRING is not set")
    return _go_mysql(text) if kind == "mysql" else _go_postgresql(text)


def _sqlite_file(text: str) -> TargetUrl:
    if re.search(r"://|@\w*\(|\bpassword\s*=", text):
        raise UsageError(
            "DAPTIN_DB_CONNECTION_STRING names no file, as it should for the DAPTIN_DB_TYPE sqlite3",
            hint="set DAPTIN_DB_TYPE to mysql or postgres",
        )
    path = text.removeprefix("file:").split("?", 1)[0]
    url = URL.create("sqlite", database=path)
    return _checked(TargetUrl(kind="sqlite", url=url), "DAPTIN_DB_CONNECTION_STRING")


_GO_MYSQL = re.compile(
    r"(?:(?P<user>[^:@]*)(?::(?P<password>.*))?@)?(?:(?P<net>[a-z]+)(?:\((?P<address>[^)]*)\))?)?"
    r"/(?P<database>[^/?]*)(?:\?(?P<options>.*))?",
    re.DOTALL,
)


def _go_mysql(text: str) -> TargetUrl:
    """`user:password@tcp(host:port)/database?options`, of which only `tls` means anything to us."""
    match = _GO_MYSQL.fullmatch(text)
    if match is None or match["net"] not in (None, "tcp", "unix"):
        raise UsageError(
            "DAPTIN_DB_CONNECTION_STRING is not in the notation of mysql",
            hint="USER:PASSWORD@tcp(HOST:PORT)/DATABASE",
        )
    address = match["address"] or ""
    query: dict[str, str] = {}
    host: str | None = "127.0.0.1"
    port: int | None = None
    if match["net"] == "unix":
        host, query["unix_socket"] = None, address
    elif address:
        host, port = _host_and_port(address)
    if "tls=true" in (match["options"] or "").split("&"):
        query["ssl_verify_cert"] = query["ssl_verify_identity"] = "true"
    url = URL.create(
        "mysql+pymysql",
        username=match["user"] or None,
        password=match["password"],
        host=host,
        port=port,
        database=match["database"],
        query=query,
    )
    return _checked(TargetUrl(kind="mysql", url=url), "DAPTIN_DB_CONNECTION_STRING")


def _host_and_port(address: str) -> tuple[str, int | None]:
    host, colon, port = address.rpartition(":") if not address.endswith("]") else (address, "", "")
    if not colon:
        return address.strip("[]"), None
    if not port.isdigit():
        raise UsageError("DAPTIN_DB_CONNECTION_STRING: the port is not a number")
    return host.strip("[]"), int(port)


_GO_PAIR = re.compile(
    r"\s*(?P<key>\w+)\s*=\s*(?:'(?P<quoted>(?:[^'\\]|\\.)*)'|(?P<bare>(?:[^\s'\\]|\\.)*))\s*"
)


def _go_postgresql(text: str) -> TargetUrl:
    """`host= port= user= password= dbname= sslmode=`, or a URL."""
    if text.startswith(("postgres://", "postgresql://")):
        return _parse(text, "DAPTIN_DB_CONNECTION_STRING")
    pairs, position = {}, 0
    while position < len(text):
        match = _GO_PAIR.match(text, position)
        if match is None or match.end() == position:
            raise UsageError(
                "DAPTIN_DB_CONNECTION_STRING is not in the notation of postgres",
                hint="host=HOST port=PORT user=USER password=PASSWORD dbname=DATABASE sslmode=disable",
            )
        value = match["quoted"] if match["quoted"] is not None else match["bare"]
        pairs[match["key"]] = re.sub(r"\\(.)", r"\1", value)
        position = match.end()
    return _from_pairs(pairs)


def _from_pairs(pairs: dict[str, str]) -> TargetUrl:
    host, port = pairs.pop("host", "localhost"), pairs.pop("port", "")
    if port and not port.isdigit():
        raise UsageError("DAPTIN_DB_CONNECTION_STRING: the port is not a number")
    user, password = pairs.pop("user", None), pairs.pop("password", None)
    database = pairs.pop("dbname", "") or user
    known = {key: value for key, value in pairs.items() if key.startswith("ssl") or key == "connect_timeout"}
    query = {"sslmode": "require", **known}  # what Daptin's driver does where nothing is said
    if host.startswith("/"):
        query["host"] = host
    url = URL.create(
        "postgresql+psycopg",
        username=user,
        password=password,
        host=None if host.startswith("/") else host,
        port=int(port) if port else None,
        database=database,
        query=query,
    )
    return _checked(TargetUrl(kind="postgresql", url=url), "DAPTIN_DB_CONNECTION_STRING")
