"""When a freeze is on, and what it refuses."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from reconciler.planning.changes import Change
from reconciler.planning.freezes import Freeze, Frozen, frozen_at
from reconciler.planning.guards import guard_freeze
from reconciler.schedule import parse

BERLIN = ZoneInfo("Europe/Berlin")


def freeze(schedule: str, hours: float, reason: str | None = None) -> Freeze:
    return Freeze(schedule=parse(schedule), duration=timedelta(hours=hours), zone=BERLIN, reason=reason)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("schedule", "hours", "moment", "until"),
    [
        ("0 18 * * 5", 62, "2026-11-27T17:59:59", None),
        ("0 18 * * 5", 62, "2026-11-27T18:00", "2026-11-30T08:00"),
        ("0 18 * * 5", 62, "2026-11-30T07:59:59", "2026-11-30T08:00"),
        ("0 18 * * 5", 62, "2026-11-30T08:00", None),
        ("0 0 1 1 *", 2, "2026-06-01T00:00", None),
        ("CRON_TZ=UTC 0 0 * * *", 1, "2026-11-27T01:30", "2026-11-27T01:00+00:00"),
        ("0 0 24,25 12 *", 36, "2026-12-24T01:00", "2026-12-26T12:00"),  # two that overlap are one
        ("0 0 24,25 12 *", 24, "2026-12-24T01:00", "2026-12-26T00:00"),  # and two that touch
        ("0 0 * 12 *", 24, "2026-12-24T01:00", "2027-01-01T00:00"),
    ],
)
def test_a_freeze_is_on_until(schedule: str, hours: float, moment: str, until: str | None) -> None:
    found = frozen_at([freeze(schedule, hours)], at(moment))
    if until is None:
        assert found is None
    else:
        assert found is not None
        expected = datetime.fromisoformat(until)
        assert found.until == (expected if expected.tzinfo else expected.replace(tzinfo=BERLIN))


def test_the_one_that_lasts_longest_is_told() -> None:
    short, long = freeze("0 12 * * *", 1, "lunch"), freeze("0 0 * * 5", 24, "friday")
    for freezes in ([short, long], [long, short]):
        found = frozen_at(freezes, at("2026-11-27T12:30"))
        assert str(found) == "a freeze (friday) until Sat 2026-11-28 00:00 (Europe/Berlin)"


def test_one_that_never_ends_is_on() -> None:
    found = frozen_at([freeze("* * * * *", 1)], at("2026-11-27T12:30"))
    assert found is not None
    assert found.until > at("2026-11-28T00:00")


FROZEN = Frozen(until=datetime(2026, 11, 30, 8, tzinfo=UTC))
CHANGE = Change(action="create", name="a", reason="new")


@pytest.mark.parametrize(
    ("changes", "frozen", "reason", "codes"),
    [
        ([CHANGE], None, None, []),
        ([CHANGE], FROZEN, None, ["O009"]),
        ([CHANGE], FROZEN, "INC-42", []),
        ([CHANGE], None, "INC-42", []),
        ([], FROZEN, None, []),
    ],
)
def test_changes_are_refused(
    changes: list[Change], frozen: Frozen | None, reason: str | None, codes: list[str]
) -> None:
    assert [one.code for one in guard_freeze(changes, frozen, reason)] == codes
