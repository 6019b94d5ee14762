"""action.yml: its shape, its scripts run for real, and the comment that it keeps on a pull request."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ci.github import ACTION, ME, TOKEN, PullRequest, use
from tests.consoles import ROOT, run
from tests.repositories import TASKS

STEPS = ACTION["runs"]["steps"]
SCRIPTS = sorted((ROOT / "action").iterdir())
MARK = "<!-- task-reconciler: tasks -->\n"

pytestmark = pytest.mark.skipif(
    not (shutil.which("jq") and shutil.which("curl")) and not os.environ.get("CI"),
    reason="the action needs jq and curl",
)


def test_the_shape_is_that_of_an_action() -> None:
    command = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions")
    subprocess.run([*command, ROOT / "action.yml"], check=True, capture_output=True)


def test_no_input_is_part_of_a_script() -> None:
    """What an expression stands for in a script is read as part of it: a title of a pull request, say."""
    for step in STEPS:
        assert "${{" not in step.get("run", "")
    every = json.dumps(STEPS)
    assert {name for name in ACTION["inputs"] if f"inputs.{name}" not in every} == set()
    assert all("shell" in step for step in STEPS if "run" in step)


def test_what_a_step_gives_is_what_the_outputs_take() -> None:
    given = set(re.findall(r'echo "([a-z-]+)=', (ROOT / "action" / "run").read_text()))
    taken = set(re.findall(r"steps\.reconcile\.outputs\.([a-z-]+)", (ROOT / "action.yml").read_text()))
    assert given == taken


def test_the_page_names_every_input_and_output() -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \|", page[page.index("## GitHub") : page.index("## GitLab")], re.M)
    assert rows == [*ACTION["inputs"], *ACTION["outputs"]]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_scripts_are_sound(script: Path) -> None:
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    if shutil.which("shellcheck"):
        command = ["shellcheck", "--severity=warning", script]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.stdout == ""


def test_a_plan_is_commented_and_the_comment_kept_up_to_date(here: Path) -> None:
    pull = PullRequest()
    pull.add("ann", "Please look at this.")
    first = use(here, pull)
    assert first.code == 0
    assert first.outputs["exit-code"] == "2"
    assert first.outputs["has-changes"] == "true"
    assert re.fullmatch("[0-9a-f]{64}", first.outputs["plan-hash"])
    plan = json.loads(Path(first.outputs["plan-file"]).read_text())
    assert plan["plan_hash"] == first.outputs["plan-hash"]
    assert "+ daily_report" in first.log
    assert "### 1 to add" in first.summary
    assert [one.author for one in pull.comments] == ["ann", ME]
    assert pull.comments[1].body == MARK + first.summary

    (here / "tasks" / "reports.yaml").write_text(TASKS.replace("0 8", "61 8"))
    second = use(here, pull)
    assert (second.code, second.outputs["plan-hash"]) == (1, "")
    assert "::error file=tasks/reports.yaml,line=3," in second.log
    assert len(pull.comments) == 2
    assert "1 error: nothing was planned" in pull.comments[1].body

    (here / "tasks" / "reports.yaml").write_text(TASKS)
    assert run("reconcile --yes", here)[1] == 0
    third = use(here, pull)
    assert (third.code, third.outputs["has-changes"]) == (0, "false")
    assert "### No changes, 1 task as declared" in pull.comments[1].body
    assert pull.asked.count("POST /repos/ops/tasks/issues/7/comments") == 1


def test_where_there_is_nothing_to_say_nothing_is_said(here: Path) -> None:
    assert run("reconcile --yes", here)[1] == 0
    pull = PullRequest()
    assert use(here, pull).code == 0
    assert pull.comments == []
    assert use(here, pull, comment="always").code == 0
    assert len(pull.comments) == 1


def test_its_own_comment_is_found_behind_many_and_no_one_elses_is_touched(here: Path) -> None:
    """Anybody can write a comment that begins with the mark."""
    pull = PullRequest()
    forged = pull.add("mallory", MARK + "### No changes")
    others = [pull.add("ann", f"{number} {MARK}") for number in range(6)]
    other_use = pull.add(ME, MARK.replace("tasks", "billing"))
    own = pull.add(ME, MARK + "old")
    before = [one.body for one in (forged, *others, other_use)]
    assert use(here, pull).code == 0
    assert own.body.startswith(f"{MARK}### 1 to add")
    assert [one.body for one in (forged, *others, other_use)] == before
    assert use(here, pull, comment_name="billing").code == 0
    assert other_use.body.startswith("<!-- task-reconciler: billing -->\n### 1 to add")
    assert len(pull.comments) == 9


def test_a_token_that_may_not_write_is_a_warning(here: Path) -> None:
    """As on a pull request from a fork."""
    pull = PullRequest(is_writable=False)
    job = use(here, pull)
    assert job.code == 0
    assert "::warning title=task-reconciler::the comment could not be written" in job.log
    assert TOKEN not in job.log


def test_a_token_that_is_none_is_a_warning(here: Path) -> None:
    job = use(here, PullRequest(), token="")
    assert job.code == 0
    assert "::warning title=task-reconciler::" in job.log


def test_an_apply(here: Path) -> None:
    job = use(here, mode="apply")
    assert (job.code, job.outputs["exit-code"]) == (0, "0")
    assert "### Applied: 1 to add" in job.summary
    assert json.loads(Path(job.outputs["plan-file"]).read_text())["outcome"]["verified"] is True
    assert run("sqlite3 daptin.db 'SELECT name FROM task'", here)[0] == "daily_report\n"


def test_a_database_out_of_reach_is_told_too(here: Path) -> None:
    (here / "daptin.db").unlink()
    pull = PullRequest()
    pull.add(ME, MARK + "### 1 to add")
    job = use(here, pull)
    assert (job.code, job.outputs["exit-code"]) == (4, "4")
    assert job.outputs["plan-file"] == ""
    assert pull.comments[0].body == f"{MARK}### No plan: exit code 4\n\nThe log of this job says why.\n"


def test_paths_and_options_are_words_and_nothing_else(here: Path) -> None:
    """Neither split, nor expanded, nor executed."""
    odd = here / "a $(touch pwned) `touch pwned` * b"
    odd.mkdir()
    (odd / "t.yaml").write_text(TASKS)
    job = use(here, paths=f"{odd.name}\n\n", options="--owner\r\n$(touch pwned); touch pwned\n--strict")
    assert job.code == 0
    plan = json.loads(Path(job.outputs["plan-file"]).read_text())
    assert plan["owner"] == "$(touch pwned); touch pwned"
    assert plan["source"]["files"] == [f"{odd.name}/t.yaml"]
    assert not list(here.rglob("pwned"))


def test_an_option_cannot_turn_a_plan_into_something_else(here: Path) -> None:
    for options in ("users\nadd\nx@example.com", "init", "--yes\nexport"):
        assert use(here, options=options).code == 64


@pytest.mark.parametrize(
    "inputs",
    [{"mode": "destroy"}, {"comment": "maybe"}, {"comment_name": "-->\n@everyone"}, {"comment_name": ""}],
)
def test_wrong_inputs_are_refused(here: Path, inputs: dict[str, str]) -> None:
    before = (here / "daptin.db").read_bytes()
    pull = PullRequest()
    job = use(here, pull, **inputs)
    assert job.code == 64
    assert "::error title=task-reconciler::the input" in job.log
    assert "everyone" not in job.log
    assert pull.comments == []
    assert (here / "daptin.db").read_bytes() == before


def test_a_folder_of_the_repository(here: Path) -> None:
    shutil.move(here / "tasks", here / "jobs" / "tasks")
    shutil.move(here / "daptin.db", here / "jobs" / "daptin.db")
    assert use(here, working_directory="jobs").outputs["exit-code"] == "2"
