"""`reconcile preview` of an interval: from its anchor once a scheduler has given it one."""

from pathlib import Path

import yaml

from tests.behaviour.program import succeed
from tests.databases import Database
from tests.scheduler.conftest import eventually
from tests.scheduler.program import apply, end, lines, scheduler, task

NOW = ("--now", "2030-01-01T00:00:00Z", "-n", "2")


def test_an_interval_counts_from_its_anchor(stage: Database) -> None:
    apply(stage, [task("often", "@every 7h")])
    before = succeed(stage, "preview", "often", *NOW).out
    assert "Counted from now: a scheduler counts from its own start." in before
    assert "2030-01-01 07:00:00" in before
    with scheduler(stage) as process:
        eventually(lambda: any("Started" in line for line in lines()))
        assert end(process) == 0
    stage.query("UPDATE reconciler_anchor SET anchor = '2029-12-31 22:00:00'")
    after = succeed(stage, "preview", "often", *NOW).out
    assert "Counted from 2029-12-31 22:00:00 UTC, when a scheduler first registered it." in after
    assert "2030-01-01 05:00:00" in after
    assert "2030-01-01 12:00:00" in after
    Path("tasks.yaml").write_text(yaml.safe_dump({"Tasks": [task("often", "@every 6h")]}))
    succeed(stage, "--yes")
    assert "Counted from now" in succeed(stage, "preview", "often", *NOW).out
