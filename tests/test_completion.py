"""Completion, asked of a real shell."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.consoles import ROOT

PROGRAMS = Path(sys.executable).parent
ASK = """
source <({program} completion bash)
COMP_WORDS=({words})
COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
compopt() {{ printf 'compopt %s %s\\n' "$1" "$2"; }}   # is only there while readline asks
{function} {program}
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def asked(program: str, words: str) -> list[str]:
    """What bash would offer for the last of the words; `compopt ...` where it is to ask the file system."""
    function = f"_{program.replace('-', '_')}_completion"
    done = subprocess.run(
        ["bash", "--norc", "-c", ASK.format(program=program, words=words, function=function)],
        env={"PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}", "LANG": "C.UTF-8"},
        cwd=ROOT / "examples",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    return [line for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("program", "words", "offered"),
    [
        ("reconcile", "reconcile vali", ["compopt -o default", "validate"]),
        ("reconcile", "reconcile quick", ["compopt -o default"]),
        ("reconcile", "reconcile --dry", ["--dry-run"]),
        ("reconcile", "reconcile --format s", ["sarif"]),
        ("reconcile", "reconcile rules --format ''", ["text", "json"]),
        ("reconcile", "reconcile --strict vali", ["compopt -o default", "validate"]),
        ("reconcile", "reconcile validate quick", ["compopt -o default"]),
        ("reconcile", "reconcile validate --reader d", ["daptin"]),
        ("reconcile", "reconcile --output ''", ["compopt -o default"]),
        ("reconcile", "reconcile users a", ["add"]),
        ("task-scheduler", "task-scheduler sim", ["simulate"]),
        ("task-scheduler", "task-scheduler --log-format ''", ["text", "json"]),
    ],
)
def test_bash(program: str, words: str, offered: list[str]) -> None:
    assert asked(program, words) == offered


@pytest.mark.parametrize("program", ["reconcile", "task-scheduler"])
@pytest.mark.parametrize(("shell", "check"), [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")])
def test_the_script_is_one(shell: str, check: str, program: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [PROGRAMS / program, "completion", shell], capture_output=True, text=True, check=True, timeout=60
    )
    assert f"{shell}_complete" in done.stdout
    assert f"{program} completion" not in done.stdout
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    script = tmp_path / "script"
    script.write_text(done.stdout)
    assert subprocess.run([shell, check, script], capture_output=True, check=False).returncode == 0


def test_another_shell_is_a_usage_error() -> None:
    done = subprocess.run(
        [PROGRAMS / "reconcile", "completion", "tcsh"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (64, "")
    assert "'bash', 'zsh', 'fish'" in done.stderr
