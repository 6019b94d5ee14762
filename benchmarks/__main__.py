"""`python -m benchmarks [NAME ...] [--tasks N]`: the table, printed and kept in benchmarks/results.md."""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

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

MEASURES: Mapping[str, Callable[[int], Sequence[Row]]] = {
    "dry-run": dry_run.measure,
    "export": exporting.measure,
    "drift": drifting.measure,
    "render": rendering.measure,
    "apply": applying.measure,
    "start": starting.measure,
    "schedule": schedule.measure,
    "scheduler": scheduling.measure,
    "stored": storing.measure,
}
TASKS = 100_000
RESULTS = Path(__file__).with_name("results.md")
PEERS = ("PyYAML", "SQLAlchemy", "psycopg", "PyMySQL", "croniter", "cronsim", "APScheduler")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure, beside others.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(MEASURES)}")
    parser.add_argument("--tasks", type=int, default=TASKS, help="fewer for a quick look")
    given = parser.parse_args()
    if unknown := set(given.names) - set(MEASURES):
        parser.error(f"no such name: {', '.join(sorted(unknown))}")
    rows: list[Row] = []
    for name in given.names or MEASURES:
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows += MEASURES[name](given.tasks)
    print(table(rows))
    if not given.names and given.tasks == TASKS:
        RESULTS.write_text(_page(rows), encoding="utf-8")
    return 0 if all(row.passed for row in rows) else 1


def _page(rows: Sequence[Row]) -> str:
    return f"# Results\n\n{_machine()}\n\n{table(rows)}\n\nWhat each row means: [README.md](README.md).\n"


def _machine() -> str:
    peers = ", ".join(f"{name} {version(name)}" for name in PEERS)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} on {platform.machine()}, {os.cpu_count()} cores, "
        f"{platform.python_implementation()} {platform.python_version()}; {peers}."
    )


if __name__ == "__main__":
    sys.exit(main())
