"""Actions that a Daptin server executes: each run is a request as its user, with a token of its own."""

import json
import ssl
import threading
import time
import uuid
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
import jwt

from reconciler.actions.run import ActionFailed
from reconciler.database.daptin_config import Account, Signing, read_account, read_signing
from reconciler.database.identity import Identity
from reconciler.database.urls import TargetUrl
from reconciler.errors import UsageError
from reconciler.scheduler.events import one_line
from reconciler.scheduler.exchange import Answer, Exchange, exchange
from reconciler.scheduler.fires import Claim

TOKEN_LIFE = 60
"""Seconds for which a token is good: it is made for one run."""

LEEWAY = 5
"""Seconds that a server's clock may be behind ours."""

EXCERPT, MESSAGE = 200, 1000
"""Characters that an error quotes: of an answer that is none, and of what an action says."""

HARMLESS = "/api/user_account?page%5Bsize%5D=1"
"""What is asked for to see whether a token counts: a guest gets an empty list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Daptin:
    url: str
    database: TargetUrl
    signing: Signing = field(repr=False)
    timeout: float
    now: Callable[[], float]
    tls: ssl.SSLContext = field(repr=False)  # made once: reading the certificates takes longer than a request

    def __call__(self, identity: Identity, claim: Claim, cancelled: threading.Event) -> None:
        """Raises ActionFailed unless the server says that it executed the action, as the user."""
        row = claim.task.row
        assert identity.user is not None, "checked before"
        account = read_account(self.database, identity.user.email)
        if account is None:
            raise ActionFailed(f"the Daptin server has no user {identity.user.email}")
        address = f"{self.url}/action/{quote(row.entity_name, safe='')}/{quote(row.action_name, safe='')}"
        now = int(self.now())
        token = _mint(account, self.signing, now)
        with exchange(self.timeout, cancelled, self.tls) as server:
            self._refuse_guests(server, account, now)
            answer = server.ask("POST", address, token, {"attributes": dict(claim.task.attributes)})
        judge(_without(token, answer))

    def _refuse_guests(self, server: Exchange, account: Account, now: int) -> None:
        """Raises ActionFailed where the server would take the run for a guest's.

        It says nothing of a token that it cannot verify, and lets guests execute most actions. A token
        that names no auth_version it refuses only after it has found signature, issuer, times and user right.
        """
        token = _mint(account, self.signing, now, with_version=False)
        answer = _without(token, server.ask("GET", self.url + HARMLESS, token))
        if answer.status == 401:
            return
        if answer.status == 429 or answer.status >= 500:
            judge(answer)
        raise ActionFailed(
            f"the server takes {account.email} for a guest (it answered {answer.status} where a token that "
            "it can verify gets 401): its key, its issuer or its clock is another, or it has no such user"
        )


def daptin(
    url: str,
    database: TargetUrl,
    *,
    secret: str | None,
    issuer: str | None,
    timeout: float,
    now: Callable[[], float] = time.time,
) -> Callable[[Identity, Claim, threading.Event], None]:
    """The executor for a server. Without secret and issuer both are read from its database.

    Raises UsageError for a URL that is none, TargetError where the database does not have the key.
    """
    _check_url(url)
    if bool(secret) != bool(issuer):
        raise UsageError(
            "of RECONCILE_DAPTIN_JWT_SECRET and RECONCILE_DAPTIN_JWT_ISSUER only one is set",
            hint="set both, or none: then they are read from Daptin's database",
        )
    signing = Signing(secret=secret, issuer=issuer) if secret and issuer else read_signing(database)
    warnings.filterwarnings("ignore", message="The HMAC key is")  # the server's choice, and no event of ours
    return _Daptin(
        url=url.rstrip("/"),
        database=database,
        signing=signing,
        timeout=timeout,
        now=now,
        tls=ssl.create_default_context(),
    )


def _check_url(url: str) -> None:
    """Raises UsageError, which never quotes it: it may hold a password."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL()
    if parsed.scheme not in ("http", "https") or not parsed.host or (parsed.port or 0) > 65535:
        raise UsageError("--daptin-url is no address of a server", hint="write it like http://127.0.0.1:6336")
    if parsed.userinfo:
        raise UsageError("--daptin-url holds a user or a password; the scheduler signs in by tokens")
    if parsed.query or parsed.fragment:
        raise UsageError("--daptin-url goes on after the path", hint="leave out what begins with ? or #")


def _mint(account: Account, signing: Signing, now: int, *, with_version: bool = True) -> str:
    """A short-lived HS256 token. Source: the claims that Daptin 0.12.36 checks; `name` must be there."""
    claims: dict[str, Any] = {
        "email": account.email,
        "sub": str(uuid.UUID(bytes=account.reference_id)),
        "name": account.name,
        "iss": signing.issuer,
        "iat": now,
        "nbf": now - LEEWAY,
        "exp": now + TOKEN_LIFE,
        "jti": str(uuid.uuid4()),
    }
    if with_version:
        claims["auth_version"] = account.auth_version
    return jwt.encode(claims, signing.secret, algorithm="HS256")


def judge(answer: Answer) -> None:
    """Raises ActionFailed unless an answer says that the action was executed.

    Daptin answers 200 with an empty body where it panicked, and an action can tell of an error with 200.
    """
    if answer.status != 200:
        said = _said(answer)
        raise ActionFailed(f"the server answered {_named(answer.status)}{said and f': {said}'}")
    if not answer.body.strip():
        raise ActionFailed("the server answered 200 with an empty body: it panicked")
    told = _parsed(answer.body)
    if not isinstance(told, list):
        raise ActionFailed(f"the server did not answer as to an action: {_excerpt(answer.body)}")
    problem = _problem(told)
    if problem is not None:
        raise ActionFailed(problem)


def _named(status: int) -> str:
    named = {
        401: "401, the token was refused: its auth_version is not the user's any more",
        403: "403, forbidden",
    }
    return named.get(status, str(status))


def _said(answer: Answer) -> str:
    """What an answer that is none of success says of itself; empty where it says nothing."""
    if 300 <= answer.status < 400 and answer.location:
        return f"it sends elsewhere, to {one_line(answer.location)[:EXCERPT]!r}"
    return _problem(_parsed(answer.body)) or (_excerpt(answer.body) if answer.body.strip() else "")


def _parsed(body: bytes) -> Any:
    """None where it is no JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _problem(answer: Any) -> str | None:
    """The first error that an answer tells of: a notice of an action, or a JSON:API document."""
    if isinstance(answer, dict):
        errors = answer.get("errors")
        first = errors[0] if isinstance(errors, list) and errors else None
        return _short(str(first.get("title") or first), MESSAGE) if isinstance(first, dict) else None
    for part in answer if isinstance(answer, list) else ():
        attributes = part.get("Attributes") if isinstance(part, dict) else None
        if not isinstance(attributes, dict) or part.get("ResponseType") != "client.notify":
            continue
        if attributes.get("type") == "error":
            message = attributes.get("message") or "the action told of an error without a message"
            return _short(str(message), MESSAGE)
    return None


def _excerpt(body: bytes) -> str:
    return f"'{_short(body[: 8 * EXCERPT].decode('utf-8', 'replace'), EXCERPT)}'"


def _short(text: str, most: int) -> str:
    text = " ".join(one_line(text).split())
    return text if len(text) <= most else f"{text[:most]}..."


def _without(token: str, answer: Answer) -> Answer:
    """An answer that repeats its request would bring the token into the history."""
    return answer._replace(
        body=answer.body.replace(token.encode(), b"<token>"),
        location=answer.location.replace(token, "<token>"),
    )
