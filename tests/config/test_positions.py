"""Places: every scalar is found where it stands, counted as editors count."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.config import locate
from reconciler.config.composer import compose
from reconciler.config.lines import Lines, starts_of
from reconciler.diagnostics import Place, Pointer, diagnostic


def place(text: str, *path: Any, document: int = 0, **options: Any) -> Place:
    pointer = Pointer(file="f", document=document, path=path, **options)
    (one,) = locate([diagnostic("F004", "", pointer=pointer)], {"f": text})
    assert one.place is not None
    return one.place


def source(text: str, at: Place) -> str:
    """The text between the lines and columns of a place."""
    assert at.line is not None
    assert at.column is not None
    assert at.end_line is not None
    assert at.end_column is not None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert at.text == lines[at.line - 1]
    if at.line == at.end_line:
        return lines[at.line - 1][at.column - 1 : at.end_column - 1]
    last = lines[at.end_line - 1][: at.end_column - 1]
    return "\n".join([lines[at.line - 1][at.column - 1 :], *lines[at.line : at.end_line - 1], last])


@pytest.mark.parametrize(
    ("text", "path", "options", "expected"),
    [
        ("a: b", ("a",), {}, "b"),
        ("a: b", ("a",), {"on_key": True}, "a"),
        ("a: b", (), {}, "a: b"),
        ("'a b': b", ("a b",), {"on_key": True}, "'a b'"),
        ("a: &x b", ("a",), {}, "b"),
        ("a: &x {b: *x}", ("a", "b"), {}, "*x"),
        ("&k a: &x\n  b: c", ("a",), {"on_key": True}, "a"),
        ("&k a: &x\n  b: c # d", ("a",), {}, "b: c"),
        ("x: &x {b: 1}\na: *x", ("a", "b"), {}, "*x"),
        ("a: {b: 1, c: [2, 3]}", ("a",), {}, "{b: 1, c: [2, 3]}"),
        ("a: {b: 1, c: [2, 3]}", ("a", "c", 1), {}, "3"),
        ("a: {b: 1, c: [2, 3]}", ("a", "none"), {}, "{b: 1, c: [2, 3]}"),
        ("a:\n- b: 1\n  c: 2\n", ("a", 0), {}, "b: 1"),
        ("a:\n- b: 1\n  c: 2\n", ("a", 0, "c"), {}, "2"),
        ("a:\nb: 1", ("a",), {}, "a"),
        ("a: 1\na: 2", ("a",), {}, "2"),
        ("1: a\ntrue: b\n1.0: c", (True,), {}, "b"),
        ("1: a\ntrue: b\n1.0: c", (1.0,), {}, "c"),
        ("a: xyz", ("a",), {"span": (1, 2)}, "y"),
        ("a: 'x''yz'", ("a",), {"span": (1, 3)}, "''y"),
        ('a: "x\\u00e9yz"', ("a",), {"span": (1, 2)}, "\\u00e9"),
        ('a: "x\\x41\\tz"', ("a",), {"span": (2, 4)}, "\\tz"),
        ('a: "xyz"', ("a",), {"span": (3, 3)}, ""),
        ('a: "xyz"', ("a",), {"span": (2, 99)}, "z"),
        ("a: \U0001f600é b", ("a",), {"span": (1, 2)}, "é"),
        ("a: x\n  y", ("a",), {"span": (2, 3)}, "x\n  y"),
        ("a: |\n  xy\n", ("a",), {"span": (1, 2)}, "|\n  xy"),
    ],
)
def test_places(text: str, path: tuple[Any, ...], options: dict[str, Any], expected: str) -> None:
    assert source(text, place(text, *path, **options)) == expected


def test_lines_end_where_editors_end_them() -> None:
    text = "a: 1\r\nb: '\u2028\x85'\rc: 3\nd: 4"
    assert [(at.line, at.column) for at in (place(text, key) for key in "abcd")] == [
        (1, 4),
        (2, 4),
        (3, 4),
        (4, 4),
    ]


def test_documents_are_counted() -> None:
    text = "a: 1\n---\n---\na: 2\n"
    assert place(text, "a", document=2).line == 4
    assert place(text, "a", document=9) == Place(file="f")


def test_behind_a_syntax_error_there_is_no_place() -> None:
    assert place("a: 1\nb: @x\nc: 3", "c").line == 1


def test_a_place_that_is_known_stays() -> None:
    known = diagnostic("F001", "", place=Place(file="g"))
    assert locate([known], {}) == [known]
    pointed = diagnostic("F004", "", pointer=Pointer(file="gone"))
    assert [one.place for one in locate([pointed], {})] == [Place(file="gone")]


SCALARS = (
    st.text(max_size=12)
    | st.integers()
    | st.booleans()
    | st.sampled_from(["a\nb", "a: b", " x", "é\U0001f600"])
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


def scalars(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from scalars(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from scalars(item, (*path, index))
    elif path:
        yield path, value


@given(TREES, st.booleans(), st.sampled_from(["\n", "\r\n"]), st.integers(min_value=10, max_value=80))
@settings(max_examples=300, deadline=None)
def test_the_text_at_the_place_of_a_scalar_means_the_scalar(
    written: Any, is_flow: bool, line_break: str, width: int
) -> None:
    text = yaml.dump(
        written,
        Dumper=yaml.CSafeDumper,
        default_flow_style=is_flow,
        line_break=line_break,
        width=width,
        allow_unicode=True,
    )
    composed = compose(text)
    if composed.faults:
        return
    for path, value in scalars(composed.values[0]):
        found = source(text, place(text, *path))
        indented = f"- {found}\n" if "\n" not in found else f"- {found.replace(chr(10), chr(10) + '  ')}\n"
        assert compose(indented).values == [[value]]


@given(st.text(alphabet="ab\r\n\u2028\x85", max_size=40))
def test_both_ways_of_counting_lines_agree(text: str) -> None:
    lines = Lines("f", text)
    indices = list(range(len(text) + 1))
    places = [lines.place(index, index) for index in indices]
    assert starts_of(text, indices) == [(place.line, place.column) for place in places]


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        ("- Name: a  # why", (3, 10)),
        ('- Name: "a # b"  # why', (3, 16)),
        ("- Name: a#b # why # so", (3, 12)),
        ("- Name: a", (3, 10)),
    ],
)
def test_the_place_of_a_task_ends_before_a_comment(line: str, columns: tuple[int, int]) -> None:
    text = f"{line}\n  Schedule: x\n"
    found = place(text, 0)
    assert (found.column, found.end_column) == columns
