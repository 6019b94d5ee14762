"""The page of a calendar: complete in itself, true to the JSON, readable by eye, key and screen reader."""

import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reconciler.cli import main
from tests.browser import brightness, browse, title_of

TASK = """\
  - Name: {name}
    Schedule: "{schedule}"
    EntityName: report
    ActionName: generate_report
    AsUserEmail: reports@example.com
"""
BEFORE = {
    **{f"nightly_{number:02}": "0 2 * * *" for number in range(14)},
    '"<b>bold & more</b>"': "0 6 * * 1",
    "poll": "*/10 8-18 * * 1-5",
    "gone": "0 12 * * *",
}
AFTER = {name: text.replace("0 2", "H 2") for name, text in BEFORE.items() if name != "gone"} | {
    "often": "*/5 18-20 * * *"
}
VOID = {"meta", "br"}


class Page(HTMLParser):
    """The cells of the drawings, and whether the page is well formed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.is_cell = False
        self.attributes: list[tuple[str, str, str]] = []
        self.cells: list[tuple[dict[str, str], str]] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)
        self.is_cell = tag == "td" and "tabindex" in dict(attrs)
        if self.is_cell:
            self.cells.append(({name: value or "" for name, value in attrs}, ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.is_cell = False

    def handle_data(self, data: str) -> None:
        if self.is_cell:
            self.cells[-1] = self.cells[-1][0], data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database and files that would change it, with the page and the JSON of its calendar."""
    here = tmp_path_factory.mktemp("calendar")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        patch.delenv("RECONCILE_DATABASE_URL", raising=False)
        _run("init")
        _run("users", "add", "reports@example.com")
        _run("actions", "add", "report", "generate_report")
        _write(here / "tasks.yaml", BEFORE)
        _run("tasks.yaml", "--yes")
        _write(here / "tasks.yaml", AFTER)
        options = ("--now", "2026-10-20T12:00", "--timezone", "Europe/Berlin", "--max-update", "100%")
        _run("calendar", "tasks.yaml", *options, "--html", "week.html", "--output", "week.json")
        _run("calendar", "tasks.yaml", *options, "--html", "month.html", "--month", "-q")
    return here


def _write(path: Path, tasks: dict[str, str]) -> None:
    path.write_text("Tasks:\n" + "".join(TASK.format(name=one, schedule=tasks[one]) for one in tasks))


def _run(*arguments: str) -> None:
    with pytest.raises(SystemExit) as end:
        main.run(arguments)
    assert end.value.code == 0, arguments


def test_nothing_is_loaded_from_anywhere(folder: Path) -> None:
    text = (folder / "month.html").read_text(encoding="utf-8")
    page = Page(text)
    assert [one for one in page.attributes if one[1] in ("src", "srcset", "action", "style")] == []
    assert {value for _, name, value in page.attributes if name == "href"} == {"#herds-0", "#herds-1"}
    assert not re.search(r"https?://|url\(|@import|fetch|XMLHttp", text)
    assert "default-src 'none'" in text


def test_what_a_task_is_called_is_text(folder: Path) -> None:
    text = (folder / "week.html").read_text(encoding="utf-8")
    assert "<b>bold" not in text
    assert "06:00 1 fire: &lt;b&gt;bold &amp; more&lt;/b&gt;" in text


def test_the_cells_say_what_the_json_says(folder: Path) -> None:
    drawings = json.loads((folder / "week.json").read_text())["drawings"]
    expected = [count for drawing in drawings for day in drawing["hours"] for count in day]
    cells = Page((folder / "week.html").read_text(encoding="utf-8")).cells
    assert [int(text or 0) for _, text in cells] == expected
    assert [one["of"] for one in drawings] == ["table", "plan"]
    before, after = cells[: 7 * 24], cells[7 * 24 :]
    assert [number for number, (one, _) in enumerate(before) if "herd" in one.get("class", "")] == [
        2 + 24 * day for day in range(7)
    ]
    assert after[12][0]["class"] == "l3 less"
    assert after[12][0]["title"] == "12:00 6 fires, before 7: poll"
    assert after[19][0]["title"].startswith("19:00 12 fires, before 0: often")


def test_a_screen_reader_meets_heads_and_captions(folder: Path) -> None:
    text = (folder / "week.html").read_text(encoding="utf-8")
    page = Page(text)
    scopes = [value for tag, name, value in page.attributes if (tag, name) == ("th", "scope")]
    assert (scopes.count("row"), scopes.count("col")) == (2 * 7, 2 * 26)
    days = [value for tag, name, value in page.attributes if (tag, name) == ("time", "datetime")]
    assert [date.fromisoformat(day).day for day in days] == [*range(20, 27)] * 2
    assert text.count("<caption") == 2
    assert '<html lang="en">' in text


def test_it_is_bright_by_day_and_dark_by_night(folder: Path, tmp_path: Path) -> None:
    found = {}
    for name, options in (("light", ()), ("dark", ("--force-dark-mode",))):
        picture = tmp_path / f"{name}.png"
        browse(folder / "week.html", tmp_path, f"--screenshot={picture}", *options, size=(640, 480))
        found[name] = brightness(picture)
    assert found["light"] > 200
    assert found["dark"] < 90


@pytest.mark.parametrize("width", [500, 900, 1280, 1920])
@pytest.mark.parametrize("name", ["week", "month"])
def test_it_never_runs_out_of_the_screen(name: str, width: int, folder: Path, tmp_path: Path) -> None:
    script = "document.title = `${document.documentElement.scrollWidth} ${innerWidth}`"
    needed, given = map(int, title_of(folder / f"{name}.html", tmp_path, script, (width, 900)).split())
    assert needed <= given == width


def test_keys_go_from_hour_to_hour(folder: Path, tmp_path: Path) -> None:
    script = """
    const first = document.querySelector("table.hours td[tabindex='0']");
    const told = [];
    const press = key => {
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
      told.push(document.getElementById("detail").textContent);
    };
    first.focus();
    const keys = "ArrowRight ArrowRight ArrowDown End ArrowRight Home ArrowUp ArrowUp";
    keys.split(" ").forEach(press);
    told.push(document.querySelectorAll("td[tabindex='0']").length);
    document.title = JSON.stringify(told);
    """
    told = json.loads(title_of(folder / "week.html", tmp_path, script))
    nightly = ", ".join(f"nightly_{number:02}" for number in range(8))
    assert told == [
        "",
        f"Tue 20 Oct, 02:00 14 fires: {nightly}, ...",
        f"Wed 21, 02:00 14 fires: {nightly}, ...",
        *[""] * 5,
        2,
    ]


def test_it_prints_on_few_sheets(folder: Path, tmp_path: Path) -> None:
    paper = tmp_path / "week.pdf"
    browse(folder / "week.html", tmp_path, f"--print-to-pdf={paper}")
    assert paper.read_bytes().startswith(b"%PDF")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes())) <= 2
