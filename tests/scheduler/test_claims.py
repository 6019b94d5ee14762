"""Claims, what waits, and whose turn it is."""

import itertools
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from reconciler.database.link import Link
from reconciler.database.processes import register_process
from reconciler.database.runs import Ending, claim_runs
from reconciler.database.target import connect
from reconciler.database.transactions import transaction
from reconciler.database.urls import TargetUrl, target_url
from reconciler.errors import OutcomeUnknown
from reconciler.scheduler import claims
from reconciler.scheduler.claims import LocalClaims, ServerClaims
from reconciler.scheduler.counters import Counters
from reconciler.scheduler.fires import Claim, Fire
from reconciler.scheduler.gaps import Gaps, Scope
from reconciler.scheduler.journal import LONGEST, Journal
from reconciler.scheduler.loop import Gap
from reconciler.scheduler.running import Turn
from reconciler.scheduler.waiting import Waiting
from reconciler.uuid7 import uuid7
from tests.databases import Database
from tests.scheduler.build import registered
from tests.scheduler.claiming import NOW, PROCESS, claim, process
from tests.scheduler.program import runs


@pytest.fixture
def url(stage: Database) -> TargetUrl:
    """Of a server, with the bookkeeping and our process in it."""
    if stage.kind == "sqlite":
        pytest.skip("claims of one among several")
    found = target_url(stage.url, {})
    with connect(found, read_only=False) as target, transaction(target):
        register_process(target, process(), {})
    return found


