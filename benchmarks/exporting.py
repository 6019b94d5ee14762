"""The rows of a table as YAML, against PyYAML's C dumper on the same tasks, read by the driver alone."""

import tempfile
from pathlib import Path

from benchmarks.dry_run import applied
from benchmarks.rows import Row
from benchmarks.runs import PYTHON, RECONCILE, beside, medians, run

ROUNDS = 3

DUMP = """
import json, sqlite3, sys, yaml

rows = sqlite3.connect("daptin.db").execute(
    "SELECT t.name, schedule, entity_name, action_name, u.email, active, job_type, attributes "
    "FROM task t JOIN user_account u ON u.id = t.as_user_id ORDER BY t.name"
)
keys = ("Name", "Schedule", "EntityName", "ActionName", "AsUserEmail", "Active", "JobType")
tasks = [dict(zip(keys, row), Active=row[5] == 1, Attributes=json.loads(row[7])) for row in rows]
yaml.dump({"Tasks": tasks}, sys.stdout, yaml.CSafeDumper, sort_keys=False, allow_unicode=True)
"""


def measure(tasks: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = applied(Path(name, "full"), tasks)
        ours, dump = medians(
            ROUNDS,
            lambda: run([RECONCILE, "export"], folder),
            lambda: run([PYTHON, "-c", DUMP], folder),
        )
    what, peer = f"export, {tasks:,} rows", "bare CSafeDumper"
    return beside(what, peer, ours, dump, bound=0.5)
