"""Actions on a Daptin server: its captured answers, from one on this machine that checks tokens alike."""

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest

from reconciler.actions import ActionFailed
from reconciler.database import read_signing, target_url
from reconciler.scheduler.remote import judge
from tests.behaviour.program import Ended
from tests.databases import FIXTURES, Database
from tests.scheduler.program import PROGRAM, runs

SECRET, ISSUER = "fixture-secret-not-for-production", "daptin-fixture"

Answer = tuple[int, bytes]


def captured(name: str) -> Answer:
    """The answer of an exchange."""
    found = next(iter(FIXTURES.glob(f"jsonapi/*-{name}.json")), None)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("the captured exchanges are not in ../shared/fixtures")
        pytest.skip("the captured exchanges are not in ../shared/fixtures")
    response = json.loads(found.read_text())["response"]
    body = response["body"]
    return response["status"], b"" if body is None else json.dumps(body).encode()


class Server:
    """Answers every request alike, and keeps what it was asked."""

    def __init__(self, answer: Answer, delay: float = 0.0, endless: bool = False) -> None:
        self.requests: list[dict[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                token = self.headers["Authorization"].removeprefix("Bearer ")
                claims = jwt.decode(token, SECRET, algorithms=["HS256"], issuer=ISSUER)
                body = json.loads(self.rfile.read(length))
                outer.requests.append({"path": self.path, "body": body, "claims": claims, "token": token})
                time.sleep(delay)
                status, content = answer
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                if not endless:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(content)
                    while endless:
                        self.wfile.write(b" " * 65_536)

            def log_message(self, *words: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@contextlib.contextmanager
def serving(*given: Any, **named: Any) -> Iterator[Server]:
    server = Server(*given, **named)
    threading.Thread(target=server.server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.server.shutdown()
        server.server.server_close()


def run_task(database: Database, name: str, url: str, *words: str) -> Ended:
    import subprocess

    command = (*PROGRAM, "run", name, "--database-url", database.url, "--daptin-url", url, *words)
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return Ended(code=ended.returncode, out=ended.stdout, err=ended.stderr)


def test_an_action_runs_there_as_the_task_s_user(lived_in: Database) -> None:
    with serving(captured("action-run-as-ann")) as server:
        ended = run_task(lived_in, "weekdays", server.url)
    assert ended.code == 0, ended.out + ended.err
    (asked,) = server.requests
    assert asked["path"] == "/action/event/log_run"
    expected = {"note": "café ☕", "deep": {"list": [1, 2.5, None, True, "x"]}}
    assert asked["body"] == {"attributes": expected}
    claims = asked["claims"]
    assert (claims["email"], claims["name"], claims["auth_version"]) == ("ann@example.com", "Ann", 1)
    assert claims["exp"] - claims["iat"] == 60
    assert runs(lived_in) == [("weekdays", "ok", None)]
    assert SECRET not in ended.out + ended.err
    assert asked["token"] not in ended.out + ended.err


def test_the_key_is_read_from_each_database(lived_in: Database) -> None:
    signing = read_signing(target_url(lived_in.url, {}))
    assert (signing.secret, signing.issuer) == (SECRET, ISSUER)
    assert SECRET not in repr(signing)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("action-forbidden", "the server answered 403, forbidden: http error (403) forbidden"),
        ("action-unknown-action-as-admin", "the server answered 400: http error (400) no reference id"),
        ("panic-token-without-name", "the server answered 200 with an empty body: it panicked"),
        ("token-stale-auth-version", "the server answered 401, the token was refused"),
    ],
)
def test_a_captured_refusal_is_a_failure_in_one_line(name: str, error: str, lived_in: Database) -> None:
    if lived_in.kind != "sqlite":
        pytest.skip("the answer is the same whichever database the tasks are in")
    with serving(captured(name)) as server:
        ended = run_task(lived_in, "weekdays", server.url)
    assert ended.code == 1
    ((_, state, told),) = runs(lived_in)
    assert state == "failed"
    assert told.startswith(error)
    assert "\n" not in told


def test_a_server_that_is_slow_or_endless_or_away(lived_in: Database) -> None:
    if lived_in.kind != "sqlite":
        pytest.skip("the answer is the same whichever database the tasks are in")
    with serving((200, b"[]"), delay=5) as server:
        assert run_task(lived_in, "weekdays", server.url, "--request-timeout", "500ms").code == 1
    with serving((200, b"[]"), endless=True) as server:
        assert run_task(lived_in, "weekdays", server.url).code == 1
    assert run_task(lived_in, "weekdays", server.url).code == 1  # nobody listens there any more
    slow, endless, away = (error for _, _, error in runs(lived_in))
    assert "ReadTimeout" in slow
    assert endless == "the answer is longer than 1,000,000 bytes"
    assert "did not answer: ConnectError" in away


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b"[]", None),
        (200, b'[{"ResponseType":"client.notify","Attributes":{"type":"success"}}]', None),
        (200, b'[{"ResponseType":"client.notify","Attributes":{"type":"error","message":"no"}}]', "no"),
        (200, b"  ", "the server answered 200 with an empty body: it panicked"),
        (200, b"{}", "the server did not answer as to an action: {}"),
        (502, b"<html>\nBad gateway", "the server answered 502: <html> Bad gateway"),
        (500, b'{"errors":[{"title":"broken"}]}', "the server answered 500: broken"),
        (404, b"", "the server answered 404: "),
    ],
)
def test_what_an_answer_means(status: int, body: bytes, error: str | None) -> None:
    if error is None:
        judge(status, body)
        return
    with pytest.raises(ActionFailed) as caught:
        judge(status, body)
    assert str(caught.value) == error


def test_a_server_that_is_none(lived_in: Database, tmp_path: Path) -> None:
    for url in ("ftp://127.0.0.1", "127.0.0.1:80", "http://user:pw@127.0.0.1"):
        ended = run_task(lived_in, "weekdays", url)
        assert ended.code == 64
        assert "pw" not in ended.err
