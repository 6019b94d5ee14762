"""Real PostgreSQL and MariaDB servers for the tests: on loopback, in temporary folders.

A server is started by the first test that wants it and shared by all workers of the run; the last worker to
end stops it.
"""

import contextlib
import fcntl
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PASSWORD = "test-only"
READY_WITHIN = 60.0

NOT_DURABLE = {
    "postgresql": """
        fsync=off synchronous_commit=off full_page_writes=off wal_level=minimal max_wal_senders=0
        autovacuum=off
    """,
    "mysql": """
        --innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync --skip-innodb-doublewrite
        --innodb-stats-persistent=0
    """,
}
"""What is left out where no power cut and no year of use is to be lived through."""


class Unavailable(Exception):
    """The server is not installed, or does not start here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    kind: str
    pid: int
    port: int
    folder: str
    client: str  # psql or mariadb

    def url(self, database: str) -> str:
        user = "postgres" if self.kind == "postgresql" else "reconciler"
        return f"{self.kind}://{user}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def run(self, sql: str, database: str = "") -> str:
        """Run SQL by the server's own client."""
        return _said(*self._client(database), sql)

    def dump(self, database: str) -> str:
        """The statements that make a copy of a database of MariaDB."""
        command, environ = self._mariadb(_find("mariadb-dump"))
        return _said([*command, "--compact", "--hex-blob", "--skip-tz-utc", database], environ)

    def _client(self, database: str) -> tuple[list[str], dict[str, str]]:
        if self.kind == "postgresql":
            options = ["-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "postgres"]
            where = ["-p", str(self.port), database or "postgres"]
            return [self.client, *options, *where], {"PGPASSWORD": PASSWORD}
        command, environ = self._mariadb(self.client)
        return [*command, "-N", *([database] if database else [])], environ

    def _mariadb(self, program: str) -> tuple[list[str], dict[str, str]]:
        options = ["--no-defaults", "-h", "127.0.0.1", "-P", str(self.port), "-u", "reconciler"]
        return [program, *options, "--default-character-set=utf8mb4"], {"MYSQL_PWD": PASSWORD}


def _said(command: Sequence[str], environ: Mapping[str, str], text: str = "") -> str:
    done = subprocess.run(
        command, input=text.encode(), env={**os.environ, **environ}, capture_output=True, check=False
    )
    if done.returncode:
        raise AssertionError(done.stderr.decode(errors="replace"))
    return done.stdout.decode()


def start_postgresql(folder: Path, durable: bool = False) -> Server:
    """A PostgreSQL cluster, without the fsyncs that a throw-away needs none of unless it is to be durable."""
    initdb, postgres, psql = (
        _find(name, "/usr/lib/postgresql/*/bin") for name in ("initdb", "postgres", "psql")
    )
    account = _account("postgres")
    _give(folder, account)
    password = folder / "password"
    password.write_text(PASSWORD)
    password.chmod(0o644)
    data = str(folder / "data")
    options = f"""
        -D {data} -U postgres --auth=scram-sha-256 --pwfile={password} --no-sync --encoding=UTF8
        --locale=C.UTF-8 --no-instructions
    """
    _run([initdb, *options.split()], account, folder)
    port = _free_port()
    settings = f"""
        listen_addresses=127.0.0.1 port={port} unix_socket_directories={folder} shared_buffers=64MB
        timezone=Asia/Kolkata {"" if durable else NOT_DURABLE["postgresql"]}
    """
    command = [postgres, "-D", data, *(part for setting in settings.split() for part in ("-c", setting))]
    pid = _start(command, account, folder)
    server = Server(kind="postgresql", pid=pid, port=port, folder=str(folder), client=psql)
    _wait(server, lambda: server.run("SELECT 1"))
    return server


def start_mysql(folder: Path, durable: bool = False) -> Server:
    """A MariaDB server, in a zone that is not UTC; it waits for its disk only if it is to be durable."""
    install, mariadbd = _find("mariadb-install-db"), _find("mariadbd", "/usr/sbin")
    client = _find("mariadb")
    account = _account("mysql")
    _give(folder, account)
    data = str(folder / "data")
    options = f"""
        --no-defaults --datadir={data} --auth-root-authentication-method=normal --skip-test-db
        --skip-name-resolve --innodb-flush-log-at-trx-commit=0
    """
    _run([install, *options.split()], account, folder)
    grants = folder / "grants.sql"
    grants.write_text(
        f"CREATE USER reconciler@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';\n"
        "GRANT ALL ON *.* TO reconciler@'127.0.0.1' WITH GRANT OPTION;\n"
    )
    grants.chmod(0o644)
    port = _free_port()
    options = f"""
        --no-defaults --datadir={data} --port={port} --bind-address=127.0.0.1 --socket={folder}/socket
        --pid-file={folder}/pid --skip-name-resolve --init-file={grants} --skip-log-bin --sync-frm=0
        --innodb-buffer-pool-size=128M --innodb-file-per-table=0 --default-time-zone=+05:30
        {"" if durable else NOT_DURABLE["mysql"]}
    """
    pid = _start([mariadbd, *options.split()], account, folder)
    server = Server(kind="mysql", pid=pid, port=port, folder=str(folder), client=client)
    _wait(server, lambda: server.run("SELECT 1"))
    return server


STARTERS: Mapping[str, Callable[[Path, bool], Server]] = {
    "postgresql": start_postgresql,
    "mysql": start_mysql,
}


@contextmanager
def shared_server(kind: str, folder: Path, durable: bool = False) -> Iterator[Server]:
    """The run's one server of a kind, which its last user stops. Raises Unavailable."""
    state = folder / f"{kind}.json"
    with _lock(folder / f"{kind}.lock"):
        known: dict[str, Any] = json.loads(state.read_text()) if state.exists() else {"users": 0}
        if not known["users"]:
            home = Path(_make_folder(kind))
            known = {"users": 0, "server": asdict(STARTERS[kind](home, durable))}
        known["users"] += 1
        state.write_text(json.dumps(known))
    server = Server(**known["server"])
    try:
        yield server
    finally:
        with _lock(folder / f"{kind}.lock"):
            known = json.loads(state.read_text())
            known["users"] -= 1
            state.write_text(json.dumps(known))
            if not known["users"]:
                stop(server)


def stop(server: Server) -> None:
    """End the server at once and remove its folder."""
    sign = signal.SIGQUIT if server.kind == "postgresql" else signal.SIGKILL
    with contextlib.suppress(ProcessLookupError):
        os.kill(server.pid, sign)
    if server.pid in _started:
        _started.pop(server.pid).wait()
    shutil.rmtree(server.folder, ignore_errors=True)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make_folder(kind: str) -> str:
    memory = Path("/dev/shm")  # a dump of ninety tables: 0.3 s there, 7 s on a disk
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 << 30
    return tempfile.mkdtemp(prefix=f"reconciler-{kind}-", dir=memory if roomy else "/tmp")


def _find(name: str, *folders: str) -> str:
    for pattern in folders:
        found = sorted(Path("/").glob(f"{pattern.lstrip('/')}/{name}"))
        if found:
            return str(found[-1])
    path = shutil.which(name)
    if path is None:
        raise Unavailable(f"{name} is not installed (scripts/servers installs it)")
    return path


def _account(preferred: str) -> str | None:
    """Whom to run a server as: root must not; anybody else runs it as himself."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return preferred if preferred in known else "nobody"


def _give(folder: Path, account: str | None) -> None:
    if account is not None:
        entry = pwd.getpwnam(account)
        os.chown(folder, entry.pw_uid, entry.pw_gid)


def _run(command: Sequence[str], account: str | None, folder: Path) -> None:
    done = subprocess.run(command, user=account, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"{command[0]} failed: {(done.stderr or done.stdout).strip()[-500:]}")


def _start(command: Sequence[str], account: str | None, folder: Path) -> int:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, user=account, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    _started[process.pid] = process
    return process.pid


_started: dict[int, "subprocess.Popen[bytes]"] = {}


def _wait(server: Server, ask: Callable[[], object]) -> None:
    until = time.monotonic() + READY_WITHIN
    while True:
        try:
            ask()
            return
        except AssertionError:
            if time.monotonic() > until:
                log = (Path(server.folder) / "log").read_text(errors="replace")[-1000:]
                stop(server)
                raise Unavailable(f"the {server.kind} server does not start: {log}") from None
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
