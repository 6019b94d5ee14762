"""Tasks, clocks and claims for tests that need no database."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from reconciler.errors import TargetError
from reconciler.scheduler.counters import Counters
from reconciler.scheduler.fires import Claim, Fire, Policy, Registered
from reconciler.scheduler.loop import Gap, Loop
from reconciler.scheduler.timetable import Timetable
from reconciler.task import Row


def seconds(moment: str | datetime) -> int:
    """Of a moment, in ISO 8601 where it is text; without a zone it is of UTC."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def registered(name: str = "t", schedule: str = "@every 1s", **policy: Any) -> Registered:
    row = Row(
        id=1,
        reference_id=name.encode().rjust(16, b"\0"),
        version=1,
        name=name,
        schedule=schedule,
        entity_name="job",
        action_name="note",
        as_user_id=2,
        as_user_email="ann@example.com",
        active=True,
        job_type="",
        attributes="{}",
    )
    return Registered(row, {}, Policy(**policy))


class Everything:
    """Claims that grant every fire once, or fail for a while."""

    def __init__(self) -> None:
        self.granted: dict[tuple[str, int], int] = {}
        self.is_away = False

    def claim(self, fires: Sequence[Fire], now: float) -> Sequence[Claim]:
        if self.is_away:
            raise TargetError("the database is away")
        new = [fire for fire in fires if (fire.task.row.name, fire.moment) not in self.granted]
        for fire in new:
            self.granted[fire.task.row.name, fire.moment] = 1
        return [Claim(b"", fire.task, datetime.fromtimestamp(fire.moment, UTC)) for fire in new]


class Stage:
    """A loop whose clock is moved by hand, with everything that it did."""

    def __init__(self, timetable: Timetable, start: float, max_lateness: float = 10.0) -> None:
        self.fired: list[tuple[str, int]] = []
        self.gaps: list[Gap] = []
        self.claims = Everything()
        self.loop = Loop(
            timetable=timetable,
            claims=self.claims,
            put=self.put,
            counters=Counters(),
            on_gap=self.gaps.append,
            max_lateness=max_lateness,
            start=start,
        )

    def put(self, claims: Sequence[Claim]) -> None:
        self.fired += [(claim.task.row.name, int(claim.moment.timestamp())) for claim in claims]

    def pass_at(self, now: float) -> float:
        return self.loop.step(now)

    def run_until(self, now: float, until: float) -> None:
        """As the clock would: pass after pass, each when the last one asked for it."""
        while now <= until:
            now = max(self.loop.step(now), now + 0.001)
