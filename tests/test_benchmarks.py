"""The harness gives its rows. How fast anything is, no test asks: the machine and the hour decide that."""

from pathlib import Path

import pytest

from benchmarks import (
    applying,
    drifting,
    dry_run,
    exporting,
    rendering,
    schedule,
    scheduling,
    starting,
    storing,
)
from benchmarks.rows import Row, table
from tests.databases import Database, Databases


def row(**fields: object) -> Row:
    return Row(**({"name": "ours / theirs", "ours": 2.0, "peer": 10.0, "unit": "s", "bound": 0.3} | fields))


def test_a_row_is_held_to_its_bound() -> None:
    assert (row().ratio, row().passed) == (0.2, True)
    assert not row(bound=0.1).passed
    assert row(bound=None).passed


def test_a_speedup_is_the_ratio_turned_round() -> None:
    assert row(is_speedup=True, bound=5).passed
    assert not row(is_speedup=True, bound=5.1).passed


def test_the_table_says_what_is_missed() -> None:
    head, rule, first, second = table([row(), row(name="other", bound=0.1)]).splitlines()
    assert (head.split(" | ")[0], rule[:3]) == ("| what         ", "|--")
    assert first == "| ours / theirs | 2    | 10   | s    | 0.2   | <= 0.3 | met    |"
    assert second == "| other         | 2    | 10   | s    | 0.2   | <= 0.1 | MISSED |"


def test_small_commands_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "ROUNDS", 1)
    assert [one.bound for one in starting.measure(10)] == [1.5, 0.5, None, None]


def test_a_dry_run_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dry_run, "ROUNDS", 1)
    rows = dry_run.measure(20)
    assert [one.bound for one in rows] == [0.30, None, None, 1.5, 11]
    assert all(one.ours > 0 and one.peer > 0 for one in rows)


def test_an_export_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "ROUNDS", 1)
    rows = exporting.measure(20)
    assert [one.bound for one in rows] == [0.5, None, 1.5]
    assert all(one.ours > 0 and one.peer > 0 for one in rows)


def test_drift_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drifting, "ROUNDS", 1)
    rows = drifting.measure(200)
    assert [one.bound for one in rows] == [0.4, None, 1.5]
    assert all(one.ours > 0 and one.peer > 0 for one in rows)


def test_a_rendering_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "ROUNDS", 1)
    rows = rendering.measure(20)
    assert [one.bound for one in rows] == [1.0, None, 1.5]
    assert all(one.ours > 0 and one.peer > 0 for one in rows)


def test_an_apply_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "ROUNDS", 1)
    monkeypatch.setattr(applying, "KINDS", ("sqlite",))
    rows = applying.measure(20)
    assert [one.bound for one in rows] == [2.5, None]
    assert all(one.peer > 0 for one in rows)


def test_the_next_fire_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "ROUNDS", 1)
    monkeypatch.setattr(schedule, "STEPS", 2)
    monkeypatch.setattr(schedule, "OWN_STEPS", 2)
    assert [one.bound for one in schedule.measure(10)] == [25, 10]


def test_the_scheduler_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside APScheduler alone: Go need not be there."""
    monkeypatch.setattr(scheduling, "ROUNDS", 1)
    monkeypatch.setattr(scheduling, "SECONDS", 1)
    monkeypatch.setattr(scheduling, "REGISTERED", (30,))
    monkeypatch.setattr(scheduling, "LAG", {10: {"p99": (0.10, 2.0)}})
    monkeypatch.setattr(scheduling, "_built", lambda folder: None)
    rows = scheduling.measure(10)
    assert [(one.bound, one.is_speedup) for one in rows] == [
        (12, True),
        (1 / 3, False),
        (0.10, False),
        (1, False),
    ]
    assert all(one.peer > 0 for one in rows)
    assert (rows[-1].ours, rows[-1].peer) == (10, 10)


def test_the_scheduler_on_a_server_is_measured(
    monkeypatch: pytest.MonkeyPatch, database: Database, databases: Databases, tmp_path: Path
) -> None:
    for name, value in {"ROUNDS": 1, "FIRES": 20, "BATCHES": 1, "SINGLES": 1, "RUNS": 20}.items():
        monkeypatch.setattr(storing, name, value)
    if database.kind == "sqlite":
        pytest.skip("a server's")
    speed, driver, twice, missed = storing.claims(lambda: storing.new(database.kind, databases), tmp_path)
    assert (speed.bound, driver.bound, speed.peer > 0, driver.peer > 0) == (15, None, True, True)
    assert (twice.ours, missed.ours, twice.peer, missed.peer) == (20, 20, 20, 20)
    if database.kind == "mysql":
        return
    runs, beside, alone = storing.whole_runs(lambda: storing.new(database.kind, databases), tmp_path)
    assert (runs.bound, runs.is_speedup, runs.peer > 0) == (0.4, True, True)
    assert (beside.bound, alone.bound, beside.peer == alone.ours > 0) == (None, None, True)
