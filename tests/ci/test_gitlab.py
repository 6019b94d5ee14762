"""templates/reconcile.yml: its shape, and its jobs run for real."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from junitparser import JUnitXml

from tests.consoles import ROOT, run
from tests.repositories import TASKS

_INPUT = re.compile(r"\$\[\[ inputs\.([\w-]+) \]\]")
HEAD, JOBS = (ROOT / "templates" / "reconcile.yml").read_text(encoding="utf-8").split("\n---\n")
INPUTS: dict[str, dict[str, str]] = yaml.safe_load(HEAD)["spec"]["inputs"]


def pipeline(**inputs: str) -> Any:
    """The jobs as GitLab reads them, once it has put in the inputs."""
    values = {name: inputs.get(name, one.get("default", "task-reconciler")) for name, one in INPUTS.items()}
    return yaml.safe_load(_INPUT.sub(lambda match: values[match[1]], JOBS))


def ended(job: str, folder: Path, **inputs: str) -> tuple[str, int]:
    """What a job prints, and its exit code."""
    jobs = pipeline(**inputs)
    settings = " ".join(
        f"export {name}='{text}';" for name, text in jobs[jobs[job]["extends"]]["variables"].items()
    )
    return run(f"set -e; {settings} {'; '.join(jobs[job]['script'])}", folder)


def test_the_shape_is_that_of_a_pipeline(tmp_path: Path) -> None:
    file = tmp_path / ".gitlab-ci.yml"
    file.write_text(yaml.safe_dump(pipeline()))
    command = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci")
    subprocess.run([*command, file], check=True, capture_output=True)
    assert set(_INPUT.findall(JOBS)) == set(INPUTS)


def test_a_plan_leaves_its_reports_behind(here: Path) -> None:
    output, code = ended("reconcile-plan", here)
    assert (code, "+ daily_report" in output) == (0, True)
    artifacts = pipeline()[".reconcile"]["artifacts"]
    for file in (*artifacts["paths"], *artifacts["reports"].values()):
        assert (here / file).exists(), file
    assert json.loads((here / "gl-code-quality-report.json").read_text()) == []
    assert JUnitXml.fromfile(str(here / "reconcile.xml")).failures == 0


@pytest.mark.parametrize("job", ["reconcile-plan", "reconcile-apply"])
def test_a_mistake_fails_the_job_and_is_reported(job: str, here: Path) -> None:
    (here / "tasks" / "reports.yaml").write_text(TASKS.replace("0 8", "61 8"))
    assert ended(job, here)[1] == 1
    (entry,) = json.loads((here / "gl-code-quality-report.json").read_text())
    assert entry["location"] == {"path": "tasks/reports.yaml", "lines": {"begin": 3}}


def test_an_apply(here: Path) -> None:
    assert ended("reconcile-apply", here, paths="tasks")[1] == 0
    assert json.loads((here / "plan.json").read_text())["outcome"]["verified"] is True
