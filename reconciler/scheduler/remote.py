"""Actions that a Daptin server executes: one request as the run's user, with a token of its own."""

import json
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
import jwt

from reconciler.actions.run import ActionFailed
from reconciler.database import Account, Identity, Signing, TargetUrl, read_account, read_signing
from reconciler.errors import UsageError
from reconciler.scheduler.events import one_line
from reconciler.scheduler.fires import Claim

TOKEN_LIFE = 60
"""Seconds for which a token is good: it is made for one request."""

MOST_BYTES = 1_000_000
"""Of an answer."""

EXCERPT = 200
"""Characters of an answer that an error quotes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Daptin:
    url: str
    database: TargetUrl
    signing: Signing = field(repr=False)
    timeout: float
    now: Callable[[], float]

    def __call__(self, identity: Identity, claim: Claim, cancelled: threading.Event) -> None:
        """Raises ActionFailed unless the server says that it executed the action."""
        row = claim.task.row
        assert identity.user is not None, "checked before"
        token = self._token(identity.user.email)
        address = f"{self.url}/action/{quote(row.entity_name, safe='')}/{quote(row.action_name, safe='')}"
        try:
            status, body = self._post(address, token, {"attributes": dict(claim.task.attributes)}, cancelled)
        except httpx.HTTPError as error:
            raise ActionFailed(f"{self.url} did not answer: {type(error).__name__}: {error}") from None
        judge(status, body)

    def _token(self, email: str) -> str:
        """The server takes a token without the user's current auth_version for a guest's, or refuses it."""
        account = read_account(self.database, email)
        if account is None:
            raise ActionFailed(f"the Daptin server has no user {email}")
        return mint(account, self.signing, int(self.now()))

    def _post(self, address: str, token: str, content: Any, cancelled: threading.Event) -> tuple[int, bytes]:
        """The status and the body, read piece by piece within one deadline."""
        deadline = self.now() + self.timeout
        client = httpx.Client(timeout=self.timeout, follow_redirects=False, trust_env=False)
        headers = {"Authorization": f"Bearer {token}"}
        body = bytearray()
        with client, client.stream("POST", address, json=content, headers=headers) as response:
            for piece in response.iter_bytes():
                body += piece
                if len(body) > MOST_BYTES:
                    raise ActionFailed(f"the answer is longer than {MOST_BYTES:,} bytes")
                if self.now() > deadline:
                    raise ActionFailed(f"the answer took longer than {self.timeout:g} s")
                if cancelled.is_set():
                    raise ActionFailed("cancelled")
            return response.status_code, bytes(body)


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
    parsed = httpx.URL(url)
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise UsageError("--daptin-url is no address of a server", hint="write it like http://127.0.0.1:6336")
    if parsed.userinfo:
        raise UsageError("--daptin-url holds a user or a password; the scheduler signs in by tokens")
    signing = Signing(secret=secret, issuer=issuer) if secret and issuer else read_signing(database)
    return _Daptin(url=url.rstrip("/"), database=database, signing=signing, timeout=timeout, now=now)


def mint(account: Account, signing: Signing, now: int) -> str:
    """A short-lived HS256 token. Source: the claims that Daptin 0.12.36 checks; `name` must be there."""
    claims = {
        "email": account.email,
        "sub": str(uuid.UUID(bytes=account.reference_id)),
        "name": account.name,
        "iss": signing.issuer,
        "iat": now,
        "nbf": now - 5,
        "exp": now + TOKEN_LIFE,
        "jti": str(uuid.uuid4()),
        "auth_version": account.auth_version,
    }
    return jwt.encode(claims, signing.secret, algorithm="HS256")


def judge(status: int, body: bytes) -> None:
    """Raises ActionFailed unless an answer says that the action was executed.

    Daptin answers 200 with an empty body where it panicked, and 200 with a notice where it refused.
    """
    if status == 200 and not body.strip():
        raise ActionFailed("the server answered 200 with an empty body: it panicked")
    try:
        answer = json.loads(body)
    except ValueError:
        raise ActionFailed(f"{_status(status)}: {_excerpt(body)}") from None
    problem = _problem(answer)
    if status != 200:
        raise ActionFailed(f"{_status(status)}: {problem or _excerpt(body)}")
    if problem is not None:
        raise ActionFailed(problem)
    if not isinstance(answer, list):
        raise ActionFailed(f"the server did not answer as to an action: {_excerpt(body)}")


def _status(status: int) -> str:
    named = {401: "401, the token was refused", 403: "403, forbidden"}
    return f"the server answered {named.get(status, status)}"


def _problem(answer: Any) -> str | None:
    """The first error that an answer tells of: a notice of an action, or a JSON:API document."""
    if isinstance(answer, dict):
        errors = answer.get("errors")
        first = errors[0] if isinstance(errors, list) and errors else None
        return one_line(str(first.get("title") or first)) if isinstance(first, dict) else None
    for part in answer if isinstance(answer, list) else ():
        attributes = part.get("Attributes") if isinstance(part, dict) else None
        if not isinstance(attributes, dict) or part.get("ResponseType") != "client.notify":
            continue
        if attributes.get("type") == "error":
            return one_line(str(attributes.get("message", "error")))
    return None


def _excerpt(body: bytes) -> str:
    text = one_line(body[: 4 * EXCERPT].decode("utf-8", "replace"))
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT]}..."
