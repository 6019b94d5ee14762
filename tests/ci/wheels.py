"""The packages of this environment as wheels again: pip installs from them where there is no network."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

from tests.consoles import ROOT

BUILD = ("hatchling", "editables")
"""What pip wants to build the project."""


def make_wheels(folder: Path) -> None:
    """The project, what it needs and what builds it."""
    command = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder))
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    for one in _needed(("task-reconciler", *BUILD)):
        if one.metadata["Name"] != "task-reconciler":
            _repack(one, folder)


def _needed(names: tuple[str, ...]) -> Iterator[Distribution]:
    """With what they need in turn, each once."""
    seen: set[tuple[str, str]] = set()
    waiting = [Requirement(name) for name in names]
    while waiting:
        wanted = waiting.pop()
        for extra in ("", *wanted.extras):
            if (key := (wanted.name.lower(), extra)) in seen:
                continue
            seen.add(key)
            one = distribution(wanted.name)
            if not extra:
                yield one
            requirements = map(Requirement, one.requires or ())
            waiting += [
                need for need in requirements if need.marker is None or need.marker.evaluate({"extra": extra})
            ]


def _repack(one: Distribution, folder: Path) -> None:
    """All of its files but the programs, which an installer makes anew."""
    tags = re.findall(r"^Tag: (.*)-(.*)-(.*)$", one.read_text("WHEEL") or "", re.MULTILINE)
    tag = "-".join(".".join(dict.fromkeys(part)) for part in zip(*tags, strict=True))
    name = re.sub(r"[-_.]+", "_", one.metadata["Name"])
    files = [file for file in one.files or () if ".." not in file.parts and file.suffix != ".pyc"]
    with zipfile.ZipFile(folder / f"{name}-{one.version}-{tag}.whl", "w") as wheel:
        for file in files:
            wheel.write(one.locate_file(file), str(file))
