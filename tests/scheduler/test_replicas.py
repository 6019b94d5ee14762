"""`examples/replicas`: two schedulers on one database, started and stopped by one script."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.consoles import ROOT
from tests.databases import Database, Databases
from tests.scheduler.conftest import eventually
from tests.scheduler.program import apply, lines, runs, task

SCRIPT = ROOT / "examples" / "replicas" / "two.sh"


@pytest.fixture(params=["postgresql", "mysql"])
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    """SQLite takes only one scheduler."""
    kind: str = request.param
    return databases.empty(kind)


def test_ctrl_c_stops_both_and_waits_for_their_runs(stage: Database) -> None:
    apply(stage, [task("tick"), task("long", "@every 2s", action="sleep", Attributes={"seconds": 2})])
    words = ("--http", "127.0.0.1:0", "--actions", "tests.scheduler.acts")
    environment = dict(os.environ) | {
        "RECONCILE_DATABASE_URL": stage.url,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    with open("log", "ab") as log:
        script = subprocess.Popen(
            ["sh", str(SCRIPT), *words], stderr=log, env=environment, start_new_session=True
        )
    try:
        eventually(lambda: sum(name == "long" and state == "running" for name, state, _ in runs(stage)))
        eventually(lambda: len(runs(stage, state="ok", name="tick")) >= 2)
        os.killpg(script.pid, signal.SIGINT)  # as a terminal does
        assert script.wait(30) == 0
    finally:
        os.killpg(script.pid, signal.SIGTERM) if script.poll() is None else None
    assert sum(line.endswith("Stopped") for line in lines()) == 2
    assert {state for _, state, _ in runs(stage)} == {"ok"}
    assert stage.query("SELECT count(*) FROM reconciler_process WHERE ended_at IS NOT NULL") == [(2,)]
    effects = stage.query("SELECT task, moment FROM effect")
    assert len(set(effects)) == len(effects) == len(runs(stage))
