"""Health and metrics of the program itself, while it fires and while it stops."""

import contextlib
import re
import signal
import socket
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.behaviour.conftest import here as here
from tests.databases import Database, Databases
from tests.scheduler.conftest import eventually
from tests.scheduler.conftest import stage as stage
from tests.scheduler.program import apply, end, lines, runs, scheduler, task

HTTP = ("--http", "127.0.0.1:0")


@pytest.fixture
def database(databases: Databases) -> Database:
    """What is served is the same on every kind."""
    return databases.empty("sqlite")


def site() -> str:
    """Where it serves, as it says."""
    pattern = re.compile(r"^INFO Health and metrics on port (\d+)$", re.MULTILINE)
    eventually(lambda: pattern.search("\n".join(lines())))
    (port,) = pattern.findall("\n".join(lines()))
    return f"http://127.0.0.1:{port}"


def ask(url: str) -> tuple[int, Any]:
    answer = httpx.get(url, timeout=5, trust_env=False)
    return answer.status_code, answer.json()


def numbers(address: str) -> dict[str, float]:
    page = httpx.get(f"{address}/metrics", timeout=5, trust_env=False).text
    return {
        sample.name + "".join(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def test_fires_are_on_time_while_clients_stall(stage: Database) -> None:
    apply(stage, [task("tick")])
    with scheduler(stage, *HTTP) as process, contextlib.ExitStack() as stack:
        address = site()
        for _ in range(20):
            client = socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=5)
            stack.enter_context(client).sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n")
        eventually(lambda: ask(f"{address}/readyz") == (200, {"ready": True, "reason": None}))
        first = numbers(address)["task_scheduler_runs_totalok"]
        eventually(lambda: numbers(address)["task_scheduler_runs_totalok"] >= first + 2)
        seen = numbers(address)
        assert ask(f"{address}/healthz")[0] == 200
        assert end(process) == 0
    assert seen["task_scheduler_loaded_tasks"] == 1
    assert seen["task_scheduler_lag_seconds_bucket1.0"] == seen["task_scheduler_lag_seconds_count"]
    assert seen["task_scheduler_database_up"] == 1


def test_while_it_stops_it_is_healthy_but_not_ready(stage: Database) -> None:
    apply(stage, [task("long", action="sleep", Attributes={"seconds": 3})])
    with scheduler(stage, *HTTP) as process:
        address = site()
        eventually(lambda: numbers(address)["task_scheduler_running_runs"] >= 1)
        process.send_signal(signal.SIGTERM)
        eventually(lambda: ask(f"{address}/readyz") == (503, {"ready": False, "reason": "stopping"}))
        assert ask(f"{address}/healthz") == (200, {"healthy": True, "seconds_since_last_pass": None})
        assert process.wait(30) == 0
    assert {state for _, state, _ in runs(stage)} == {"ok"}


def test_a_port_that_is_taken_is_wrong_usage_in_one_line(stage: Database) -> None:
    apply(stage, [task("tick")])
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with scheduler(stage, "--http", f"127.0.0.1:{port}") as process:
            assert process.wait(30) == 64
    assert [line for line in lines() if "cannot listen" in line] == [
        f"task-scheduler: cannot listen on 127.0.0.1:{port}: Address already in use"
    ]
