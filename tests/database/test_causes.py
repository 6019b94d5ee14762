"""What the codes of the servers mean: which exit, and what to do."""

import psycopg
import pymysql
import pytest

from reconciler.database.failures import failure
from reconciler.database.target import explain
from reconciler.database.urls import target_url
from reconciler.errors import ReconcilerError, TargetError

MYSQL = {
    1040: "no more connections",
    1203: "no more connections",
    1226: "no more connections",
    1205: "locked",
    1836: "read-only",
    1317: "stopped a statement",
    1969: "stopped a statement",
    3024: "stopped a statement",
    1927: "was lost",
    4031: "was lost",
}
POSTGRESQL = {
    "53300": "no more connections",
    "53100": "no room left",
    "57014": "stopped a statement",
    "57P01": "was lost",
    "55P03": "locked",
    "25006": "read-only",
}


def worded_as(kind: str, error: Exception) -> ReconcilerError:
    url = target_url(f"{kind}://ann@db/daptin", {})
    explained = explain(url, error)
    assert explained is not None
    return failure(explained[0], url.display, explained[1])


@pytest.mark.parametrize("code", MYSQL)
def test_codes_of_mysql(code: int) -> None:
    told = worded_as("mysql", pymysql.OperationalError(code, "it said so"))
    assert isinstance(told, TargetError)
    assert MYSQL[code] in told.message
    assert told.message.endswith(f": it said so ({code})")


@pytest.mark.parametrize("state", POSTGRESQL)
def test_codes_of_postgresql(state: str) -> None:
    told = worded_as("postgresql", psycopg.errors.lookup(state)("it said so"))
    assert isinstance(told, TargetError)
    assert POSTGRESQL[state] in told.message


def test_a_password_that_mysql_takes_only_over_tls() -> None:
    error = RuntimeError("'cryptography' package is required for sha256_password or caching_sha2_password")
    told = worded_as("mysql", error)
    assert isinstance(told, TargetError)
    assert told.message == "mysql://ann@db/daptin takes this password over TLS only"
    assert "ssl_ca" in str(told.hint)
    assert "cryptography" in str(told.hint)
    assert explain(target_url("mysql://ann@db/daptin", {}), RuntimeError("another")) is None


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_database_that_the_server_does_not_have(kind: str) -> None:
    told = failure("no_database", f"{kind}://ann@db/daptin")
    assert told.hint == "create it on the server: CREATE DATABASE daptin, then `reconcile init`"
