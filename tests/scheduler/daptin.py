"""A server on this machine that looks at tokens as Daptin does, and answers what Daptin did."""

import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest

from tests.databases import FIXTURES

SECRET, ISSUER = "fixture-secret-not-for-production", "daptin-fixture"

Answer = tuple[int, bytes]
Write = Callable[["Handler"], None]
"""Writes an answer by itself, byte by byte if it likes."""


def captured(name: str, folder: str = "jsonapi") -> Answer:
    """The answer of an exchange with a Daptin."""
    found = next(iter(FIXTURES.glob(f"{folder}/*-{name}.json")), None)
    if found is None:
        missing = "the captured exchanges are not in ../shared/fixtures"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    response = json.loads(found.read_text(encoding="utf-8"))["response"]
    body = response["body"]
    return response["status"], b"" if body is None else json.dumps(body).encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        self._answer("GET", {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer("POST", json.loads(body))

    def _answer(self, method: str, body: Any) -> None:
        token = self.headers["Authorization"].removeprefix("Bearer ")
        self.server.tokens.append(token)
        who = self.server.who(token)
        if not isinstance(who, str):
            self.send(*who)
        elif method == "GET":
            self.send(*captured("user-list-as-ann" if who else "task-list-no-auth"))
        else:
            self.server.executed.append({"as": who, "path": self.path, "body": body, "headers": self.headers})
            with contextlib.suppress(OSError):
                self.server.act(self, who)

    def send(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *words: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """`executed` holds every action that was executed, and as whom: as "" for a guest."""

    daemon_threads = True

    def __init__(self, act: Answer | Write | None, versions: Mapping[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.executed: list[dict[str, Any]] = []
        self.tokens: list[str] = []
        self.over = threading.Event()  # for those that write slowly
        self._act, self._versions = act, versions

    def who(self, token: str) -> str | Answer:
        """The e-mail address, empty for a guest; or what is answered before anything is looked at."""
        try:
            claims = jwt.decode(token, SECRET, algorithms=["HS256"], issuer=ISSUER)
        except jwt.InvalidTokenError:
            return ""
        if not isinstance(claims.get("email"), str) or not isinstance(claims.get("name"), str):
            return captured("panic-token-without-name")
        if claims["email"] not in self._versions:
            return ""
        if claims.get("auth_version") != self._versions[claims["email"]]:
            return captured("token-stale-auth-version")
        return str(claims["email"])

    def act(self, handler: Handler, who: str) -> None:
        """By default an action that tells as whom it runs."""
        if callable(self._act):
            self._act(handler)
        else:
            as_user = "action-run-as-ann" if who else "action-run-as-guest"
            handler.send(*(self._act or captured(as_user)))


@contextlib.contextmanager
def serving(act: Answer | Write | None = None, versions: Mapping[str, int] | None = None) -> Iterator[Server]:
    """Users are those of the captured databases, with the version that their tokens must name."""
    known = {f"{name}@example.com": 1 for name in ("ann", "bob", "admin")}
    with Server(act, known if versions is None else versions) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
