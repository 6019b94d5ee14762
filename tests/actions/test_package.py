"""The example is a package like anybody's: built, installed, found by its entry point."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.consoles import ROOT

PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
from reconciler.actions.discover import find
found = find()
files = {"/".join(key): sys.modules[one.__module__].__file__ for key, one in found.functions.items()}
print(json.dumps([files, found.problems]))
"""


def test_a_package_that_is_installed_is_found(tmp_path: Path) -> None:
    site = tmp_path / "site"
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    options = ("--no-index", "--no-deps", "--no-build-isolation", "--target", str(site))
    given = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    subprocess.run((*pip, *options, str(ROOT / "examples" / "actions")), env=given, check=True, cwd=tmp_path)
    assert list(site.glob("example_actions-*.dist-info/entry_points.txt"))
    done = subprocess.run(
        (sys.executable, "-c", PROGRAM, str(site)),
        env=given,
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    files, problems = json.loads(done.stdout)
    assert problems == []
    ours = {key for key, file in files.items() if Path(file).is_relative_to(site)}
    assert ours == {
        "integration/sync_external_data",
        "report/generate_report",
        "session/cleanup_old_data",
        "world/cleanup_old_data",
    }
    assert {"world/export_data", "world/export_csv_data"} <= files.keys()
