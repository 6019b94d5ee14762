"""The line of a diagnostic on a narrow screen."""

from hypothesis import given
from hypothesis import strategies as st

from reconciler.diagnostics import Place, diagnostic
from reconciler.renderers.diagnostics_text import render_diagnostics
from reconciler.renderers.look import Look

WIDTH = 40


def shown(text: str, start: int, end: int) -> tuple[str, str]:
    """The line and the carets under it."""
    place = Place(file="a.yaml", line=1, column=start + 1, end_line=1, end_column=end + 1, text=text)
    lines = render_diagnostics([diagnostic("F004", "no", place=place)], Look(width=WIDTH)).splitlines()
    return lines[1], lines[2]


def test_a_line_that_fits_is_shown_as_it_is() -> None:
    assert shown("  Name: report", 8, 14) == ("      Name: report", "            ^^^^^^")


def test_dots_stand_for_what_is_left_out() -> None:
    line, carets = shown("  Name: report   # " + "a" * 60, 8, 14)
    assert line == "      Name: report   # aaaaaaaaaaaaa..."
    assert carets == "            ^^^^^^"
    line, carets = shown("a" * 60 + " report " + "b" * 60, 61, 67)
    assert line == "    ...aaaaaaa report bbbbbbbbbbbbbb..."
    assert line[carets.index("^") : carets.rindex("^") + 1] == "report"


@given(st.integers(0, 120), st.integers(1, 120))
def test_the_carets_are_below_what_they_are_about(start: int, length: int) -> None:
    text = "".join(chr(ord("a") + index % 26) for index in range(121))
    end = min(start + length, len(text))
    line, carets = shown(text, start, end)
    assert len(line) < WIDTH
    under = line[carets.index("^") : carets.rindex("^") + 1]
    assert text[start:end].startswith(under)
