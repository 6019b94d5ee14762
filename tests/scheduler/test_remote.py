"""Actions on a Daptin server: as the task's user or not at all, within their time, without a secret told."""

import json
import socket
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest

from reconciler.actions import ActionFailed
from reconciler.catalogue import Catalogue, User
from reconciler.database.daptin_config import read_account, read_signing
from reconciler.database.identity import Identity
from reconciler.database.urls import TargetUrl, target_url
from reconciler.errors import TargetError, UsageError
from reconciler.scheduler.exchange import Answer
from reconciler.scheduler.fires import Claim
from reconciler.scheduler.remote import daptin, judge
from tests.databases import Database, Databases
from tests.scheduler.build import registered
from tests.scheduler.daptin import ISSUER, SECRET, Handler, Write, captured, serving
from tests.scheduler.program import run_task, runs


@pytest.fixture(scope="module")
def users(databases: Databases) -> TargetUrl:
    """A database of a Daptin, with its users."""
    captured("token-minted")  # is there anything captured?
    return target_url(databases.captured("sqlite", "lived-in").url, {})


def execute(
    url: str,
    users: TargetUrl,
    *,
    email: str = "ann@example.com",
    secret: str | None = SECRET,
    issuer: str | None = ISSUER,
    timeout: float = 20.0,
    cancelled: threading.Event | None = None,
    ahead: float = 0.0,
) -> str:
    """Run event/whoami there; what went wrong, empty where nothing did."""
    executor = daptin(
        url, users, secret=secret, issuer=issuer, timeout=timeout, now=lambda: time.time() + ahead
    )
    task = registered()
    task = task._replace(row=task.row._replace(entity_name="event", action_name="whoami"))
    user = User(id=3, email=email)
    catalogue = Catalogue(users={}, entities={}, actions={})
    identity = Identity(user=user, action=None, catalogue=catalogue)
    try:
        executor(identity, Claim(b"", task, datetime.now(UTC)), cancelled or threading.Event())
    except ActionFailed as failure:
        return str(failure)
    return ""


# As the user


def test_an_action_runs_there_as_the_task_s_user(lived_in: Database) -> None:
    with serving(captured("action-run-that-creates-a-row")) as server:
        ended = run_task(lived_in, "weekdays", server.url)
    assert ended.code == 0, ended.out + ended.err
    (asked,) = server.executed
    assert (asked["as"], asked["path"]) == ("ann@example.com", "/action/event/log_run")
    expected = {"note": "café ☕", "deep": {"list": [1, 2.5, None, True, "x"]}}
    assert asked["body"] == {"attributes": expected}
    assert asked["headers"]["Content-Type"] == "application/json"
    assert runs(lived_in) == [("weekdays", "ok", None)]
    for secret in (SECRET, *server.tokens):
        assert secret not in ended.out + ended.err


def test_each_run_has_a_token_of_its_own_that_is_good_for_a_minute(users: TargetUrl) -> None:
    with serving() as server:
        assert [execute(server.url, users), execute(server.url, users)] == ["", ""]
    assert len(set(server.tokens)) == len(server.tokens) == 4
    _, claims, _, other = (
        jwt.decode(token, SECRET, algorithms=["HS256"], issuer=ISSUER) for token in server.tokens
    )
    assert claims.pop("jti") != other["jti"]
    assert claims["exp"] - claims["iat"] == 60
    assert claims["nbf"] <= claims["iat"] <= time.time()
    account = read_account(users, "ann@example.com")
    assert account is not None
    assert {name: claims[name] for name in ("email", "name", "iss", "auth_version", "sub")} == {
        "email": "ann@example.com",
        "name": "Ann",
        "iss": ISSUER,
        "auth_version": 1,
        "sub": str(uuid.UUID(bytes=account.reference_id)),
    }


def test_the_key_and_the_accounts_are_read_from_each_database(lived_in: Database) -> None:
    url = target_url(lived_in.url, {})
    signing = read_signing(url)
    assert (signing.secret, signing.issuer) == (SECRET, ISSUER)
    assert SECRET not in repr(signing)
    assert read_account(url, "ANN@example.com") is None
    lived_in.query("UPDATE user_account SET auth_version = 7 WHERE email = 'ann@example.com'")
    account = read_account(url, "ann@example.com")
    assert account is not None
    assert (account.name, account.auth_version) == ("Ann", 7)
    lived_in.query("UPDATE _config SET configstate = 'disabled' WHERE name = 'jwt.secret'")
    with pytest.raises(TargetError, match="does not hold the key of Daptin's tokens"):
        read_signing(url)


