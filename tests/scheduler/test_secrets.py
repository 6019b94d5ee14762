"""What an action says of the values that it was given from the environment is in no log and no history."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from reconciler.scheduler.veil import veil_of
from reconciler.task import Secret
from tests.behaviour.program import succeed
from tests.commands.program import run_now, task_scheduler
from tests.databases import Database, Databases
from tests.scheduler.build import registered
from tests.scheduler.conftest import eventually
from tests.scheduler.daptin import serving
from tests.scheduler.program import end, run_task, runs, scheduler

TOKEN = 'hunter"2\\\nof the second line'
MASK = "(from RECONCILE_VAR_TOKEN)"
TASKS = """Tasks:
  - Name: one
    Schedule: "@every 1s"
    EntityName: {entity}
    ActionName: {action}
    AsUserEmail: ann@example.com
    Attributes: {{token: !env RECONCILE_VAR_TOKEN, plain: seen, deep: [!env RECONCILE_VAR_TOKEN]}}
"""


def declare(database: Database, monkeypatch: pytest.MonkeyPatch, entity: str, action: str) -> None:
    monkeypatch.setenv("RECONCILE_VAR_TOKEN", TOKEN)
    Path("tasks.yaml").write_text(TASKS.format(entity=entity, action=action))
    succeed(database, "--yes", "--prune", "none")
    monkeypatch.delenv("RECONCILE_VAR_TOKEN")


def nowhere(text: str) -> None:
    assert "hunter" not in text
    assert "second line" not in text


def test_an_action_that_repeats_what_it_was_given(stage: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(stage, monkeypatch, "job", "tell")
    ended = run_now(stage, "one", "--log-level", "debug")
    assert ended.code == 1
    ((_, state, error),) = runs(stage)
    assert state == "failed"
    said = f"{{'token': '{MASK}', 'plain': 'seen', 'deep': ['{MASK}']}} were refused, {MASK} above all"
    assert error == f"ValueError: {said}"
    assert f"signing in with {MASK}\n" in ended.err
    assert f"Errors while executing action 109: {error}\n" in ended.err
    assert f"    ValueError: {said}\n" in ended.err  # the last line of its traceback
    nowhere(ended.out + ended.err)
    nowhere(task_scheduler(stage, "runs", "one").out + succeed(stage, "explain", "one").out)


def test_a_scheduler_that_serves_says_it_no_more(stage: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(stage, monkeypatch, "job", "tell")
    with scheduler(stage, "--log-format", "json", "--log-level", "debug") as process:
        eventually(lambda: any(state == "failed" for _, state, _ in runs(stage)))
        assert end(process, signal.SIGTERM) == 0
    told = [json.loads(line) for line in Path("log").read_text().splitlines()]
    assert {one["event"] for one in told} >= {"action", "raised", "failed"}
    nowhere(Path("log").read_text() + str(runs(stage)))


def test_a_server_that_repeats_what_it_was_given(
    databases: Databases, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = databases.captured("sqlite", "lived-in")
    declare(database, monkeypatch, "event", "log_run")
    answer = json.dumps({"errors": [{"title": "x" * 989 + TOKEN}]}).encode()
    with serving((500, answer)) as server:
        ended = run_task(database, "one", server.url)
    assert ended.code == 1
    assert "xxx(from RECONCILE_VAR_TOKEN)..." in ended.err
    nowhere(ended.out + ended.err + str(runs(database)))


def test_the_bookkeeping_of_an_older_program_knows_of_none(
    stage: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the run goes on all the same."""
    declare(stage, monkeypatch, "job", "tell")
    stage.query("ALTER TABLE reconciler_task DROP COLUMN secrets")
    stage.query("UPDATE reconciler_version SET version_num = '0002'")
    assert run_now(stage, "one").code == 1
    assert [state for _, state, _ in runs(stage)] == ["failed"]


@pytest.mark.parametrize(
    ("value", "said", "told"),
    [
        ("abc", "abc", "abc"),  # shorter than what can be told from other words
        ("abcd", "xabcdx", "x#x"),
        (12345, "12345 rows, 12345", "# rows, #"),
        (True, "True", "True"),
        ({"user": "annie", "more": [{"key": "s3cret"}]}, "annie s3cret", "# #"),
        ("a b&c/d", "?token=a+b%26c%2Fd&x=a%20b%26c%2Fd", "?token=#&x=#"),
        ("0123456789abcdefghij", "value '0123456789abcdefgh' is too long", "value '#' is too long"),
        ("0123456789abcdefghij", "is too long: 0123456...", "is too long: #..."),
        ("\udcff\udcfeabc", "\udcff\udcfeabc", "#"),
    ],
)
def test_spellings(value: Any, said: str, told: str) -> None:
    secret = Secret(("Attributes", "token"), "RECONCILE_VAR_TOKEN")
    task = registered()._replace(attributes={"token": value}, secrets=(secret,))
    assert veil_of(task)(said).replace(secret.placeholder, "#") == told


def test_a_row_that_was_changed_hides_nothing_that_is_not_there() -> None:
    secrets = (Secret(("Attributes", "gone", 0), "A"), Secret(("Attributes", "plain", "x"), "B"))
    task = registered()._replace(attributes={"plain": "text"}, secrets=secrets)
    assert veil_of(task)("text") == "text"
