"""Which database is meant, and that no display shows a secret."""

import pytest

from reconciler.database.urls import TargetUrl, target_url
from reconciler.errors import UsageError


def test_the_order_of_the_sources() -> None:
    environ = {
        "RECONCILE_DATABASE_URL": "sqlite:///ours.db",
        "DAPTIN_DB_TYPE": "sqlite3",
        "DAPTIN_DB_CONNECTION_STRING": "theirs.db",
    }
    assert target_url("sqlite:///mine.db", environ).display == "sqlite:///mine.db"
    assert target_url(None, environ).display == "sqlite:///ours.db"
    del environ["RECONCILE_DATABASE_URL"]
    assert target_url(None, environ).display == "sqlite:///theirs.db"
    assert target_url(None, {}).display == "sqlite:///daptin.db"


def test_the_variable_of_an_environment() -> None:
    environ = {"RECONCILE_DATABASE_URL": "sqlite:///ours.db", "PROD": "sqlite:///prod.db"}
    assert target_url("sqlite:///mine.db", environ, variable="PROD").display == "sqlite:///mine.db"
    assert target_url(None, environ, variable="PROD").display == "sqlite:///prod.db"
    for unset in ({**environ, "PROD": ""}, {}):
        with pytest.raises(UsageError, match=r"PROD, which reconcile\.yaml names .* is not set"):
            target_url(None, unset, variable="PROD")


@pytest.mark.parametrize("text", ["prod", "oracle://u:s3cret@h/d", "postgresql://u:s3@cret@h/d"])
def test_a_wrong_url_is_named_by_its_variable_and_never_quoted(text: str) -> None:
    with pytest.raises(UsageError, match=r"^PROD ") as caught:
        target_url(None, {"PROD": text}, variable="PROD")
    assert "cret" not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(
    ("text", "kind", "driver"),
    [
        ("sqlite:////var/lib/daptin.db", "sqlite", "sqlite"),
        ("postgresql://u@h/d", "postgresql", "postgresql+psycopg"),
        ("postgres://u@h/d", "postgresql", "postgresql+psycopg"),
        ("postgresql+psycopg://u@h/d", "postgresql", "postgresql+psycopg"),
        ("mysql://u@h/d", "mysql", "mysql+pymysql"),
        ("mariadb://u@h/d", "mysql", "mysql+pymysql"),
    ],
)
def test_plain_schemes_mean_our_drivers(text: str, kind: str, driver: str) -> None:
    target = target_url(text, {})
    assert (target.kind, target.url.drivername) == (kind, driver)


@pytest.mark.parametrize(
    ("text", "display"),
    [
        ("postgresql://ann:s3cret@db.example:5433/daptin", "postgresql://ann@db.example:5433/daptin"),
        ("postgresql://ann@h/d?password=s3cret&sslpassword=s3cret", "postgresql://ann@h/d"),
        ("postgresql://ann:s3cret@/d?host=/run/postgresql", "postgresql://ann@/run/postgresql/d"),
        ("mysql://ann:s3cr%40et@h:3307/d?charset=utf8mb4", "mysql://ann@h:3307/d"),
    ],
)
def test_a_display_has_no_secret(text: str, display: str) -> None:
    target = target_url(text, {})
    assert target.display == display
    assert "s3cr" not in repr(target)


@pytest.mark.parametrize(
    ("kind", "text", "shown", "password"),
    [
        (
            "mysql",
            "ann:p@ss:w/rd@tcp(db:3307)/daptin?charset=utf8mb4",
            "mysql://ann@db:3307/daptin",
            "p@ss:w/rd",
        ),
        ("mysql", "ann@tcp(db)/daptin", "mysql://ann@db/daptin", None),
        ("mysql", "ann:x@unix(/run/mysqld.sock)/daptin", "mysql://ann@/run/mysqld.sock/daptin", "x"),
        ("mysql", "ann:x@tcp([::1]:3306)/daptin", "mysql://ann@::1:3306/daptin", "x"),
        (
            "postgres",
            r"host=db port=5433 user=ann password='it''s' dbname=daptin".replace("''", r"\'"),
            "postgresql://ann@db:5433/daptin",
            "it's",
        ),
        ("postgres", "user=ann dbname=daptin", "postgresql://ann@localhost/daptin", None),
        ("postgres", "postgres://ann:x@db/daptin", "postgresql://ann@db/daptin", "x"),
        ("sqlite3", "file:my.db?cache=shared", "sqlite:///my.db", None),
        ("", "my.db", "sqlite:///my.db", None),
    ],
)
def test_daptins_notations(kind: str, text: str, shown: str, password: str | None) -> None:
    target = _daptins(kind, text)
    assert (target.display, target.url.password) == (shown, password)


def _daptins(kind: str, text: str) -> TargetUrl:
    return target_url(None, {"DAPTIN_DB_TYPE": kind, "DAPTIN_DB_CONNECTION_STRING": text})


def test_daptins_driver_asks_for_tls_where_nothing_is_said() -> None:
    assert _daptins("postgres", "host=db user=ann dbname=d").url.query["sslmode"] == "require"
    assert _daptins("postgres", "host=db user=ann dbname=d sslmode=disable").url.query["sslmode"] == "disable"
    assert _daptins("mysql", "ann@tcp(db)/d?tls=true").url.query["ssl_verify_cert"] == "true"


@pytest.mark.parametrize(
    "text",
    [
        "s3cret",
        "postgresql://ann:s3cret@h:s3cret/d",
        "postgresql://ann:s3cret@h",
        "oracle://ann:s3cret@h/d",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///x.db?password=s3cret",
        "mysql://ann:s3cret@h",
    ],
)
def test_a_bad_url_is_wrong_usage_and_not_quoted(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        target_url(text, {})
    assert "s3cret" not in caught.value.message + str(caught.value.hint)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("oracle", "x"),
        ("mysql", ""),
        ("postgres", ""),
        ("mysql", "ann:s3cret@carrier(pigeon)/d"),
        ("mysql", "ann:s3cret@tcp(h:s3cret)/d"),
        ("postgres", "host=db s3cret"),
        ("postgres", "host=db port=s3cret"),
        ("postgres", "password='s3cret"),
    ],
)
def test_a_bad_notation_is_wrong_usage_and_not_quoted(kind: str, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        _daptins(kind, text)
    assert "s3cret" not in caught.value.message + str(caught.value.hint)
