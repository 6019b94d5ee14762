"""An environment laid over tasks, with the origin of each field, against PyYAML's C loader and dumper."""

import tempfile
from pathlib import Path

from benchmarks.corpus import write_corpus
from benchmarks.rows import Row
from benchmarks.runs import PYTHON, RECONCILE, beside, medians, run

ROUNDS = 3
EVERY = 10

MERGE = """
import sys, yaml

def merged(below, above):
    if isinstance(below, dict) and isinstance(above, dict):
        return {**below, **{key: merged(below.get(key), value) for key, value in above.items()}}
    return above

def load(file):
    return yaml.load(open(file, "rb"), yaml.CSafeLoader)["Tasks"]

patches = {task["Name"]: task for task in load("env/prod/tasks.yaml")}
tasks = [merged(task, patches.get(task["Name"], {})) for task in load("tasks.yaml")]
yaml.dump({"Tasks": tasks}, sys.stdout, yaml.CSafeDumper, sort_keys=False, allow_unicode=True)
"""


def measure(tasks: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = _layered(Path(name), tasks)
        ours, bare = medians(
            ROUNDS,
            lambda: run([RECONCILE, "render", "--env", "prod", "tasks.yaml"], folder),
            lambda: run([PYTHON, "-c", MERGE], folder),
        )
    what, peer = f"render, {tasks // EVERY:,} patches of {tasks:,} tasks", "bare load, merge, dump"
    return beside(what, peer, ours, bare, bound=1.0)


def _layered(folder: Path, tasks: int) -> Path:
    """A folder with a corpus, and an environment that patches every tenth task of it."""
    write_corpus(folder / "tasks.yaml", tasks)
    overlay = folder / "env" / "prod" / "tasks.yaml"
    overlay.parent.mkdir(parents=True)
    lines = (folder / "tasks.yaml").read_text(encoding="utf-8").splitlines()
    names = [line.partition(": ")[2] for line in lines if line.startswith("  - Name: ")]
    patches = (
        f"  - Name: {name}\n    Active: false\n    Attributes: {{type: nightly}}\n" for name in names[::EVERY]
    )
    overlay.write_text("Tasks:\n" + "".join(patches), encoding="utf-8")
    return folder
