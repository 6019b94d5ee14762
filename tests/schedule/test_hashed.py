from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.schedule import ScheduleError, parse
from reconciler.schedule.fields import LIMITS
from reconciler.schedule.hashed import compile_hashed, hash_fault, is_hashed, written_span


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # BLAKE2b of b"nightly_report\0minute\x000", eight bytes of it, is 1848080492784531476
        ("H 2 * * *", "56 2 * * *"),
        ("H/15 * * * *", "11-59/15 * * * *"),
        ("H(0-29) 2 * * *", "26 2 * * *"),
        ("H(0-29)/10 * * * *", "6-29/10 * * * *"),
        ("H/1 * * * *", "0-59 * * * *"),
        ("H(7-7) H(3-3) * * *", "7 3 * * *"),
        # nothing to choose
        ("0 2 * * THU", "0 2 * * THU"),
        ("@every 1h", "@every 1h"),
        ("@hourly", "@hourly"),
        ("H", "H"),
        ("H 2 * *", "H 2 * *"),
        ("TZ=Harare", "TZ=Harare"),
        ("", ""),
    ],
)
def test_what_is_compiled(text, expected):
    assert compile_hashed(text, "nightly_report") == expected


def test_only_what_is_chosen_changes():
    compiled = compile_hashed("  CRON_TZ=Africa/Harare \t 5,H(0-3)  2 *   * H(mon-fri)", "a")
    assert compiled.startswith(
        "  CRON_TZ=Africa/Harare \t 5,H(0-3)"
    )  # the engine takes no zone after a space
    compiled = compile_hashed("CRON_TZ=Africa/Harare \t 5,H(0-3)  2 *   * H(mon-fri)", "a")
    before, after = compiled.split("2 *   * ")
    assert before.removeprefix("CRON_TZ=Africa/Harare \t 5,").removesuffix("  ") in ("0", "1", "2", "3")
    assert after in ("1", "2", "3", "4", "5")


def test_each_place_has_a_value_of_its_own():
    minute, hour, *_ = compile_hashed("H,H,H,H H * * *", "a").split()
    assert len(set(minute.split(","))) > 1
    values = {compile_hashed("H(0-23) H * * *", str(name)).split()[0] for name in range(50)}
    assert len(values) > 10
    assert hour.isdecimal()


@pytest.mark.parametrize(
    ("text", "part", "message"),
    [
        ("H(5-70) 2 * * *", "70", "70 is above the largest minute, 59"),
        ("5 H(20-10) * * *", "20-10", "the range `20-10` runs backwards"),
        ("5 H(0) * * *", "0", "`0` is no range for `H`: write FIRST-LAST"),
        ("5 H() * * *", "", "`` is no range for `H`: write FIRST-LAST"),
        ("5 H(*-5) * * *", "*-5", "is no range for `H`"),
        ("5 H(1-2/2) * * *", "1-2/2", "is no range for `H`"),
        ("5 H(1-x) * * *", "x", "`x` is no hour"),
        ("H/0 * * * *", "0", "`0` is no step: it must be a whole number from 1"),
        ("H/x * * * *", "x", "`x` is no step"),
        ("H/ * * * *", "", "a step is missing after `/`"),
        ("H/61 * * * *", "61", "minute: `H/61` steps over its whole range, which has 60 values"),
        ("5,H(0-9)/11 * * * *", "11", "`H(0-9)/11` steps over its whole range, which has 10 values"),
        ("H5 * * * *", "H5", "minute: `H5` is no form of `H`: allowed are `H`"),
        ("H-5 * * * *", "H-5", "`H-5` is no form of `H`"),
        ("H(1-5 * * * *", "H(1-5", "`H(1-5` is no form of `H`"),
        ("TZ=UTC 0 0 H(0-3) * *", "0", "0 is below the smallest day of month, 1"),
    ],
)
def test_what_is_refused_and_where(text, part, message):
    with pytest.raises(ScheduleError) as caught:
        compile_hashed(text, "a")
    error = caught.value
    assert message in error.message
    assert error.part == part
    assert "its forms are `H`, `H(0-29)`" in error.hint
    assert hash_fault(text).message == error.message


def test_what_is_an_h():
    assert [
        text for text in ("0 0 * * H", "0,H/2 0 * * *", "0 0 * * THU", "H", "@every 1h") if is_hashed(text)
    ] == [
        "0 0 * * H",
        "0,H/2 0 * * *",
    ]


@st.composite
def hashed_fields(draw):
    """A field with an `H`: its place, its text and the values it may have."""
    index = draw(st.integers(0, 4))
    limits = LIMITS[index]
    low, high = limits.low, 28 if index == 2 else limits.high
    text = "H"
    if draw(st.booleans()):
        low = draw(st.integers(limits.low, limits.high))
        high = draw(st.integers(low, limits.high))
        text += f"({low}-{high})"
    step = draw(st.none() | st.integers(1, high - low + 1))
    if step:
        text += f"/{step}"
    return index, text, low, high, step


@given(hashed_fields(), st.text(max_size=30))
def test_the_value_is_valid_stable_and_within_its_range(case, name):
    index, written, low, high, step = case
    text = " ".join([*["*"] * index, written, *["*"] * (4 - index)])
    compiled = compile_hashed(text, name)
    assert compiled == compile_hashed(text, name)
    assert hash_fault(text) is None
    values = parse(compiled).rule.fields[index].values()
    assert low <= values[0] <= values[-1] <= high
    if step is None:
        assert len(values) == 1
    else:
        assert {later - one for one, later in pairwise(values)} <= {step}
        assert values[0] < low + step
        assert values[-1] > high - step


@pytest.mark.parametrize(
    ("text", "index", "number"),
    [
        ("H * * * *", 0, 60),
        ("0 H * * *", 1, 24),
        ("0 0 H * *", 2, 28),
        ("0 0 * * H", 4, 7),
        ("H/15 * * * *", 0, 15),
    ],
)
def test_names_spread_evenly(text, index, number):
    """The chi-square of 10,000 names that differ little stays below six standard deviations of its mean."""
    chosen = Counter(
        parse(compile_hashed(text, f"report_{name}")).rule.fields[index].values()[0] for name in range(10_000)
    )
    expected = 10_000 / number
    low = LIMITS[index].low
    chi = sum((chosen[value] - expected) ** 2 / expected for value in range(low, low + number))
    assert sum(chosen.values()) == 10_000
    assert chi < (number - 1) + 6 * (2 * (number - 1)) ** 0.5


@pytest.mark.parametrize(
    ("written", "part", "expected"),
    [
        ("H 2 30 2 *", "30 2", "30 2"),
        ("H 2 30 2 *", "2 30", "2 30"),
        ("H/20 2 * * *", "59/20", "H/20"),
        ("TZ=UTC H 2 31,H 2 *", "31,", "31,H"),
        ("TZ=UTC H 2 * * *", "TZ=UTC", "TZ=UTC"),
    ],
)
def test_a_part_is_found_in_what_was_written(written, part, expected):
    compiled = compile_hashed(written, "nightly_report")
    start = compiled.index(part)
    assert written[slice(*written_span(written, compiled, (start, start + len(part))))] == expected
