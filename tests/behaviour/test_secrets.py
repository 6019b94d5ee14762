"""A value from the environment is in the row, and in nothing that any command says, writes or keeps."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.database.applies import read_applies, read_plan
from reconciler.database.target import connect
from reconciler.database.urls import target_url
from tests.behaviour.program import reconcile, write
from tests.conftest import or_skip
from tests.databases import Database, Databases

FORMATS = ("text", "json", "markdown", "github", "gitlab", "sarif", "junit")
YAML = """
Tasks:
  - Name: daily
    Schedule: "0 8 * * *"
    EntityName: event
    ActionName: log_run
    AsUserEmail: ann@example.com
    Attributes:
      note: !env RECONCILE_VAR_NOTE
      token: &token !env RECONCILE_VAR_NOTE
      n: [1, !env {name: RECONCILE_VAR_N, type: int}]
      deep: {json: !env {name: RECONCILE_VAR_JSON, type: json}, again: *token}
"""
PLAIN = YAML.replace("!env RECONCILE_VAR_NOTE", "plain")


def variables(text: str, number: int) -> dict[str, str]:
    return {
        "RECONCILE_VAR_NOTE": text,
        "RECONCILE_VAR_N": str(number),
        "RECONCILE_VAR_JSON": json.dumps({f"key {text}": [text, number]}),
    }


def traces(text: str, number: int) -> set[str]:
    """Whatever would give the values away."""
    return {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], str(number)}


def outputs(
    database: Database, monkeypatch: Any, old: Mapping[str, str], new: Mapping[str, str]
) -> Iterator[str]:
    """All that the commands say while a task gets secrets, other ones, and loses them."""

    def told(*words: str) -> str:
        ended = reconcile(*words)
        assert ended.code in (0, 1, 2, 3, 64), ended.err
        return ended.out + ended.err

    def set_variables(values: Mapping[str, str]) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    def plans() -> Iterator[str]:
        yield from (told("--dry-run", "-v", "--format", one, "tasks.yaml") for one in FORMATS)
        yield told("plan", "tasks.yaml", "--out", "plan.json")
        yield Path("plan.json").read_text()
        yield from (told("drift", "--format", one, "tasks.yaml") for one in ("text", "json"))

    monkeypatch.setenv("RECONCILE_DATABASE_URL", database.url)
    file = Path("tasks.yaml")
    file.write_text(PLAIN)
    set_variables(old)
    yield told("validate", "tasks.yaml")
    yield told("--yes", "tasks.yaml")
    file.write_text(YAML)
    yield from plans()
    yield told("apply", "plan.json")
    ((attributes,),) = database.query("SELECT attributes FROM task WHERE name = 'daily'")
    assert json.loads(attributes)["note"] == old["RECONCILE_VAR_NOTE"], "the action needs the value"
    yield kept(database)
    set_variables(new)
    yield from plans()
    assert '"update"' in told("--dry-run", "--format", "json", "tasks.yaml"), "another value is a change"
    yield told("--yes", "tasks.yaml", "--format", "json")
    for attributes in ('{"note": "x"}', '"text"', json.dumps({"moved": list(new.values())})):
        yield from _drifted(database, attributes, plans)
    yield told("--yes", "tasks.yaml")
    yield kept(database)
    yield from (told(*words) for words in COMMANDS)
    set_variables({"RECONCILE_VAR_N": new["RECONCILE_VAR_NOTE"]})  # no integer
    yield from (told("--dry-run", "--format", one, "tasks.yaml") for one in FORMATS)
    set_variables(new)
    file.write_text(YAML.replace("RECONCILE_VAR_NOTE", "{name: RECONCILE_VAR_NOTE, type: json}", 1))
    yield from (told("--dry-run", "--format", one, "tasks.yaml") for one in FORMATS)
    write("other.yaml", [])
    file.write_text("Tasks: []\n")
    yield from plans()
    yield told("--yes", "--allow-empty", "tasks.yaml")
    yield kept(database)
    yield from (told(*words) for words in COMMANDS)


COMMANDS = (
    *(("export", "--format", one) for one in ("text", "json")),
    *(("history", *more, "--format", one) for more in ((), ("last",)) for one in ("text", "json")),
    *(("undo", "last", "--dry-run", "--format", one) for one in ("text", "json")),
    *(("status", "--format", one, "tasks.yaml") for one in ("text", "json")),
    *(("render", "--format", one, "tasks.yaml") for one in ("text", "json")),
    ("hold", "daily", "--until", "2h", "--reason", "why"),
    ("holds", "--format", "json"),
    ("unhold", "daily"),
    ("fmt", "--check", "tasks.yaml"),
    ("preview", "daily", "--format", "json"),
    ("calendar", "tasks.yaml"),
    *(("explain", "daily", "tasks.yaml", "--format", one) for one in ("text", "json")),
    ("impact", "--user", "ann@example.com", "--format", "json"),
)


def _drifted(database: Database, attributes: str, plans: Any) -> Iterator[str]:
    database.query("UPDATE task SET attributes = ? WHERE name = 'daily'", (attributes,))
    yield from plans()


def kept(database: Database) -> str:
    """What the bookkeeping keeps, the plans of all applies included."""
    records = database.query("SELECT applied, secrets FROM reconciler_task")
    with connect(target_url(database.url, {}), read_only=True) as target:
        return f"{records}{[read_plan(target, one.apply_id) for one in read_applies(target)]}"


def assert_nothing_told(database: Database, monkeypatch: Any, old: Any, new: Any) -> None:
    hidden = traces(*old) | traces(*new)
    for said in outputs(database, monkeypatch, variables(*old), variables(*new)):
        assert not [one for one in hidden if one in said], said
    for file in Path("..").rglob("*"):
        if file.is_file() and not file.name.startswith("daptin.db") and file.suffix not in (".db",):
            content = file.read_bytes().decode("utf-8", "replace")
            assert not [one for one in hidden if one in content], file


def test_no_output_tells_a_secret(lived_in: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = ("hunter2-œ'\"\\ secret", 734_251_809_117), ("correct horse %s ☕", 912_830_415_262)
    assert_nothing_told(lived_in, monkeypatch, old, new)


def test_a_failure_of_the_database_does_not_tell_it(
    lived_in: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL would quote the row that breaks a constraint, drivers the values of a statement."""
    monkeypatch.setenv("RECONCILE_DATABASE_URL", lived_in.url)
    for name, value in variables("hunter2-secret", 734_251_809_117).items():
        monkeypatch.setenv(name, value)
    Path("tasks.yaml").write_text(YAML)
    if lived_in.kind == "sqlite":
        lived_in.query(
            "CREATE TRIGGER no BEFORE INSERT ON task WHEN NEW.attributes LIKE '%hunter2%' "
            "BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )
    else:
        lived_in.query(
            "ALTER TABLE task ADD CONSTRAINT refused CHECK (POSITION('hunter2' IN attributes) = 0)"
        )
    for words in (("--yes",), ("--yes", "-v"), ("--yes", "--format", "json")):
        ended = reconcile(*words, "tasks.yaml")
        assert ended.code == 1, ended
        assert "hunter2" not in ended.out + ended.err
        assert "refuse" in ended.err


secrets = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="(from RECONCILE_VAR_)"),
    min_size=9,
    max_size=20,
)
numbers = st.integers(10**11, 2**53)


@settings(settings.get_profile("behaviour"), max_examples=6)
@given(old=st.tuples(secrets, numbers), new=st.tuples(secrets, numbers))
def test_no_output_tells_any_secret(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory, old: Any, new: Any
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        here = tmp_path_factory.mktemp("story") / "here"
        here.mkdir()
        monkeypatch.chdir(here)
        monkeypatch.setenv("XDG_STATE_HOME", str(here.parent / "state"))
        assert_nothing_told(or_skip(lambda: databases.captured("sqlite", "lived-in")), monkeypatch, old, new)
