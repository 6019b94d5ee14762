"""What is installed from a wheel: the program with its schemas and its documentation of the rules."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder))
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_schemas_and_the_rules(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    schemas = {f"reconciler/schemas/{path.name}" for path in (ROOT / "schemas").iterdir()}
    assert schemas | {"reconciler/docs/diagnostics.md", "reconciler/py.typed"} <= names
    assert any(name.startswith("reconciler/database/migrations/versions/") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "examples/", "benchmarks/"))]


def test_a_program_from_the_wheel_finds_them(wheel: Path, tmp_path: Path) -> None:
    """Installed beside the dependencies of this environment, out of sight of the checkout."""
    target = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    program = "import sys; sys.path.insert(0, sys.argv.pop(1)); from reconciler.cli.main import main; main()"
    for words, expected in ((("schema",), '"Tasks"'), (("rules", "U001"), "AsUserEmail")):
        done = subprocess.run(
            (sys.executable, "-c", program, str(target), *words),
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"]},
            check=True,
            capture_output=True,
            text=True,
        )
        assert expected in done.stdout
