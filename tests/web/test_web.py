"""Health, readiness and metrics, asked over HTTP."""

import contextlib
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from reconciler import __version__
from reconciler.errors import UsageError
from reconciler.scheduler.counters import Counters, Snapshot
from reconciler.web import serving
from tests.consoles import ROOT


@dataclass
class Fake:
    """A scheduler as the pages see it."""

    counters: Counters = field(default_factory=Counters)
    is_ready: bool = True
    is_stopping: bool = False
    is_reachable: bool = True
    waiting: int = 3
    going: int = 2
    time: float = 1000.0

    def snapshot(self) -> Snapshot:
        return self.counters.snapshot()

    def now(self) -> float:
        return self.time


@pytest.fixture
def view() -> Fake:
    one = Fake()
    one.counters.passed(999.0)
    return one


@pytest.fixture
def site(view: Fake) -> Iterator[httpx.Client]:
    with (
        serving(view, "127.0.0.1", 0) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=5, trust_env=False) as client,
    ):
        yield client


def test_it_is_healthy_while_the_loop_passes(view: Fake, site: httpx.Client) -> None:
    assert site.get("/healthz").json() == {"healthy": True, "seconds_since_last_pass": 1.0}
    view.time = 1010.0
    ill = site.get("/healthz")
    assert (ill.status_code, ill.json()["seconds_since_last_pass"]) == (503, 11.0)


@pytest.mark.parametrize("changes", [{"is_ready": False}, {"is_stopping": True}])
def test_a_loop_that_is_not_to_pass_is_not_ill(
    changes: dict[str, bool], view: Fake, site: httpx.Client
) -> None:
    """Killed for its health, a scheduler that lets its runs end would lose them."""
    view.time = 2000.0
    for name, value in changes.items():
        setattr(view, name, value)
    answer = site.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"healthy": True, "seconds_since_last_pass": None}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"is_ready": False}, "the table is being loaded"),
        ({"is_stopping": True}, "stopping"),
        ({"is_reachable": False}, "the database is away"),
    ],
)
def test_it_says_why_it_is_not_ready(
    changes: dict[str, bool], reason: str | None, view: Fake, site: httpx.Client
) -> None:
    for name, value in changes.items():
        setattr(view, name, value)
    answer = site.get("/readyz")
    assert answer.status_code == (503 if reason else 200)
    assert answer.json() == {"ready": reason is None, "reason": reason}


def test_the_metrics_are_what_was_counted(view: Fake, site: httpx.Client) -> None:
    counters = view.counters
    counters.fired(7)
    counters.claimed(5, 2)
    counters.started(0.003)
    counters.started(100)
    counters.ended("ok", 0.02)
    counters.ended("failed", 2)
    counters.ended("missed")
    counters.loaded(11)
    answer = site.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert found["task_scheduler_fires_total",] == 7
    assert found["task_scheduler_claims_won_total",] == 5
    assert found["task_scheduler_claims_lost_total",] == 2
    assert [found["task_scheduler_runs_total", state] for state in ("ok", "failed", "missed", "lost")] == [
        1,
        1,
        1,
        0,
    ]
    assert found["task_scheduler_lag_seconds_bucket", "0.001"] == 0
    assert found["task_scheduler_lag_seconds_bucket", "0.005"] == 1
    assert found["task_scheduler_lag_seconds_bucket", "+Inf"] == 2
    assert found["task_scheduler_lag_seconds_sum",] == pytest.approx(100.003)
    assert found["task_scheduler_run_duration_seconds_count",] == 2
    assert found["task_scheduler_loaded_tasks",] == 11
    assert found["task_scheduler_running_runs",] == 2
    assert found["task_scheduler_waiting_runs",] == 3
    assert found["task_scheduler_last_pass_timestamp_seconds",] == 999


def test_other_pages_and_methods_are_refused(site: httpx.Client) -> None:
    assert site.get("/").status_code == 404
    assert site.post("/metrics").status_code == 405
    assert site.head("/healthz").status_code == 200


def test_an_address_that_is_taken_is_told() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = f"cannot listen on 127.0.0.1:{port}: Address already in use"
        with pytest.raises(UsageError, match=said), serving(Fake(), "127.0.0.1", port):
            pass


def test_from_the_first_moment_it_accepts_and_owns_its_port(view: Fake) -> None:
    for _ in range(5):  # its thread needs a while before it answers
        with serving(view, "127.0.0.1", 0) as port:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            with pytest.raises(UsageError, match="Address already in use"), serving(view, "127.0.0.1", port):
                pass


def test_names_are_listened_on_too(view: Fake) -> None:
    with serving(view, "localhost", 0) as port:
        assert httpx.get(f"http://localhost:{port}/healthz", timeout=5, trust_env=False).status_code == 200
    unknown = "no-such-host.invalid"
    with pytest.raises(UsageError, match=f"cannot listen on {unknown}:0: "), serving(view, unknown, 0):
        pass


def test_what_is_no_http_is_answered_and_not_logged(
    view: Fake, site: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    port = site.base_url.port
    assert port is not None
    with socket.create_connection(("127.0.0.1", port), timeout=5) as other:
        other.sendall(b"\x16\x03\x01 not HTTP\r\n\r\n")
        assert other.recv(100).startswith(b"HTTP/1.1 400 ")
    assert capfd.readouterr().err == ""


def test_the_numbers_are_told_the_way_prometheus_expects(view: Fake, site: httpx.Client) -> None:
    families = {one.name: one for one in text_string_to_metric_families(site.get("/metrics").text)}
    assert {name for name in families if not name.startswith("task_scheduler_")} == set()
    assert all(one.documentation for one in families.values())
    kinds = {name: one.type for name, one in families.items()}
    assert kinds["task_scheduler_runs"] == "counter"
    assert kinds["task_scheduler_lag_seconds"] == kinds["task_scheduler_run_duration_seconds"] == "histogram"
    assert kinds["task_scheduler_loaded_tasks"] == kinds["task_scheduler_database_up"] == "gauge"
    (build,) = families["task_scheduler_build_info"].samples
    assert (build.name, build.labels, build.value) == (
        "task_scheduler_build_info",
        {"version": __version__},
        1.0,
    )


def test_it_stops_although_a_client_stalls(view: Fake) -> None:
    with contextlib.ExitStack() as stack:
        with serving(view, "127.0.0.1", 0) as port:
            stalled = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            stalled.sendall(b"GET /healthz HTTP/1.1\r\n")
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5, trust_env=False)
            before = time.monotonic()
        assert time.monotonic() - before < 4
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_client_that_stalls_keeps_nobody_waiting(view: Fake, site: httpx.Client) -> None:
    port = site.base_url.port
    assert port is not None
    with socket.create_connection(("127.0.0.1", port)) as stalled:
        stalled.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n")  # and never the end
        before = time.monotonic()
        assert site.get("/healthz").status_code == 200
        assert time.monotonic() - before < 2


def test_the_document_names_every_metric(site: httpx.Client) -> None:
    text = (ROOT / "docs" / "scheduler-http.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(task_scheduler_\w+)|, `(task_scheduler_\w+)` \|", text, re.MULTILINE))
    served = {
        re.sub(r"_(bucket|sum|count)$", "", sample.name)
        for family in text_string_to_metric_families(site.get("/metrics").text)
        for sample in family.samples
    }
    assert {first or second for first, second in told} == served
