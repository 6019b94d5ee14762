"""The composer: plain values, equal to PyYAML's own loader wherever both mean the same YAML."""

import math
import re
from typing import Any, ClassVar

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.config.composer import compose
from reconciler.config.scalars import HUGE_INTEGER


def value(text: str) -> Any:
    composed = compose(text)
    assert composed.faults == []
    assert composed.is_whole
    (only,) = composed.values
    return only


def codes(text: str) -> list[tuple[str, str]]:
    """The faults of a text: the code and the text that each stands at."""
    return [(fault.code, text[fault.start : fault.end]) for fault in compose(text).faults]


@pytest.mark.parametrize(
    ("scalar", "meaning"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("y", "y"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("0644", "0644"),
        ("-07", "-07"),
        ("00", "00"),
        ("01.5", "01.5"),
        ("0b11", "0b11"),
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01 08:00:00", "2024-01-01 08:00:00"),
        ("=", "="),
        ("tRue", "tRue"),
        ("nULL", "nULL"),
        (".", "."),
        ("1e", "1e"),
        ("-", None),
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-0", 0),
        ("+12", 12),
        ("-12", -12),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.10", 1.1),
        (".5", 0.5),
        ("-1.", -1.0),
        ("1e3", 1000.0),
        ("6.02E+23", 6.02e23),
        ("1e999", math.inf),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("'12'", "12"),
        ('"true"', "true"),
        ("|-\n  12", "12"),
    ],
)
def test_scalars(scalar: str, meaning: object) -> None:
    read = value(f"key: {scalar}\n") if scalar != "-" else value("- \n")
    (item,) = read.values() if isinstance(read, dict) else read
    assert item == meaning
    assert type(item) is type(meaning)


def test_not_a_number() -> None:
    assert math.isnan(value("[.nan]")[0])


@pytest.mark.parametrize("digits", ["9" * 5000, "-" + "9" * 5000, "0x" + "f" * 5000, "0o" + "7" * 5000])
def test_an_integer_of_thousands_of_digits_is_an_integer_still(digits: str) -> None:
    assert value(f"[{digits}]") == [HUGE_INTEGER]


def test_keys_are_scalars_too() -> None:
    assert value("{1: a, true: b, null: c, on: d, 0644: e}") == {1: "b", None: "c", "on": "d", "0644": "e"}


def test_documents_and_anchors_of_their_own() -> None:
    assert compose("&a x\n--- \ny: &a [1]\nz: *a\n--- \n- 3\n").values == ["x", {"y": [1], "z": [1]}, [3]]
    assert codes("&a x\n---\n*a\n") == [("F002", "*a")]


def test_an_anchor_may_be_defined_again() -> None:
    assert value("[&a 1, *a, &a 2, *a, &a [&a 3, *a], *a]") == [1, 1, 2, 2, [3, 3], 3]


def test_the_starts_of_a_list_that_stands_elsewhere() -> None:
    text = "x-all: {deep: &all [{a: 1}, {b: 2}]}\nTasks: *all\n"
    composed = compose(text)
    tasks = composed.values[0]["Tasks"]
    assert [text[start : start + 3] for start in composed.starts[id(tasks)]] == ["{a:", "{b:"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("a: !!python/object:os.system x", [("F002", "!!python/object:os.system x")]),
            ("a: !!str 1\nb: !!int 2", [("F002", "!!str 1"), ("F002", "!!int 2")]),
            ("a: !home x", [("F002", "!home x")]),
            ("a: ! x", [("F002", "! x")]),
            ("a: ! 'x'", [("F002", "! 'x'")]),
            ("a: !<tag:yaml.org,2002:binary> aGk=", [("F002", "!<tag:yaml.org,2002:binary> aGk=")]),
            ("!!map {a: 1}", [("F002", "!!map {")]),
            ("a: !!seq [1]", [("F002", "!!seq [")]),
            ("a: &x 1\n<<: *x", [("F002", "<<")]),
            ("? [1]\n: 2\n? {a: 1}\n: 3", [("F002", "["), ("F002", "{")]),
            ("a: *nowhere", [("F002", "*nowhere")]),
            ("? *nowhere\n: 1", [("F002", "*nowhere")]),
            ("Schedule: @daily\nb: 1", [("F002", "@daily")]),
            ("Schedule: */5 * * * * # five", [("F002", "*/5 * * * *")]),
            ("Schedule: * * * * *", [("F002", "* * * * *")]),
            ("[{Schedule: */5 1,2 * * *, b: 1}]", [("F002", "*/5 1,2 * * *")]),
            ("{b: 1, Schedule: @daily}", [("F002", "@daily")]),
            ("a: `x`", [("F002", "`x`")]),
            ("a:\n\t- b", [("F002", "\t")]),
            ("a: b\x00c", [("F002", "\x00")]),
            ("a: \x1b[0m", [("F002", "\x1b")]),
            ("a: \x7f", [("F002", "\x7f")]),
            ("a: [1, 2", [("F002", "[")]),
            ("a: 'x\n", [("F002", "'")]),
            ("a: b: c", [("F002", ":")]),
        ],
    )
    def test_is_refused(self, text: str, expected: list[tuple[str, str]]) -> None:
        assert codes(text) == expected

    def test_what_comes_before_a_syntax_error_is_told_too(self) -> None:
        assert codes("a: !x 1\nb: !y 2\nc: @daily") == [
            ("F002", "!x 1"),
            ("F002", "!y 2"),
            ("F002", "@daily"),
        ]

    def test_a_quoted_merge_key_is_a_key(self) -> None:
        assert value('"<<": 1') == {"<<": 1}
        assert value("a: <<") == {"a": "<<"}

    def test_unquoted_schedules_say_how_to_quote_them(self) -> None:
        (fault,) = compose("Schedule: */5 * * * *\n").faults
        assert fault.message == "not YAML: a value cannot start with `*` unless it is quoted"
        assert fault.hint == 'quote it: "*/5 * * * *"'


