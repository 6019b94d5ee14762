"""The documents as a site: every page has its place, and nothing comes from elsewhere."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.consoles import ROOT

SITE = ROOT / "scripts" / "site"
BUILDER = ROOT / ".venv-site"

FOREIGN = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\bsrc=[\"']?(?:https?:)?//[^>]*>"
    r"|<link\b(?![^>]*rel=[\"']?canonical)[^>]*?\bhref=[\"']?(?:https?:)?//[^>]*>"
    r"|@import[^;]*//[^;]*;|url\([\"']?(?:https?:)?//[^)]*\)",
    re.IGNORECASE,
)
"""What a browser would fetch by itself: scripts, styles, fonts, images. A link that is clicked is none."""


def pages() -> set[str]:
    """Every document that a reader may want, by its path in the repository."""
    found = [
        *ROOT.glob("*.md"),
        *(path for folder in ("docs", "examples", "benchmarks") for path in (ROOT / folder).rglob("*.md")),
    ]
    return {path.relative_to(ROOT).as_posix() for path in found}


def in_order(nav: Any) -> Iterator[str]:
    for one in nav if isinstance(nav, list) else nav.values():
        if isinstance(one, str):
            yield one
        else:
            yield from in_order(one)


def test_every_page_has_its_place_and_only_one() -> None:
    settings = yaml.safe_load((SITE / "mkdocs.yml").read_text(encoding="utf-8"))
    listed = list(in_order(settings["nav"]))
    assert sorted(listed) == sorted(pages())
    assert settings["theme"]["font"] is False
    assert listed[0] == "README.md"


def sections(nav: list[Any]) -> Iterator[list[Any]]:
    for one in nav:
        for inside in one.values() if isinstance(one, dict) else ():
            if isinstance(inside, list):
                yield inside
                yield from sections(inside)


def test_no_page_is_lost_as_the_face_of_its_section() -> None:
    """The theme shows the first README of a section by the title of the section alone."""
    settings = yaml.safe_load((SITE / "mkdocs.yml").read_text(encoding="utf-8"))
    for section in sections(settings["nav"]):
        pages = [one if isinstance(one, str) else next(iter(one.values())) for one in section]
        readmes = [page for page in pages if isinstance(page, str) and page.endswith("README.md")]
        assert not readmes or section[0] == readmes[0], section


def test_a_code_block_has_its_file_as_its_title(tmp_path: Path) -> None:
    sys.path.insert(0, str(SITE))
    try:
        import pages as staging
    finally:
        sys.path.remove(str(SITE))
    assert (
        staging.page("```yaml a/b.yaml\nx\n```\n```console\n")
        == '```yaml title="a/b.yaml"\nx\n```\n```console\n'
    )
    staging.stage(tmp_path / "pages")
    staged = {path.relative_to(tmp_path / "pages").as_posix() for path in (tmp_path / "pages").rglob("*.md")}
    assert staged == pages()
    assert 'yaml title="tasks/reports.yaml"' in (tmp_path / "pages" / "README.md").read_text()


def test_the_site_is_built_and_fetches_nothing_from_elsewhere() -> None:
    if not (BUILDER / ".ready").exists():
        reason = "the site's own programs are not there: `make docs` installs them"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    done = subprocess.run([SITE / "build", BUILDER], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    built = ROOT / "build" / "site"
    texts = {
        path: path.read_text(encoding="utf-8")
        for path in built.rglob("*")
        if path.suffix in (".html", ".css")
    }
    assert len([path for path in texts if path.suffix == ".html"]) > len(pages())
    assert {str(path): found for path, text in texts.items() if (found := FOREIGN.findall(text))} == {}
    assert "tasks/reports.yaml</span>" in texts[built / "index.html"]


def test_what_is_fetched_from_elsewhere_is_found() -> None:
    wrong = (
        '<script src="https://cdn.example.com/x.js"></script>',
        "<link rel=stylesheet href=//fonts.example.com/css>",
        "<img alt=a src='http://example.com/a.png'>",
        "@font-face{src:url(https://example.com/a.woff)}",
        '@import "https://example.com/a.css";',
    )
    assert all(FOREIGN.search(text) for text in wrong)
    fine = (
        '<a href="https://example.com">',
        '<script src="../assets/a.js">',
        "url(data:image/svg+xml;charset=utf-8,<svg/>)",
    )
    assert not any(FOREIGN.search(text) for text in fine)
