"""Any bytes at all give diagnostics with a place, never an exception."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.config import declare, locate, read, silence
from reconciler.diagnostics import Diagnostic, by_place

KEYS = (b"Tasks", b"Name", b"Schedule", b"Attributes", b"Scheduler", b"CatchUp", b"<<", b"a")
VALUES = (
    b"@daily",
    b"1",
    b"null",
    b"true",
    b"9" * 5000,
    b"*a",
    b"&a ",
    b"!!x ",
    b"# reconcile: ignore[S005]",
)
BETWEEN = (
    b": ",
    b":\n  ",
    b"\n- ",
    b"\n  - ",
    b"\n    ",
    b"{",
    b"}",
    b"[",
    b"]",
    b", ",
    b"'",
    b'"',
    b"\n---\n",
)
STRANGE = (b"\xff", b"\xef\xbb\xbf", b"\x00", b"\xe2\x80\xa8", b"\r", b"\t")
WORDS = st.sampled_from((*KEYS, *VALUES, *BETWEEN, *BETWEEN, *STRANGE))


def read_all(content: bytes) -> list[Diagnostic]:
    reading = read(["-"], stdin=io.BytesIO(content))
    declarations, found = declare(reading.documents)
    located = locate([*reading.diagnostics, *found], reading.texts)
    return by_place(silence(located, declarations, reading.texts))


@given(st.binary(max_size=60) | st.lists(WORDS, max_size=30).map(b"".join))
@settings(max_examples=1500, deadline=None)
def test_any_bytes(content: bytes) -> None:
    for one in read_all(content):
        assert one.place is not None
        assert one.message
        assert (one.place.column or 1) >= 1


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 200_000,
        b"? " * 200_000,
        b"{" + b"a," * 100_000,
        b"Tasks:\n" + b"- \n" * 50_000,
        b"Tasks:\n" + b"- {Name: a}\n" * 5_000,
        b"- !a x\n" * 50_000,
        b"a: 1\n" * 50_000,
        b"a: &a [1]\nb: [" + b"*a," * 100_000 + b"]",
        b'"' + b"a\n" * 100_000,
        b"# reconcile: ignore[S005]\n" * 20_000,
        b"9" * 1_000_000,
        b"--- \n" * 100_000,
    ],
)
def test_much_of_one_kind_is_told_in_a_second_or_two(content: bytes) -> None:
    assert read_all(content)  # what is not linear would take minutes
