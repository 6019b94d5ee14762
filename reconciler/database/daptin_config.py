"""What a token for a Daptin server is made of: read from its database, never written anywhere."""

from dataclasses import dataclass, field

from reconciler.database.statements import query
from reconciler.database.target import connect
from reconciler.database.urls import TargetUrl
from reconciler.errors import TargetError


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """The key and the issuer of a server's tokens."""

    secret: str = field(repr=False)
    issuer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user as the server knows it."""

    reference_id: bytes
    email: str
    name: str
    auth_version: int


def read_signing(url: TargetUrl) -> Signing:
    """Source: `_config` of Daptin 0.12.36. Raises TargetError."""
    with connect(url, read_only=True) as target:
        found: dict[str, str] = dict(query(target, _CONFIG, ("jwt.secret", "jwt.token.issuer")))
    secret, issuer = found.get("jwt.secret"), found.get("jwt.token.issuer")
    if not secret or not issuer:
        raise TargetError(
            f"{url.display} does not hold the key of Daptin's tokens",
            hint="name Daptin's own database with --daptin-database-url, or set RECONCILE_DAPTIN_JWT_SECRET "
            "and RECONCILE_DAPTIN_JWT_ISSUER",
        )
    return Signing(secret=secret, issuer=issuer)


_CONFIG = """
SELECT name, value FROM _config
WHERE name IN (%s, %s) AND configtype = 'backend' AND configenv = 'release' AND configstate = 'enabled'
"""


def read_account(url: TargetUrl, email: str) -> Account | None:
    """The user of an e-mail address, with the version that its tokens must name now. Raises TargetError."""
    with connect(url, read_only=True) as target:
        rows = query(target, _ACCOUNT, (email,))
    for reference, found, name, version in rows:
        if found == email:  # a collation may take one for the other
            return Account(
                reference_id=bytes(reference),
                email=email,
                name=str(name or ""),
                auth_version=int(version),
            )
    return None


_ACCOUNT = "SELECT reference_id, email, name, auth_version FROM user_account WHERE email = %s ORDER BY id"
