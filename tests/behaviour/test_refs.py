"""Snapshots of users and actions: what is said with one is what is said with the database itself."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.behaviour.program import all_of, on, reconcile, succeed, task, write
from tests.databases import Database, Databases

OF_ROWS = ("N004",)


def told(words: tuple[str, ...], database: Database | None = None) -> list[Any]:
    """The diagnostics, but those that are about rows."""
    command = (*words, "--format", "json", "--now", "2026-11-24T06:00")
    ended = on(database, "--dry-run", *command) if database else reconcile("validate", *command)
    assert ended.code in (0, 1, 3), ended.err
    return [one for one in ended.json["diagnostics"] if one["code"] not in OF_ROWS]


tasks = st.lists(
    st.builds(
        task,
        name=st.sampled_from("abc"),
        EntityName=st.sampled_from(["event", "world", "evnt", "user_account", "vault"]),
        ActionName=st.sampled_from(
            ["log_run", "logrun", "download_system_schema", "become_an_administrator"]
        ),
        AsUserEmail=st.sampled_from(["ann@example.com", "bob@example.com", "guest@cms.go", "an@example.com"]),
        Attributes=st.sampled_from(
            [{}, {"note": "n"}, {"nte": 1}, {"event_id": "x"}, {"long": "x" * 66_000}]
        ),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda one: one["Name"],
)


@settings(
    settings.get_profile("behaviour"),
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(declared=tasks)
def test_it_says_what_the_database_says(daptin: Database, declared: list[dict[str, Any]]) -> None:
    succeed(daptin, "refs", "export", "refs.json")
    write("tasks.yaml", declared)
    assert told(("--refs", "refs.json", "tasks.yaml")) == told(("tasks.yaml",), daptin)


def test_with_hashes_it_says_the_same_but_for_suggestions(lived_in: Database) -> None:
    succeed(lived_in, "refs", "export", "--hash-emails", "refs.json")
    write("tasks.yaml", [task("a"), task("b", AsUserEmail="an@example.com"), task("c", ActionName="logrun")])
    with_hashes = told(("--refs", "refs.json", "tasks.yaml"))
    assert [{**one, "hint": None} for one in with_hashes] == [
        {**one, "hint": None} for one in told(("tasks.yaml",), lived_in)
    ]
    assert "hashes" in with_hashes[0]["hint"]


def test_an_export_is_the_same_again_but_for_its_moment(daptin: Database) -> None:
    for file, moment in (("one.json", "2026-11-24T06:00"), ("two.json", "2026-11-25T06:00")):
        succeed(daptin, "refs", "export", "--now", moment, file)
    one, two = (Path(file).read_text().splitlines() for file in ("one.json", "two.json"))
    assert [number for number, (line, other) in enumerate(zip(one, two, strict=True)) if line != other] == [3]


def test_hashes_stay_as_long_as_the_file_does(lived_in: Database) -> None:
    words = ("refs", "export", "--hash-emails", "--now", "2026-11-24T06:00")
    texts = []
    for file in ("refs.json", "refs.json", "other.json"):
        succeed(lived_in, *words, file)
        texts.append(Path(file).read_text())
    assert texts[0] == texts[1] != texts[2]
    succeed(lived_in, "refs", "export", "--now", "2026-11-24T06:00", "refs.json")  # an option forgotten
    assert Path("refs.json").read_text() == texts[0]


def test_an_export_changes_nothing_and_tells_no_password(lived_in: Database) -> None:
    with lived_in.connection() as connection:
        connection.cursor().execute("UPDATE user_account SET password = '$2a$11$s3cretS3cret'")
        connection.commit()
    before = all_of(lived_in)
    for options in ((), ("--hash-emails",)):
        assert "s3cret" not in succeed(lived_in, "refs", "export", *options, "-").out
    assert all_of(lived_in) == before


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mysql"])
def test_an_embedded_database_is_filled(lived_in: Database, kind: str, databases: Databases) -> None:
    succeed(lived_in, "refs", "export", "--now", "2026-11-24T06:00", "refs.json")
    embedded = databases.empty(kind)
    filled = succeed(embedded, "init", "--refs", "refs.json", "--format", "json").json["filled"]
    assert filled["added"]["users"] == filled["snapshot"]["users"] - 1  # the guest was there
    succeed(embedded, "refs", "export", "--now", "2026-11-24T06:00", "again.json")
    first, again = (json.loads(Path(file).read_text()) for file in ("refs.json", "again.json"))
    assert {**again, "database": None} == {**_without_groups_ids(first, again), "database": None}
    assert set(
        succeed(embedded, "refs", "import", "refs.json", "--format", "json").json["added"].values()
    ) == {0}


def _without_groups_ids(first: Any, again: Any) -> Any:
    """Groups get ids of their own; all else is by name."""
    ids = {one["name"]: one["id"] for one in again["groups"]}
    return {**first, "groups": [{**one, "id": ids[one["name"]]} for one in first["groups"]]}


def test_what_daptin_made_is_not_filled(lived_in: Database) -> None:
    succeed(lived_in, "refs", "export", "refs.json")
    refused = on(lived_in, "refs", "import", "refs.json")
    assert (refused.code, "was made by Daptin" in refused.err) == (64, True)


def test_hashes_make_no_users(lived_in: Database, databases: Databases) -> None:
    succeed(lived_in, "refs", "export", "--hash-emails", "refs.json")
    embedded = databases.empty("sqlite")
    for words in (("init", "--refs", "refs.json"), ("refs", "import", "refs.json")):
        refused = on(embedded, *words)
        assert (refused.code, "a user cannot be made of a hash" in refused.err) == (64, True)
    assert not Path(embedded.name).exists()
