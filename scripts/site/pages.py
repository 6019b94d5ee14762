"""The documents for the site, as they lie in the repository: `python scripts/site/pages.py`.

They are copied with whatever they link to, so that links lead where they lead in a checkout. The file that a
code block is the content of becomes its title: our tests read it behind the language, the site does not.
"""

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "build" / "site-pages"
ALONE = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE")
FOLDERS = ("docs", "examples", "schemas", "benchmarks")
LEFT_OUT = shutil.ignore_patterns("daptin.db*", "__pycache__", "*.egg-info", "*.pyc")

_FILE = re.compile(r"^```(\w+) ([^\s=]+)$", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


def page(text: str) -> str:
    """A document as the site's Markdown has it."""
    return _FILE.sub(r'```\1 title="\2"', text)


def stage(folder: Path = PAGES) -> None:
    """Make the folder anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("site.css"), folder)
    for name in ALONE:
        shutil.copy(ROOT / name, folder)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=LEFT_OUT)
    for path in sorted(folder.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        for link in _LINK.findall(text):
            _copy_linked((path.parent / link).resolve().relative_to(folder.resolve()), folder)
        path.write_text(page(text), encoding="utf-8")


def _copy_linked(file: Path, folder: Path) -> None:
    if (ROOT / file).is_file() and not (folder / file).exists():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, folder / file)


if __name__ == "__main__":
    stage()
