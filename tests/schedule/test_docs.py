"""docs/schedules.md, executed: every schedule shown fires when the document says."""

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reconciler.schedule import ScheduleError, parse
from reconciler.schedule.calendar import fires
from reconciler.schedule.grammar import DESCRIPTORS

DOCUMENT = (Path(__file__).parents[2] / "docs" / "schedules.md").read_text(encoding="utf-8")
START = datetime(2026, 1, 15, 10, 20, 30, tzinfo=UTC)
EXAMPLES = [
    tuple(part.strip() for part in line.split("->"))
    for block in re.findall(r"```fires\n(.*?)```", DOCUMENT, re.DOTALL)
    for line in block.splitlines()
]
ELSEWHERE = DOCUMENT.partition("## What other cron tools read")[2].partition("And some")[0]


def test_there_are_examples():
    assert len(EXAMPLES) > 20


@pytest.mark.parametrize(("text", "expected"), EXAMPLES)
def test_fires(text, expected):
    times = [] if expected == "never" else expected.split(", ")
    found = fires(parse(text), START, ZoneInfo("UTC"), len(times) or 1)
    shown = [one.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00") for one in found]
    assert shown == times


def test_every_word_of_the_dialect_is_in_the_table():
    rows = re.findall(r"^\| (`@.*?) \| `([^|]*)` \|$", DOCUMENT.partition("## Words")[2], re.MULTILINE)
    told = {word: fields for words, fields in rows for word in re.findall(r"`(@\w+)`", words)}
    assert {word: fields for word, fields in told.items() if word in DESCRIPTORS} == DESCRIPTORS


@pytest.mark.parametrize(
    "text", ["0 0 * * 7", "0 0 * * fri-sun", "0 22-2 * * *", "0 0 0 1 1 *", "0 0 0 1 1 * 2026"]
)
def test_what_is_not_read_is_refused(text):
    assert ELSEWHERE
    with pytest.raises(ScheduleError):
        parse(text)


@pytest.mark.parametrize("word", [*re.findall(r"`(@[^`]*)`", ELSEWHERE)])
def test_words_of_others(word):
    if word in ("@daily", "@every 24h"):
        assert parse(word)
    else:
        with pytest.raises(ScheduleError):
            parse(word)
