"""A runner on a real database, with one action at a time, and what became of its runs."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from reconciler.actions import Run
from reconciler.actions.run import Function
from reconciler.database.runs import RunRecord, claim_runs, end_runs, read_runs
from reconciler.database.target import connect
from reconciler.database.urls import target_url
from reconciler.scheduler.claims import ServerClaims, new_run
from reconciler.scheduler.counters import Counters
from reconciler.scheduler.fires import Claim
from reconciler.scheduler.journal import Journal
from reconciler.scheduler.running import Running
from reconciler.scheduler.runs import Remote, Runner
from tests.databases import Database
from tests.scheduler.claiming import claim

NOW = datetime(2026, 11, 24, 10, 0, 2, tzinfo=UTC).timestamp()  # two seconds after the moment
PROCESS = b"p" * 16
Attributes = Mapping[str, Any]


class Bed:
    """Actions are functions, run as those of the task's action; what they do is a row of `effect`."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.url = target_url(database.url, {})
        self.functions: dict[tuple[str, str], Function] = {}
        self.journal, self.counters = Journal(), Counters()
        self.running = Running(one_by_one=database.kind == "sqlite")
        self.ended: list[Claim] = []
        self.runner = self.make()
        ((self.ann,),) = database.query("SELECT id FROM user_account WHERE email = 'ann@example.com'")

    def make(self, remote: Remote | None = None) -> Runner:
        return Runner(
            url=self.url,
            start=ServerClaims.start,
            functions=self.functions,
            remote=remote,
            now=lambda: NOW,
            counters=self.counters,
            journal=self.journal,
            running=self.running,
            on_end=self.ended.append,
        )

    def through(self, url: str) -> None:
        """Let the runs reach the database by another way."""
        self.url = target_url(url, {})
        self.runner = self.make()

    def claim(self, **keys: Any) -> Claim:
        one = claim(**{"as_user_id": self.ann, **keys})
        with self.target() as target:
            claim_runs(target, PROCESS, [new_run(one)], now=one.moment)
        return one

    def target(self) -> Any:
        return connect(target_url(self.database.url, {}), read_only=False)

    def act(self, function: Function, one: Claim | None = None) -> RunRecord:
        """Run a function, or what is there of a claim, to its end in this thread; the row of its run."""
        self.functions["job", "note"] = function
        one = one or self.claim()
        self.runner.execute(one)
        return self.write(one)

    def write(self, one: Claim) -> RunRecord:
        """What the housekeeper does."""
        with self.target() as target:
            end_runs(target, self.journal.take())
            (found,) = [run for run in read_runs(target) if run.run_id == one.run_id]
        return found

    @property
    def effects(self) -> list[str]:
        return [who for (who,) in self.database.query("SELECT who FROM effect ORDER BY who")]


def note(run: Run, attributes: Attributes | None = None) -> None:
    run.connection.execute(text("INSERT INTO effect VALUES (:who, '', '')"), {"who": run.user.email})


def saying(*statements: str) -> Function:
    def function(run: Run, attributes: Attributes) -> None:
        note(run)
        for statement in statements:
            run.connection.exec_driver_sql(statement)

    return function


def moment_of(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


KILL = {
    "postgresql": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()",
}


def kill_all(bed: Bed) -> None:
    """Every other connection to the database."""
    if bed.database.kind == "postgresql":
        bed.database.query(KILL["postgresql"])
        return
    ours = "SELECT id FROM information_schema.processlist WHERE db = ? AND id <> connection_id()"
    for (number,) in bed.database.query(ours, (bed.database.name,)):
        bed.database.query(f"KILL {number}")
