"""Documents that are executed: their `console` blocks are run in order, in one folder, and compared.

```console
$ a command
its output, stdout and stderr together
$ echo $?
the exit code of the command before
```

A block with a path after its language is a file of that folder. UUIDs, abbreviated commits and their days may
differ.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n((?:(?!```).*\n)*)```$", re.MULTILINE)
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}((-[0-9a-f]{4}){2}-[0-9a-f]{12})?\b")
_COMMIT = re.compile(r"\b(?=[a-f]*[0-9])[0-9a-f]{10}\b")
_BLAMED = re.compile(r"(<commit> [^,\n]+, )\d{4}-\d{2}-\d{2}(?=: )")

_SQLITE3 = f"""#!{sys.executable}
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
for row in connection.execute(sys.argv[2]):
    print(*row, sep="|")
connection.commit()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A command of a console block, and what the document says that it prints."""

    command: str
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that the document gives."""

    path: str
    content: str


def steps(document: str) -> Iterator[Step | File]:
    """The files and commands of a document, in its order."""
    for language, words, content in _BLOCK.findall(document):
        if language == "console":
            yield from _commands(content)
        elif words.strip():
            yield File(path=words.strip(), content=content)


def _commands(content: str) -> Iterator[Step]:
    for text in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
        command, _, expected = text.partition("\n")
        yield Step(command=command, expected=expected)


def environment(folder: Path) -> dict[str, str]:
    """Of a newcomer: nothing set but PATH, with our programs first and a sqlite3 where there is none."""
    home = folder.parent / "home"
    home.mkdir(exist_ok=True)
    shim = home / "sqlite3"
    if not shutil.which("sqlite3"):
        shim.write_text(_SQLITE3)
        shim.chmod(0o755)
    path = os.pathsep.join([str(Path(sys.executable).parent), str(home), os.environ.get("PATH", os.defpath)])
    return {
        "PATH": path,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "COLUMNS": "80",
        "LOGNAME": "ann",
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
    }


def run(command: str, folder: Path, before: int = 0) -> tuple[str, int]:
    """What a command prints, and its exit code; `$?` in it is the one of the command before."""
    done = subprocess.run(
        ["sh", "-c", f"(exit {before})\n{command}"],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout, done.returncode


def told(document: str, folder: Path) -> Iterator[tuple[Step, str]]:
    """Executes a document in a folder: each command with what it prints now."""
    code = 0
    for step in steps(document):
        if isinstance(step, File):
            path = folder / step.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.content, encoding="utf-8")
        else:
            output, code = run(step.command, folder, code)
            yield step, output


def normal(text: str) -> str:
    return _BLAMED.sub(r"\1<day>", _COMMIT.sub("<commit>", _UUID.sub("<uuid>", text)))


def rewritten(document: str, folder: Path) -> str:
    """The document with what its commands print now."""
    at = 0
    for step, output in told(document, folder):
        head = f"$ {step.command}\n"
        at = document.index(head + step.expected, at) + len(head)
        if normal(output) != normal(step.expected):
            document = document[:at] + output + document[at + len(step.expected) :]
            at += len(output)
    return document
