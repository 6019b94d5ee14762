"""reconcile.yaml: what it may say, and what is refused with its place."""

import json
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest

from reconciler.config import Settings, read_settings
from reconciler.config.composer import compose
from reconciler.config.policies import Freeze, Policies
from reconciler.errors import UsageError
from reconciler.shipped import schema_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Settings()),
        ("paths: tasks/", Settings(paths=("tasks/",))),
        ("paths: [a, b]\nowner: billing", Settings(paths=("a", "b"), owner="billing")),
        ("timezone: Europe/Berlin\nreader: daptin", Settings(timezone="Europe/Berlin", reader="daptin")),
        ("max_delete: 5\nmax_update: 12.5%", Settings(max_delete="5", max_update="12.5%")),
        ("strict: true", Settings(strict=True)),
        ("env_prefix: BILLING_", Settings(env_prefix="BILLING_")),
        (
            "refs: refs.json\npolicies: {refs_max_age: 1d12h}",
            Settings(refs="refs.json", policies=Policies(refs_max_age=timedelta(hours=36))),
        ),
        ("keep_history: 90d", Settings(keep_history=timedelta(days=90))),
        ("rules: {S005: error, S007: off}", Settings(rules={"S005": "error", "S007": "off"})),
        (
            "policies: {names: '[a-z]+', shortest_interval: 5m, most_in_a_minute: 20}",
            Settings(
                policies=Policies(
                    names={"**": "[a-z]+"}, shortest_interval=timedelta(minutes=5), most_in_a_minute=20
                )
            ),
        ),
        (
            "policies: {names: {a/**: a_.*}, users: {a/**: ['*@a.example']}, job_types: {b.yaml: [x, y]}}",
            Settings(
                policies=Policies(
                    names={"a/**": "a_.*"}, users={"a/**": ("*@a.example",)}, job_types={"b.yaml": ("x", "y")}
                )
            ),
        ),
        (
            "policies: {freezes: [{schedule: 0 18 * * 5, duration: 62h, timezone: Asia/Tokyo, reason: a}]}",
            Settings(
                policies=Policies(
                    freezes=(
                        Freeze(
                            schedule="0 18 * * 5",
                            duration=timedelta(hours=62),
                            timezone="Asia/Tokyo",
                            reason="a",
                        ),
                    )
                )
            ),
        ),
        (
            "environments: {prod: {database: PROD_URL, max_delete: 0}, test: {}}",
            Settings(
                environments={"prod": Settings(database="PROD_URL", max_delete="0"), "test": Settings()}
            ),
        ),
    ],
)
def test_settings(tmp_path: Path, text: str, expected: Settings) -> None:
    (tmp_path / "reconcile.yaml").write_text(text)
    assert read_settings(tmp_path) == expected
    schema = json.loads(schema_text("reconcile"))
    assert jsonschema.Draft202012Validator(schema).is_valid(compose(text or "{}").values[0])