class TestCaps:
    def test_a_hundred_levels_are_fine(self) -> None:
        assert codes("[" * 100 + "]" * 100) == []
        assert codes("[" * 101 + "]" * 101) == [("F006", "[")]
        assert codes("- " * 100 + "x") == []
        assert [code for code, _ in codes("- " * 101 + "x")] == ["F006"]

    def test_depth_is_bounded_without_recursion(self) -> None:
        assert [code for code, _ in codes("[" * 1_000_000)] == ["F006"]
        assert [code for code, _ in codes("{a: " * 300_000)] == ["F006"]

    def test_aliases_may_not_nest_deeper_either(self) -> None:
        links = "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 200))
        assert [code for code, _ in codes("a0: &a0 [x]\n" + links)] == ["F006"]

    def test_a_million_laughs(self) -> None:
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
        assert [code for code, _ in codes("\n".join(lines))] == ["F006"]

    def test_many_aliases_of_little(self) -> None:
        assert codes("a: &a [1, 2, 3]\nb: [" + "*a, " * 1000 + "]") == []

    @pytest.mark.parametrize("text", ["&a [*a]", "a: &a {b: *a}", "&a {b: [1, {c: *a}]}"])
    def test_an_alias_of_what_it_stands_in(self, text: str) -> None:
        assert codes(text) == [("F006", "*a")]


class _PlainLoader(yaml.CSafeLoader):
    """PyYAML's loader with YAML 1.2's implicit meanings in place of YAML 1.1's."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


_MEANINGS = {
    "bool": r"^(?:true|True|TRUE|false|False|FALSE)$",
    "null": r"^(?:~|null|Null|NULL|)$",
    "int": r"^(?:[-+]?(?:0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+)$",
    "float": r"^(?:[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
}
for _name, _pattern in _MEANINGS.items():
    _PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(_pattern), None)


def _same(ours: Any, theirs: Any) -> bool:
    """Equal in type, order and value."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return len(ours) == len(theirs) and all(
            _same(a, b) and _same(ours[a], theirs[b]) for a, b in zip(ours, theirs, strict=True)
        )
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(_same, ours, theirs))
    if isinstance(ours, float) and isinstance(theirs, float) and math.isnan(ours):
        return math.isnan(theirs)
    return type(ours) is type(theirs) and bool(ours == theirs)


WORDS = st.sampled_from(
    [
        "a",
        "Tasks",
        "x y",
        "1",
        "-3",
        "2.5",
        "true",
        "null",
        "~",
        "0",
        "0x1F",
        "é",
        "\U0001f600",
        "a: b",
        "# c",
        "- d",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | WORDS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | WORDS, inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES, st.booleans(), st.sampled_from([20, 80]), st.booleans())
@settings(max_examples=400, deadline=None)
def test_what_pyyaml_writes_is_read_as_pyyaml_reads_it(
    written: Any, is_flow: bool, width: int, allow_unicode: bool
) -> None:
    text = yaml.dump(
        written, Dumper=yaml.CSafeDumper, default_flow_style=is_flow, width=width, allow_unicode=allow_unicode
    )
    composed = compose(text)
    if composed.faults:
        assert {fault.code for fault in composed.faults} <= {"F002", "F003"}
        return
    assert _same(composed.values[0], yaml.load(text, _PlainLoader))


WORDY = ("a", "b", "1", "true", "x y", "é", "---\n", "...\n", "&x ", "*x", "# ", "? ", ": ", ":", "- ", ", ")
FRAGMENTS = st.sampled_from([*WORDY, *"[]{}'\"|>!%@~\\\t\r\n\u2028\x85", "\n  ", "\n    ", "\r\n"])


@given(st.lists(FRAGMENTS, max_size=25).map("".join))
@settings(max_examples=1500, deadline=None)
def test_any_yaml_is_read_as_pyyaml_reads_it(text: str) -> None:
    composed = compose(text)
    try:
        theirs = list(yaml.load_all(text, _PlainLoader))
    except (yaml.YAMLError, ValueError):
        return
    if not composed.faults and not composed.has_duplicates:
        assert _same(composed.values, theirs)


@given(st.text(max_size=60))
@settings(max_examples=500, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    composed = compose(text)
    assert composed.is_whole or composed.faults
    for fault in composed.faults:
        assert 0 <= fault.start <= fault.end <= len(text) + 1
        assert fault.code in {"F002", "F006"}
