"""What is logged: the texts that people search for, one line an event, whatever a name holds."""

import json
import logging
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.scheduler import events
from tests.databases import FIXTURES
from tests.scheduler.claiming import claim

RUN = {
    "run_id": "01a208d6-6865-7000-8000-00000000a001",
    "task": "nightly",
    "action": "job/note",
    "user": "ann@example.com",
    "fire_time": "2026-11-24T10:00:00Z",
    "cause": "schedule",
}
REFERENCE = "01a20a7b-0000-7000-8000-000000000001"
TEN = datetime(2026, 11, 24, 10, tzinfo=UTC)


class Kept(logging.Handler):
    """The records, at the time that the tests expect."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        record.created = datetime(2026, 11, 24, 10, 0, 0, 123456, tzinfo=UTC).timestamp()
        self.records.append(record)

    @property
    def text(self) -> list[str]:
        return [events.TextFormatter().format(record) for record in self.records]

    @property
    def json(self) -> list[dict[str, Any]]:
        return [json.loads(events.JsonFormatter().format(record)) for record in self.records]


@pytest.fixture
def kept() -> Iterator[Kept]:
    handler, level = Kept(), events.log.level
    events.log.addHandler(handler)
    events.log.setLevel(logging.DEBUG)
    yield handler
    events.log.removeHandler(handler)
    events.log.setLevel(level)


def test_the_contract(kept: Kept) -> None:
    events.registered("nightly", "note", "@every 5m")
    events.refused("odd", "it names no user to run as")
    events.executing(RUN, REFERENCE, "note", "ann@example.com")
    events.failed(RUN, "the door is closed", 1.5)
    assert kept.text == [
        "INFO[2026-11-24 10:00:00] Register task [note] at @every 5m",
        "ERRO[2026-11-24 10:00:00] Failed to start scheduled job: odd: it names no user to run as",
        f"INFO[2026-11-24 10:00:00] [82] Execute task [{REFERENCE}][note] as user [ann@example.com]",
        "ERRO[2026-11-24 10:00:00] Errors while executing action 109: the door is closed",
    ]


def test_the_other_events(kept: Kept) -> None:
    events.succeeded(RUN, 0.25)
    events.cancelled(RUN, "it took longer than its Timeout of 1 s")
    events.skipped("nightly", TEN, "an earlier run has not ended")
    events.missed("nightly", TEN, TEN, 1)
    events.missed("nightly", TEN, TEN + timedelta(hours=2), 3)
    events.lost("nightly", TEN)
    events.note("Stopped")
    events.warn("the database is away")
    assert [line.replace("[2026-11-24 10:00:00]", "") for line in kept.text] == [
        "DEBU Executed task [nightly] in 0.250 s",
        "ERRO Cancelled task [nightly]: it took longer than its Timeout of 1 s",
        "WARN Skipped task [nightly] at 2026-11-24T10:00:00Z: an earlier run has not ended",
        "WARN Missed task [nightly] 2026-11-24T10:00:00Z",
        "WARN Missed task [nightly] 3 times from 2026-11-24T10:00:00Z to 2026-11-24T12:00:00Z",
        "ERRO Lost task [nightly] of 2026-11-24T10:00:00Z: its process died",
        "INFO Stopped",
        "WARN the database is away",
    ]


CAPTURED = ("Register task [", "Failed to start scheduled job: ", "[82] Execute task [", "109: ")


@pytest.mark.skipif(not FIXTURES.exists(), reason="the captured logs are not in ../shared/fixtures")
def test_a_search_that_finds_lines_of_daptin_finds_ours(kept: Kept) -> None:
    """Levels and texts as Daptin 0.12.36 wrote them."""
    events.registered("nightly", "note", "@every 5m")
    events.refused("odd", "a reason")
    events.executing(RUN, REFERENCE, "note", "ann@example.com")
    events.failed(RUN, "forbidden", 0.0)
    logs = [path.read_text(encoding="utf-8") for path in sorted(Path(FIXTURES, "logs").glob("*-*.txt"))]
    for ours, words in zip(kept.text, CAPTURED, strict=True):
        theirs = [line for log in logs for line in log.splitlines() if words in line]
        assert theirs, words
        assert words in ours
        assert {re.sub(r"\x1b\[\d*m", "", line)[:4] for line in theirs} == {ours[:4]}


def test_what_the_events_of_a_run_have_in_common() -> None:
    one = claim(name="nightly", cause="catch-up", as_user_email=None)
    assert events.fields_of(one) == {
        "run_id": str(uuid.UUID(bytes=one.run_id)),
        "task": "nightly",
        "action": "job/note",
        "user": None,
        "fire_time": "2026-11-24T10:00:00Z",
        "cause": "catch-up",
    }


def test_json_is_one_object_a_line_with_the_run(kept: Kept) -> None:
    events.executing(RUN, REFERENCE, "note", "ann@example.com")
    events.failed(RUN, "no\nway", 1.25)
    executing, failed = kept.json
    assert executing == {
        "time": "2026-11-24T10:00:00.123Z",
        "level": "info",
        "event": "executing",
        "message": f"[82] Execute task [{REFERENCE}][note] as user [ann@example.com]",
        **RUN,
    }
    assert (failed["event"], failed["error"], failed["duration"]) == ("failed", "no\nway", 1.25)
    assert all("\n" not in events.JsonFormatter().format(record) for record in kept.records)


@pytest.mark.parametrize("name", ["a\nERRO[x] b", "a\r\nb", "a\x1b[31mb", "a\x85b", "a\u2028b", "a\0b"])
def test_a_name_breaks_no_line(name: str, kept: Kept) -> None:
    events.registered(name, name, name)
    events.refused(name, name)
    for line in kept.text:
        assert len(line.splitlines()) == 1
        assert line.isprintable()
    for record in kept.records:
        assert events.JsonFormatter().format(record).count("\n") == 0
    assert [one["task"] for one in kept.json] == [name, name]


def test_what_an_action_raised_is_told_with_its_traceback_at_debug(kept: Kept) -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError as error:
        events.raised(RUN, error)
    (text,), (told,) = kept.text, kept.json
    first, *below = text.splitlines()
    assert first == "DEBU[2026-11-24 10:00:00] The action of task [nightly] raised"
    assert below[0] == "    Traceback (most recent call last):"
    assert "    ValueError: first" in below
    assert all(line.startswith("    ") for line in below)
    assert told["run_id"] == RUN["run_id"]
    assert told["traceback"].endswith("ValueError: first\nsecond")


class Mute(Exception):
    def __str__(self) -> str:
        raise Mute


class Wrapped(Exception):
    orig = ValueError("what the driver said")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError("no"), "ValueError: no"),
        (ValueError("a\nb"), "ValueError: a b"),
        (KeyError("k"), "KeyError: 'k'"),
        (SystemExit(), "SystemExit"),
        (SystemExit(3), "SystemExit: 3"),
        (Mute(), "Mute: its message cannot be read: Mute"),
        (Wrapped("SQL and hints"), "Wrapped: what the driver said"),
        (ValueError("x" * 5_000_000), f"ValueError: {'x' * events.LONGEST}"),
    ],
)
def test_an_exception_in_one_line(error: BaseException, told: str, kept: Kept) -> None:
    assert events.told(error) == told
    events.raised(RUN, error)
    assert type(error).__name__ in kept.json[0]["traceback"]