def test_the_key_can_come_from_the_environment(lived_in: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    lived_in.query("DELETE FROM _config")
    with serving() as server:
        monkeypatch.setenv("RECONCILE_DAPTIN_JWT_SECRET", SECRET)
        alone = run_task(lived_in, "weekdays", server.url)
        assert alone.code == 64
        assert "only one is set" in alone.err
        monkeypatch.setenv("RECONCILE_DAPTIN_JWT_ISSUER", ISSUER)
        assert run_task(lived_in, "weekdays", server.url).code == 0
    assert [one["as"] for one in server.executed] == ["ann@example.com"]


# Never as a guest


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "another-secret-of-thirty-two-bytes-or-more"},
        {"secret": "short"},
        {"issuer": "daptin-other"},
        {"ahead": 3600},
        {"ahead": -3600},
    ],
    ids=["key", "short-key", "issuer", "clock-ahead", "clock-behind"],
)
def test_what_would_run_as_a_guest_is_not_executed(wrong: dict[str, Any], users: TargetUrl) -> None:
    with serving() as server:
        error = execute(server.url, users, **wrong)
    assert server.executed == []
    assert error.startswith("the server takes ann@example.com for a guest (it answered 200 where ")


def test_a_user_that_the_server_does_not_know_runs_nothing(users: TargetUrl) -> None:
    with serving(versions={"bob@example.com": 1}) as server:
        error = execute(server.url, users)
        assert execute(server.url, users, email="eve@example.com") == (
            "the Daptin server has no user eve@example.com"
        )
    assert server.executed == []
    assert error.startswith("the server takes ann@example.com for a guest")


def test_a_version_that_the_server_has_left_behind_is_a_refusal(users: TargetUrl) -> None:
    with serving(versions={"ann@example.com": 2}) as server:
        error = execute(server.url, users)
    assert server.executed == []
    assert error == (
        "the server answered 401, the token was refused: its auth_version is not the user's any more"
    )


# What it answers


@pytest.mark.parametrize("folder", ["jsonapi", "jsonapi-postgresql", "jsonapi-mysql"])
@pytest.mark.parametrize(
    ("name", "error"),
    [
        (
            "action-forbidden",
            "the server answered 403, forbidden: http error (403) forbidden and 0 more errors, forbidden",
        ),
        (
            "action-unknown-action-as-admin",
            "the server answered 400: http error (400) no reference id and 0 more errors, required reference "
            "id not provided or incorrect",
        ),
        (
            "action-invalid-value",
            "the server answered 400: http error (400) gt and 0 more errors, invalid value for count",
        ),
        ("signin-wrong-password", "the server answered 500: Invalid username or password"),
        ("task-create-as-ann", "the server answered 403, forbidden: TableAccessPermissionChecker"),
        ("panic-token-without-name", "the server answered 200 with an empty body: it panicked"),
        ("unknown-entity-list", "the server answered 404"),
        ("ping", "the server did not answer as to an action: '\"pong\"'"),
        ("signin", ""),
        ("action-run-that-creates-a-row", ""),
    ],
)
def test_captured_answers(name: str, error: str, folder: str, users: TargetUrl) -> None:
    with serving(captured(name, folder)) as server:
        assert execute(server.url, users) == error
    assert len(server.executed) == 1


def notice(**attributes: Any) -> bytes:
    return json.dumps([{"ResponseType": "client.notify", "Attributes": attributes}]).encode()


def test_a_refusal_is_one_line_of_the_history(lived_in: Database) -> None:
    with serving((500, notice(type="error", message="a\nb"))) as server:
        ended = run_task(lived_in, "weekdays", server.url)
    assert ended.code == 1
    assert runs(lived_in) == [("weekdays", "failed", "the server answered 500: a b")]
    assert "Errors while executing action 109: the server answered 500: a b\n" in ended.err


@pytest.mark.parametrize("body", [b"[]", b" [] ", notice(type="success", message="error")])
def test_what_was_executed(body: bytes) -> None:
    assert judge(Answer(200, body)) is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, notice(type="error", message="no"), "no"),
        (200, notice(type="error"), "the action told of an error without a message"),
        (200, notice(type="error", message="x" * 5000), "x" * 1000 + "..."),
        (200, b"  ", "the server answered 200 with an empty body: it panicked"),
        (200, b"{}", "the server did not answer as to an action: '{}'"),
        (200, b"null", "the server did not answer as to an action: 'null'"),
        (200, b"[" * 100_000, "the server did not answer as to an action: '" + "[" * 200 + "...'"),
        (200, b"<html>\n Sign in", "the server did not answer as to an action: '<html> Sign in'"),
        (204, b"", "the server answered 204"),
        (502, b"<html>\n\x1b[1mBad gateway", "the server answered 502: '<html> [1mBad gateway'"),
        (500, b"\xff\xfe", "the server answered 500: '\ufffd\ufffd'"),
        (500, b'{"errors":[{"title":"broken"}]}', "the server answered 500: broken"),
        (500, b'{"errors":["broken"]}', 'the server answered 500: \'{"errors":["broken"]}\''),
        (500, b'[3, {"ResponseType": "client.notify"}]', "the server answered 500: '[3, {"),
    ],
)
def test_what_was_not(status: int, body: bytes, error: str) -> None:
    with pytest.raises(ActionFailed) as caught:
        judge(Answer(status, body))
    assert str(caught.value).startswith(error)


