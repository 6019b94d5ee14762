"""docs/yaml.md, executed: every file in it is read, checked, and gives what the page says."""

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reconciler.checks import check
from reconciler.checks.context import Context
from reconciler.config import declare, locate, read, silence
from reconciler.config.settings import parse_settings
from reconciler.diagnostics import by_place
from reconciler.renderers.diagnostics_text import render_diagnostics
from reconciler.renderers.look import Look

PAGE = Path(__file__).resolve().parents[2] / "docs" / "yaml.md"
BLOCKS = re.findall(r"^```(\w+)(.*)\n((?:(?!```).*\n)*)```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
CONTEXT = Context(now=datetime(2026, 1, 1, tzinfo=UTC), timezone=ZoneInfo("UTC"))

FILES = [
    (
        content,
        BLOCKS[index + 1][2] if BLOCKS[index + 1 : index + 2] and BLOCKS[index + 1][0] == "text" else "",
    )
    for index, (language, name, content) in enumerate(BLOCKS)
    if language == "yaml" and not name
]


def test_the_page_has_examples() -> None:
    assert len(FILES) == 8
    assert sum(bool(expected) for _, expected in FILES) == 2


@pytest.mark.parametrize(("content", "expected"), FILES)
def test_a_file_of_the_page(
    content: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tasks.yaml").write_text(content, encoding="utf-8")
    reading = read(["tasks.yaml"])
    declarations, found = declare(reading.documents)
    located = locate([*reading.diagnostics, *found, *check(declarations, CONTEXT)], reading.texts)
    shown = render_diagnostics(by_place(silence(located, declarations, reading.texts)), Look())
    assert shown.rstrip() == expected.rstrip()


def test_the_values_that_the_page_names(tmp_path: Path) -> None:
    content = next(content for content, _ in FILES if "country" in content)
    path = tmp_path / "tasks.yaml"
    path.write_text(content, encoding="utf-8")
    ((declaration,), _) = declare(read([str(path)]).documents)
    assert declaration.task.attributes == {
        "country": "no",
        "at": "12:30",
        "since": "2024-01-01",
        "mode": "0644",
        "version": "1.10",
        "limit": 31,
    }


def test_the_settings_of_the_page() -> None:
    (content,) = (content for language, name, content in BLOCKS if name.strip() == "reconcile.yaml")
    settings = parse_settings(content)
    assert settings.paths == ("tasks/",)
    assert (settings.max_delete, settings.max_update) == ("30%", "50")
