"""Ignore comments: which warnings they silence, and which of them are idle."""

import re
from pathlib import Path

import pytest

from reconciler.config import declare
from reconciler.config.documents import Document
from reconciler.config.positions import locate
from reconciler.config.suppressions import CODES, silence
from reconciler.diagnostics import Diagnostic, Pointer, diagnostic

FIRST, SECOND = ("Tasks", 0), ("Tasks", 1)


def left(text: str, *found: tuple[str, tuple[str | int, ...]], unchecked: tuple[str, ...] = ()) -> list[str]:
    """The diagnostics left of those found at a path, as `line:column CODE`."""
    tasks = [{"Name": "a"}, {"Name": "b"}]
    starts = [(number, 3) for number, line in enumerate(text.splitlines(), 1) if line.startswith("- ")]
    declarations, _ = declare([Document(file="f", index=0, tasks=tasks[: len(starts)], starts=starts)])
    located = locate(
        [diagnostic(code, "", pointer=Pointer(file="f", path=path)) for code, path in found], {"f": text}
    )
    return [_told(one) for one in silence(located, declarations, {"f": text}, unchecked=unchecked)]


def _told(one: Diagnostic) -> str:
    assert one.place is not None
    return f"{one.place.line}:{one.place.column} {one.code}"


TEXT = """\
Tasks:
- Name: a{}
  Schedule: 0 0 1 * 1{}
- Name: b{}
  Schedule: 0 0 1 * 1{}
"""
IGNORE = " # reconcile: ignore[S005] either day is fine"


@pytest.mark.parametrize(
    ("comments", "expected"),
    [
        (("", "", "", ""), ["3:13 S005", "5:13 S005"]),
        ((IGNORE, "", "", ""), ["5:13 S005"]),
        (("", IGNORE, "", ""), ["5:13 S005"]),
        (("", "", IGNORE, ""), ["3:13 S005"]),
        (("", IGNORE, "", IGNORE), []),
        (("", " # reconcile: ignore[S004, S005]", "", IGNORE), ["3:43 F008"]),
        (("", " # reconcile: ignore[S004,S005]", "", IGNORE), ["3:43 F008"]),
        (("", " #reconcile:ignore[ S005 ]", "", IGNORE), []),
        ((" # reconcile: ignore[S006]", "", "", ""), ["3:13 S005", "5:13 S005", "2:31 F008"]),
        ((" # reconcile: ignore[S001]", IGNORE, IGNORE, ""), ["2:31 F008"]),
        ((" # reconcile: ignore", IGNORE, IGNORE, ""), ["2:11 F008"]),
        ((" # reconcile: ignore[]", IGNORE, IGNORE, ""), ["2:11 F008"]),
        ((" # reconcile: ignored", IGNORE, IGNORE, ""), []),
    ],
)
def test_comments(comments: tuple[str, ...], expected: list[str]) -> None:
    text = TEXT.format(*comments)
    assert left(text, ("S005", (*FIRST, "Schedule")), ("S005", (*SECOND, "Schedule"))) == expected


@pytest.mark.parametrize("scalar", [f'"{IGNORE}"', f"'{IGNORE}'", f"|\n   {IGNORE}\n", f"a{IGNORE.strip()}"])
def test_text_is_no_comment(scalar: str) -> None:
    assert left(f"- a: {scalar}\n", ("S005", (0,))) == ["1:3 S005"]


def test_a_comment_in_the_header_of_a_block() -> None:
    assert left(f"Tasks:\n- Name: |{IGNORE}\n    x\n", ("S005", FIRST)) == []


def test_errors_are_never_silenced() -> None:
    text = TEXT.format("", " # reconcile: ignore[S001]", "", "")
    assert left(text, ("S001", (*FIRST, "Schedule"))) == ["3:13 S001", "3:43 F008"]


def test_what_this_run_could_not_check_is_not_idle() -> None:
    text = TEXT.format(" # reconcile: ignore[J002]", "", "", "")
    assert left(text) == ["2:31 F008"]
    assert left(text, unchecked=("J002",)) == []


def test_in_a_file_with_errors_an_idle_comment_may_have_its_use() -> None:
    text = TEXT.format(IGNORE, "", "", "")
    assert left(text, ("S001", (*FIRST, "Schedule"))) == ["3:13 S001"]


@pytest.mark.parametrize(
    ("code", "message", "hint"),
    [
        ("s005", "there is no code s005", "write S005"),
        ("X1", "there is no code X1", "`reconcile rules` lists them all"),
        (
            "S001",
            "`S001` cannot be ignored: only warnings can",
            "mend what it reports, and take the code out",
        ),
    ],
)
def test_what_is_no_warning(code: str, message: str, hint: str) -> None:
    (one,) = silence([], [], {"f": f"Tasks: [] # reconcile: ignore[{code}]\n"})
    assert (one.code, one.message, one.hint) == ("F008", message, hint)


def test_every_code_is_known() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "diagnostics.md"
    assert set(re.findall(r"^## (\w+):", page.read_text(encoding="utf-8"), re.M)) == CODES