def test_no_redirect_is_followed(users: TargetUrl) -> None:
    with serving() as other:

        def send_on(handler: Handler) -> None:
            handler.send(307, b"", Location=f"{other.url}/action/event/whoami")

        with serving(send_on) as server:
            error = execute(server.url, users)
    assert error == (f"the server answered 307: it sends elsewhere, to '{other.url}/action/event/whoami'")
    assert other.tokens == []


def test_an_answer_that_repeats_the_request_tells_no_token(users: TargetUrl) -> None:
    def repeat(handler: Handler) -> None:
        handler.send(500, f"you said {handler.headers['Authorization']}".encode())

    with serving(repeat) as server:
        assert execute(server.url, users) == "the server answered 500: 'you said Bearer <token>'"


# Within its time


def never(handler: Handler) -> None:
    handler.server.over.wait(30)


def headers_byte_by_byte(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not handler.server.over.wait(0.05):
        handler.wfile.write(b"x")


def body_byte_by_byte(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not handler.server.over.wait(0.05):
        handler.wfile.write(b" ")


def no_end_to_be_seen(handler: Handler) -> None:
    """The whole answer, but nothing that says so."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[]")
    handler.server.over.wait(30)


SLOW = [never, headers_byte_by_byte, body_byte_by_byte, no_end_to_be_seen]


@pytest.mark.parametrize("slow", SLOW)
def test_an_answer_comes_in_time_or_not_at_all(slow: Write, users: TargetUrl) -> None:
    with serving(slow) as server:
        before = time.monotonic()
        error = execute(server.url, users, timeout=0.6)
        assert 0.5 < time.monotonic() - before < 5
    assert error == "the server did not answer within 0.6 s"


@pytest.mark.parametrize("slow", SLOW)
def test_a_run_that_is_cancelled_waits_for_no_answer(slow: Write, users: TargetUrl) -> None:
    cancelled = threading.Event()
    timer = threading.Timer(0.3, cancelled.set)
    with serving(slow) as server:
        timer.start()
        before = time.monotonic()
        error = execute(server.url, users, cancelled=cancelled)
        assert time.monotonic() - before < 5
    timer.join()
    assert error == "cancelled"


def test_an_answer_without_end_is_given_up(users: TargetUrl) -> None:
    def flood(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while not handler.server.over.is_set():
            handler.wfile.write(b" " * 65_536)

    with serving(flood) as server:
        assert execute(server.url, users) == "the answer is longer than 1,000,000 bytes"


def test_a_server_that_is_away(users: TargetUrl) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        error = execute(url, users)
    assert error == "the server did not answer: ConnectError: [Errno 111] Connection refused"


def test_a_server_that_hangs_up(users: TargetUrl) -> None:
    with serving(lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)) as server:
        error = execute(server.url, users)
    assert error.startswith("the server did not answer: RemoteProtocolError: ")


# The address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://127.0.0.1",
        "127.0.0.1:80",
        "//127.0.0.1",
        "http://",
        "http://[::1",
        "http://127.0.0.1:port",
        "http://127.0.0.1:99999",
        "http://user:pw@127.0.0.1",
        "http://127.0.0.1/?token=pw",
        "http://127.0.0.1/#pw",
    ],
)
def test_what_is_no_address_is_wrong_usage(url: str, users: TargetUrl) -> None:
    with pytest.raises(UsageError, match="--daptin-url") as caught:
        daptin(url, users, secret=None, issuer=None, timeout=1)
    assert "pw" not in f"{caught.value.message} {caught.value.hint}"


def test_wrong_usage_is_told_in_one_line(lived_in: Database, tmp_path: Path) -> None:
    ended = run_task(lived_in, "weekdays", "http://user:pw@127.0.0.1")
    assert ended.code == 64
    assert "--daptin-url holds a user or a password" in ended.err
    assert "pw" not in ended.err + ended.out


def test_a_path_before_the_actions_is_kept(users: TargetUrl) -> None:
    with serving() as server:
        assert execute(f"{server.url}/behind/", users) == ""
    assert server.executed[0]["path"] == "/behind/action/event/whoami"


def test_the_executor_tells_no_secret_when_it_is_shown(users: TargetUrl) -> None:
    assert SECRET not in repr(daptin("http://127.0.0.1", users, secret=None, issuer=None, timeout=1))
