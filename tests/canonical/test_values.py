"""What is written is read as it was, by our reader and by one of YAML 1.1."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.canonical import file_text
from reconciler.canonical.values import is_plain, pair, scalar
from reconciler.config.composer import compose
from reconciler.task import canonical_json

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    [
        *(
            "no",
            "On",
            "y",
            "~",
            "null",
            "12:30",
            "0644",
            "1_000",
            "0x1F",
            "1e3",
            "2024-01-01",
            "=",
            "<<",
            "?",
        ),
        *("", "a:", "#", "*x", "a: b", "a #b", "- a", " a", "a ", "a\n", "a\nb", "a\n b\n", "\na"),
        *("a\n\nb\n\n", "a \nb", "a\tb\nc", "---", "..."),
    ]
)
numbers = st.from_regex(r"[-+.]?[0-9]{1,4}[0-9eExXob_.:TZ -]{0,8}[a-fhms]?", fullmatch=True)
"""What looks like a number, or nearly."""

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
    | numbers
    | st.sampled_from([1e22, 1e-7, -0.0, 2**70]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)


def read(text: str) -> Iterator[Any]:
    composed = compose(text)
    assert composed.faults == []
    yield composed.values[0]
    yield yaml.safe_load(text)


@given(st.dictionaries(texts, values, max_size=4))
@settings(max_examples=300, derandomize=True, deadline=None, database=None)
def test_a_task_is_read_as_it_was(attributes: dict[str, Any]) -> None:
    text = "".join(file_text([({"Name": "a", "Attributes": attributes}, ())]))
    for value in read(text):
        (task,) = value["Tasks"]
        assert canonical_json(task.get("Attributes", {})) == canonical_json(attributes)
    assert all(line.isprintable() for line in text.replace("\t", "").split("\n"))


@given(texts)
@settings(max_examples=300, derandomize=True, deadline=None, database=None)
def test_what_is_a_comment_is_a_comment(text: str) -> None:
    written = "".join(
        file_text([({"Name": text, "Attributes": {text: [text]}}, (text,)), ({"Name": "b"}, ())])
    )
    assert list(read(written)) == [{"Tasks": [{"Name": "b"}]}] * 2
    lines = [line[4:] for line in written.split("\n")[2:] if line.startswith("  #")]
    (task,) = yaml.safe_load("\n".join([*lines, ""]))
    assert task == {"Name": text, "Attributes": {text: [text]}}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("report", "report"),
        ("reports@example.com", "reports@example.com"),
        ("früh", "früh"),
        ("a, b", "a, b"),
        ("no", '"no"'),
        ("ON", '"ON"'),
        ("0644", '"0644"'),
        ("12:30", '"12:30"'),
        ("1h30m", "1h30m"),
        ("0194b2a0-8d02-7f10-b6a4-52c7ad19e0b7", "0194b2a0-8d02-7f10-b6a4-52c7ad19e0b7"),
        ("1e5", '"1e5"'),
        ("0x1F", '"0x1F"'),
        ("2024-01-01T06:00", '"2024-01-01T06:00"'),
        ("1.2.3", '"1.2.3"'),
        ("@daily", '"@daily"'),
        ("", '""'),
        ("a: b", '"a: b"'),
        ("C:\\temp", "C:\\temp"),
        ('say "it\'s"', 'say "it\'s"'),
        ('"it\'s"', "'\"it''s\"'"),
        ("\\srv", "'\\srv'"),
        ("a\u00a0b", '"a\\xa0b"'),
        ("bell\a", '"bell\\x07"'),
        ("☕", '"☕"'),
    ],
)
def test_quotes_stand_where_a_reader_needs_them(text: str, written: str) -> None:
    assert scalar(text) == written
    assert is_plain(text) == (written == text)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("one\ntwo\n", "k: |\n  one\n  two"),
        ("one\n\ntwo", "k: |-\n  one\n\n  two"),
        ("one\n\n", 'k: "one\\n\\n"'),
        ("one \ntwo", 'k: "one \\ntwo"'),
        ([], "k: []"),
        ({}, "k: {}"),
        ([{"a": 1, "b": [2]}, [3, [4]]], "k:\n  - a: 1\n    b:\n      - 2\n  - - 3\n    - - 4"),
        (1e22, "k: 1.0e+22"),
        ("x" * 300, f"k: {'x' * 300}"),
    ],
)
def test_a_value_has_one_spelling(value: Any, written: str) -> None:
    assert pair("k", value, 0) == written
    assert list(read(f"{written}\n")) == [{"k": value}] * 2


def test_a_key_that_is_too_long_for_a_line_has_a_sign_of_its_own() -> None:
    key = "k" * 3000
    assert list(read(pair(key, {"a": {key: [1]}}, 0))) == [{key: {"a": {key: [1]}}}] * 2
