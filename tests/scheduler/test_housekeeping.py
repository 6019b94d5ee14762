"""The housekeeper, pass by pass, on real databases and with a clock that is moved by hand."""

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciler.database.link import Link
from reconciler.database.processes import register_process
from reconciler.database.runs import Ending
from reconciler.database.target import Target, connect
from reconciler.database.transactions import transaction
from reconciler.database.urls import TargetUrl, target_url
from reconciler.errors import RowMoved
from reconciler.scheduler import events, housekeeping
from reconciler.scheduler.claims import LocalClaims
from reconciler.scheduler.counters import Counters
from reconciler.scheduler.fires import Fire
from reconciler.scheduler.gaps import Gaps
from reconciler.scheduler.housekeeping import BEAT, Housekeeper
from reconciler.scheduler.journal import Journal
from reconciler.scheduler.running import Running
from reconciler.scheduler.workers import Workers
from reconciler.uuid7 import uuid7
from tests.databases import Database
from tests.scheduler.build import registered
from tests.scheduler.claiming import PROCESS, process
from tests.scheduler.program import runs

Make = Callable[..., Housekeeper]


@pytest.fixture
def now() -> float:
    """The databases' clock is the real one."""
    return datetime.now(UTC).timestamp()


@pytest.fixture
def make(stage: Database) -> Make:
    url = target_url(stage.url, {})
    with connect(url, read_only=False) as target, transaction(target):
        register_process(target, process(), {})

    def housekeeper(
        url: TargetUrl = url,
        clock: Callable[[], float] = lambda: datetime.now(UTC).timestamp(),
        settled: Callable[[], int] = lambda: 0,
    ) -> Housekeeper:
        counters = Counters()
        return Housekeeper(
            link=Link(url),
            process_id=PROCESS,
            journal=Journal(),
            running=Running(),
            workers=Workers(0, lambda claim: None),
            counters=counters,
            claims=LocalClaims(PROCESS, new_id=uuid7, counters=counters),
            gaps=Gaps(),
            settled=settled,
            clock=clock,
            new_id=uuid7,
            keep_runs=timedelta(days=30),
            max_lateness=10.0,
        )

    return housekeeper


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    monkeypatch.setattr(events.log, "propagate", True)
    caplog.set_level(logging.INFO)
    return caplog


def test_it_says_up_to_when_everything_is_written(make: Make, stage: Database, now: float) -> None:
    keeper = make(settled=lambda: int(now) - 3)
    assert keeper.step(now) == now + 1.0
    settled = datetime.fromtimestamp(int(now) - 3, UTC).replace(tzinfo=None)
    ((found,),) = stage.query("SELECT settled_until FROM reconciler_process")
    assert str(found)[:19] == str(settled)


def test_what_is_granted_while_it_writes_is_not_settled_yet(make: Make, stage: Database, now: float) -> None:
    """The loop goes on meanwhile: its second counts only once the claims up to then are in the table."""
    seconds = [int(now)]
    keeper = make(settled=lambda: seconds[-1])
    claims = keeper.claims
    assert isinstance(claims, LocalClaims)
    flush = claims.flush

    def late(target: Target, now: datetime) -> None:
        flush(target, now)
        seconds.append(seconds[-1] + 1)
        claims.claim([Fire(registered("a"), seconds[-1])], seconds[-1])

    claims.flush = late  # type: ignore[method-assign]
    keeper.step(now)
    expected = datetime.fromtimestamp(int(now), UTC).replace(tzinfo=None)
    ((found,),) = stage.query("SELECT settled_until FROM reconciler_process")
    assert str(found)[:19] == str(expected)
    assert runs(stage) == []


def test_a_refused_statement_keeps_it_from_nothing_else(
    make: Make, stage: Database, now: float, monkeypatch: pytest.MonkeyPatch, told: pytest.LogCaptureFixture
) -> None:
    def refuse(*given: Any) -> None:
        raise RowMoved("a deadlock, again and again")

    monkeypatch.setattr(housekeeping, "prune_runs", refuse)
    keeper = make()
    old = "2020-01-01 00:00:00"
    for second in (now, now + BEAT, now + 2 * BEAT):
        stage.query("UPDATE reconciler_process SET heartbeat_at = ?", (old,))
        keeper.step(second)
        ((beat,),) = stage.query("SELECT heartbeat_at FROM reconciler_process")
        assert str(beat) > old
    said = "the housekeeper could not finish: a deadlock, again and again"
    assert [record.getMessage() for record in told.records] == [said]
    assert keeper.reachable


def test_what_could_not_be_written_is_kept(make: Make, stage: Database, now: float) -> None:
    if stage.server is None:
        pytest.skip("a file does not go away")
    nowhere = stage.url.replace(f":{stage.server.port}/", ":1/")
    keeper = make(target_url(nowhere, {}))
    claims = keeper.claims
    assert isinstance(claims, LocalClaims)
    (granted,) = claims.claim([Fire(registered("a"), int(now))], now)
    keeper.journal.add(
        Ending(granted.run_id, "failed", "the door is closed", datetime.fromtimestamp(now, UTC))
    )
    assert keeper.step(now) == now + 1.0
    assert len(keeper.journal) == 1
    keeper.step(now + 6)
    assert not keeper.reachable
    keeper.link = Link(target_url(stage.url, {}))
    keeper.step(now + 7)
    assert keeper.reachable
    assert len(keeper.journal) == 0
    assert runs(stage) == [("a", "failed", "the door is closed")]


@pytest.mark.parametrize(("off", "sign"), [(-60.0, "-"), (60.0, "+"), (1.0, "")])
def test_a_clock_that_differs_from_the_database_s(
    make: Make, now: float, off: float, sign: str, told: pytest.LogCaptureFixture
) -> None:
    keeper = make(clock=lambda: datetime.now(UTC).timestamp() + off)
    for second in (now, now + BEAT, now + 2 * BEAT):
        keeper.step(second)
    said = [record.getMessage() for record in told.records]
    pattern = r"this clock is (.)(59|60)\.\d s from the database's: fires come that much off"
    found = [re.fullmatch(pattern, one) for one in said]
    assert [one[1] if one else "?" for one in found] == ([sign] if sign else [])  # once, not with each beat