def test_no_file(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == Settings()


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("ownr: x", "reconcile.yaml:1:1: unknown key `ownr`", "did you mean `owner`?"),
        ("owner: 5", "reconcile.yaml:1:8: `owner` must be text", None),
        ("paths: []", "reconcile.yaml:1:8: `paths` must be a path or a list of paths", None),
        ("paths: ['']", "reconcile.yaml:1:8: `paths` must be a path or a list of paths", None),
        ("\nreader: [x]", "reconcile.yaml:2:9: `reader` must be scheduler or daptin", None),
        ("strict: yes", "reconcile.yaml:1:9: `strict` must be true or false", None),
        (
            "max_delete: 5.5",
            'reconcile.yaml:1:13: `max_delete` must be a count or a percentage ("30%")',
            None,
        ),
        ("max_update: -1", 'reconcile.yaml:1:13: `max_update` must be a count or a percentage ("30%")', None),
        (
            "max_update: true",
            'reconcile.yaml:1:13: `max_update` must be a count or a percentage ("30%")',
            None,
        ),
        ("owner:", "reconcile.yaml:1:1: `owner` must be text", None),
        ("- a", "reconcile.yaml:1:1: not a mapping of settings", None),
        (
            "environments:\n  prod:\n    databse: PROD_URL",
            "reconcile.yaml:3:5: unknown key `databse`",
            "did you mean `database`?",
        ),
        (
            "environments: {prod: {environments: {}}}",
            "reconcile.yaml:1:23: unknown key `environments`",
            "known here: database, paths, owner, timezone, reader, strict, max_delete, max_update, notify, "
            "keep_history, refs, rules, policies",
        ),
        (
            "environments: {prod: {database: 'postgresql://u:secret@host/db'}}",
            "reconcile.yaml:1:33: `database` must be the name of an environment variable that holds the URL, "
            "never the URL itself",
            "set PROD_DATABASE_URL where reconcile is run, and write `database: PROD_DATABASE_URL`",
        ),
        (
            "environments: [prod]",
            "reconcile.yaml:1:15: `environments` must be a mapping of environments by name",
            None,
        ),
        ("environments: {prod: }", "reconcile.yaml:1:16: `prod` must be a mapping of settings", None),
        ("rules: {S005: eror}", "reconcile.yaml:1:15: `S005` must be error, warning or off", None),
        ("rules: {S005: }", "reconcile.yaml:1:9: `S005` must be error, warning or off", None),
        (
            "policies: {refs_max_age: 30}",
            'reconcile.yaml:1:26: `refs_max_age` must be a duration ("90s", "5m", "1h30m", "14d")',
            None,
        ),
        (
            "policies: {shortest_interval: 5}",
            'reconcile.yaml:1:31: `shortest_interval` must be a duration ("90s", "5m", "1h30m", "14d")',
            None,
        ),
        (
            "policies: {most_in_a_minute: 0}",
            "reconcile.yaml:1:30: `most_in_a_minute` must be a count from 1",
            None,
        ),
        (
            "policies: {users: {a/**: x@y}}",
            "reconcile.yaml:1:26: `a/**` must be a list of texts",
            None,
        ),
        (
            "policies: {freezes: [{schedule: '@daily'}]}",
            "reconcile.yaml:1:22: `duration` is missing",
            "add `duration:`",
        ),
    ],
)
def test_refused(tmp_path: Path, text: str, message: str, hint: str | None) -> None:
    (tmp_path / "reconcile.yaml").write_text(text)
    with pytest.raises(UsageError) as caught:
        read_settings(tmp_path)
    assert (caught.value.message, caught.value.hint) == (message, hint)
    schema = json.loads(schema_text("reconcile"))
    assert not jsonschema.Draft202012Validator(schema).is_valid(compose(text).values[0])


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "timezone: Mars/Olympus",
            '1:11: `timezone` must be the name of a time zone ("Europe/Berlin")',
            None,
        ),
        ("environments: {1: {}}", "1:16: unknown key `1`", "a key is text: quote it"),
        ("rules: {S05: error}", "1:9: there is no code `S05`", "did you mean `S005`?"),
        ("rules: {s005: error}", "1:9: there is no code `s005`", "did you mean `S005`?"),
        (
            "rules: {S001: warning}",
            "1:9: `S001` is an error and stays one: only warnings and policies (P) can be set to warning",
            "`reconcile rules S001` says why it is one",
        ),
        (
            "policies: {names: '['}",
            "1:19: `names` must be a regular expression: unterminated character set at position 0",
            None,
        ),
        (
            "policies: {freezes: [{schedule: 0 18 * *, duration: 1h}]}",
            "1:33: `schedule`: expected 5 fields (minute, hour, day of month, month, day of week), found 4",
            "for example `0 8 * * *` is every day at 08:00",
        ),
        (
            "policies: {freezes: [{schedule: '@every 1h', duration: 1h}]}",
            "1:33: `schedule` must be a schedule of five fields: an interval has no beginning",
            None,
        ),
        (
            "policies: {freezes: [{schedule: 0 0 30 2 *, duration: 1h}]}",
            "1:33: `schedule` never fires: day 30 does not exist in February",
            None,
        ),
        (
            "policies: {freezes: [{schedule: '@daily', duration: 0s}]}",
            "1:53: `duration` must be above zero and at most 366 days",
            None,
        ),
        (
            "environments: {eu: {policies: {freezes: [{schedule: '@daily', duration: 1h, timezone: X}]}}}",
            '1:87: `timezone` must be the name of a time zone ("Europe/Berlin")',
            None,
        ),
    ],
)
def test_what_has_the_right_shape_and_no_meaning(
    tmp_path: Path, text: str, message: str, hint: str | None
) -> None:
    (tmp_path / "reconcile.yaml").write_text(text)
    with pytest.raises(UsageError) as caught:
        read_settings(tmp_path)
    assert (caught.value.message, caught.value.hint) == (f"reconcile.yaml:{message}", hint)


def test_an_environment_says_what_differs(tmp_path: Path) -> None:
    (tmp_path / "reconcile.yaml").write_text(
        "owner: us\nstrict: true\nrules: {S005: error, S007: off}\n"
        "policies: {most_in_a_minute: 20, shortest_interval: 5m}\n"
        "environments:\n"
        "  prod: {database: PROD_URL, strict: false,\n"
        "         rules: {S005: warning}, policies: {shortest_interval: 0s}}\n"
        "  test: {paths: test/}\n"
    )
    prod = read_settings(tmp_path, "prod")
    assert (prod.owner, prod.database, prod.strict) == ("us", "PROD_URL", False)
    assert prod.rules == {"S005": "warning", "S007": "off"}
    assert prod.policies == Policies(most_in_a_minute=20, shortest_interval=timedelta())
    assert read_settings(tmp_path, "test").paths == ("test/",)
    assert read_settings(tmp_path).database is None
    with pytest.raises(UsageError) as caught:
        read_settings(tmp_path, "prd")
    assert caught.value.message == "reconcile.yaml has no environment 'prd'"
    assert caught.value.hint == "did you mean 'prod'?"


def test_a_file_without_environments_goes_with_each(tmp_path: Path) -> None:
    (tmp_path / "reconcile.yaml").write_text("owner: us")
    assert read_settings(tmp_path, "prod").owner == "us"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"owner: @x", "reconcile.yaml:1:8: not YAML: a value cannot start with `@` unless it is quoted"),
        (
            b"owner: a\nowner: b",
            "reconcile.yaml:2:1: the key `owner` stands here twice: it is already on line 1",
        ),
        (b"owner: a\n---\nowner: b", "reconcile.yaml:3:1: more than one document"),
        (b"owner: \xff", "reconcile.yaml: is not UTF-8: the byte 0xff stands for no character here"),
    ],
)
def test_refused_before_it_is_looked_at(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "reconcile.yaml").write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read_settings(tmp_path)
    assert caught.value.message == message


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "reconcile.yaml").mkdir()
    with pytest.raises(UsageError, match=r"reconcile\.yaml: cannot be read: it is no plain file"):
        read_settings(tmp_path)