class Claimer:
    """Claims of a server, and what they noted."""

    def __init__(self, url: TargetUrl) -> None:
        self.journal = Journal()
        self.claims = ServerClaims(
            Link(url),
            PROCESS,
            new_id=uuid7,
            counters=Counters(),
            journal=self.journal,
            settled=lambda second: second,
        )

    def claim(self, fires: Sequence[Fire], now: int = NOW) -> list[tuple[str, int]]:
        found = self.claims.claim(fires, now)
        return sorted((one.task.row.name, int(one.moment.timestamp()) - NOW) for one in found)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The next claims are committed, and nobody learns it."""

    def cut(*given: Any, **named: Any) -> None:
        claim_runs(*given, **named)
        raise OutcomeUnknown("the connection was lost in the commit")

    monkeypatch.setattr(claims, "claim_runs", cut)
    return monkeypatch


def fires(*names: str, at: int = NOW, **policy: Any) -> list[Fire]:
    return [Fire(registered(name, **policy), at) for name in names]


def test_a_moment_is_claimed_once(url: TargetUrl) -> None:
    one, two = Claimer(url), Claimer(url)
    assert one.claim(fires("a", "b")) == [("a", 0), ("b", 0)]
    assert two.claim(fires("a", "b", "c")) == [("c", 0)]
    assert one.claim(fires("a")) == []


def test_claims_that_were_cut_off_are_found_again(url: TargetUrl, broken: pytest.MonkeyPatch) -> None:
    one = Claimer(url)
    with pytest.raises(OutcomeUnknown):
        one.claim(fires("a", "b"))
    with pytest.raises(OutcomeUnknown):
        one.claim([*fires("a", "b"), *fires("a", at=NOW + 1)], NOW + 1)
    broken.undo()
    again = [*fires("a", "b"), *fires("a", "b", at=NOW + 1)]
    assert one.claim(again, NOW + 1) == [("a", 0), ("a", 1), ("b", 0), ("b", 1)]
    assert one.claim(again, NOW + 2) == []
    assert len(one.journal) == 0


def test_what_was_cut_off_and_is_too_late_now_is_lost(
    url: TargetUrl, stage: Database, broken: pytest.MonkeyPatch
) -> None:
    one = Claimer(url)
    with pytest.raises(OutcomeUnknown):
        one.claim(fires("a", "b"))
    broken.undo()
    assert one.claim(fires("a", at=NOW + 60), NOW + 60) == [("a", 60)]
    ends = one.journal.take()
    assert [end.state for end in ends] == ["lost", "lost"]
    written = {bytes(run_id) for (run_id,) in stage.query("SELECT run_id FROM reconciler_run")}
    assert {end.run_id for end in ends} < written


def test_what_was_cut_off_never_overlaps(url: TargetUrl, broken: pytest.MonkeyPatch) -> None:
    one = Claimer(url)
    with pytest.raises(OutcomeUnknown):
        one.claim(fires("a", overlap="skip"))
    broken.undo()
    assert one.claim(fires("a", overlap="skip")) == []  # it has its turn from the housekeeper
    with connect(url, read_only=False) as target:
        assert [found.task.row.name for found in one.claims.released(target)] == ["a"]
        assert one.claims.released(target) == []


def test_a_skipped_fire_has_its_reason(url: TargetUrl, stage: Database) -> None:
    one = Claimer(url)
    assert one.claim(fires("a", overlap="skip")) == [("a", 0)]
    assert one.claim(fires("a", at=NOW + 1, overlap="skip"), NOW + 1) == []
    assert runs(stage) == [("a", "claimed", None), ("a", "skipped", "an earlier run has not ended")]


def local() -> LocalClaims:
    ids = itertools.count(1)
    return LocalClaims(PROCESS, new_id=lambda: next(ids).to_bytes(16, "big"), counters=Counters())


@pytest.mark.parametrize(
    ("policy", "granted"), [("allow", [1, 1, 1]), ("skip", [1, 0, 0]), ("queue", [1, 0, 0])]
)
def test_the_only_process_asks_nobody(policy: str, granted: list[int]) -> None:
    one = local()
    found = [one.claim(fires("a", at=NOW + second, overlap=policy), NOW + second) for second in range(3)]
    assert [len(each) for each in found] == granted
    one.ended(found[0][0])
    released: list[Claim] = one.released(None)  # type: ignore[arg-type]
    assert [int(each.moment.timestamp()) - NOW for each in released] == ([1] if policy == "queue" else [])
    assert one.take_waiting() == []


def test_what_waits_goes_one_by_one_and_the_earliest_of_all_processes_first() -> None:
    first, second, other = claim("a"), claim("a"), claim("b")
    key = first.task.row.reference_id
    waiting = Waiting()
    waiting.add([second, first, other])  # as they came
    own = [(first.run_id, "claimed"), (second.run_id, "claimed")]
    assert waiting.release({key: [*own, (b"\xff" * 16, "running")]}) == [other]
    assert waiting.release({key: [(b"\0" * 16, "claimed"), *own]}) == []
    assert waiting.release({key: [*own, (b"\xff" * 16, "claimed")]}) == [second]
    assert waiting.release({key: [(first.run_id, "claimed"), (second.run_id, "running")]}) == []
    assert waiting.release({key: [(first.run_id, "claimed")]}) == [first]
    assert waiting.references() == []


def test_what_is_settled_ends_where_the_first_gap_begins() -> None:
    gaps = Gaps()
    early, late = (
        Scope(gap=Gap(since, until), tasks=(), anchors={}, zone=None)  # type: ignore[arg-type]
        for since, until in ((10, 20), (30, 40))
    )
    assert gaps.settled(100) == 100
    gaps.open(late)
    gaps.open(early)
    assert gaps.settled(100) == 10
    gaps.close(early)
    assert (gaps.settled(100), gaps.settled(5)) == (30, 5)


def test_the_journal_keeps_no_novel() -> None:
    journal = Journal()
    journal.add(Ending(b"x", "failed", "a" * 100_000, datetime.now(UTC)))
    assert [len(end.error or "") for end in journal.take()] == [LONGEST]
    assert len(journal) == 0


def test_turns_come_in_the_order_of_asking_but_the_impatient_go_first() -> None:
    turn, order, threads = Turn(), [], []

    def take(name: str, patience: float | None) -> None:
        with turn.taken(patience) as is_ours:
            order.append((name, is_ours))

    with turn.taken():
        for number, (name, patience) in enumerate([("a", None), ("b", None), ("keeper", 20.0)], 1):
            threads.append(threading.Thread(target=take, args=(name, patience)))
            threads[-1].start()
            while len(turn._asking) < number:
                time.sleep(0.001)
        hasty = threading.Thread(target=take, args=("hasty", 0.01))
        hasty.start()
        hasty.join(20)
    for thread in threads:
        thread.join(20)
    assert order == [("hasty", False), ("keeper", True), ("a", True), ("b", True)]


def test_a_turn_is_taken_from_who_does_not_come_back() -> None:
    turn, leave = Turn(), threading.Event()
    entered, idents = threading.Event(), []

    def hang() -> None:
        idents.append(threading.get_ident())
        with turn.taken():
            entered.set()
            leave.wait(20)

    thread = threading.Thread(target=hang)
    thread.start()
    entered.wait(20)
    turn.give_up(idents[0])
    with turn.taken(5.0) as is_ours:
        assert is_ours
        leave.set()
        thread.join(20)  # that it ends now gives up nobody else's turn
        with turn.taken(0.01) as is_second:
            assert not is_second
