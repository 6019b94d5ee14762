"""The scheduler as a whole: start, serve, stop."""

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from reconciler import __version__
from reconciler.actions.run import ActionKey, Function
from reconciler.database import (
    Ending,
    Link,
    Process,
    Target,
    TargetUrl,
    connect,
    end_process,
    locked,
    record_loaded,
    register_process,
    transaction,
)
from reconciler.errors import ExitCode, ReconcilerError
from reconciler.scheduler import events
from reconciler.scheduler.alone import alone
from reconciler.scheduler.claims import LocalClaims, ServerClaims
from reconciler.scheduler.clock import Clock
from reconciler.scheduler.counters import Counters, Snapshot
from reconciler.scheduler.gaps import Gaps, Scope
from reconciler.scheduler.housekeeping import Housekeeper
from reconciler.scheduler.journal import Journal
from reconciler.scheduler.loading import Load, last_settled, load, same_work
from reconciler.scheduler.loop import Gap, Loop, run
from reconciler.scheduler.misses import had
from reconciler.scheduler.running import Running
from reconciler.scheduler.runs import Remote, Runner
from reconciler.scheduler.timetable import Timetable
from reconciler.scheduler.workers import Workers

LOCK_TIMEOUT = 30.0
SHORT_WAIT = 0.5
"""Seconds for which the housekeeper waits for SQLite's only writer; it has more to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a scheduler runs. Durations are seconds."""

    url: TargetUrl
    zone: ZoneInfo
    host: str
    pid: int
    workers: int = 10
    grace: float = 30.0
    max_lateness: float = 10.0
    keep_runs: timedelta = timedelta(days=30)
    reload_every: float | None = None
    folder: Path | None = None
    system_tasks: bool = False  # also without a function of ours


@dataclass(slots=True, kw_only=True)
class Service:
    """Made by the program, which gives it its clock and its actions."""

    options: Options
    functions: Mapping[ActionKey, Function]
    remote: Remote | None
    clock: Clock
    new_id: Callable[[], bytes]
    counters: Counters = field(default_factory=Counters)
    running: Running = field(default_factory=Running)
    journal: Journal = field(default_factory=Journal)
    gaps: Gaps = field(default_factory=Gaps)
    is_ready: bool = False
    is_stopping: bool = False
    process_id: bytes = b""
    current: Load | None = None
    loop: Loop = field(init=False)
    housekeeper: Housekeeper = field(init=False)
    workers: Workers = field(init=False)
    _open: ExitStack = field(default_factory=ExitStack)

    def stop(self) -> None:
        """Fire nothing more. Safe within a signal handler."""
        self.is_stopping = True
        self.clock.wake()

    def snapshot(self) -> Snapshot:
        return self.counters.snapshot()

    def now(self) -> float:
        return self.clock.now()

    @property
    def waiting(self) -> int:
        """Claims that no worker has taken."""
        return self.workers.waiting if self.is_ready else 0

    @property
    def going(self) -> int:
        """Runs that go on."""
        return len(self.running)

    @property
    def is_reachable(self) -> bool:
        """Whether the database answered when it was last asked."""
        return not self.is_ready or self.housekeeper.reachable

    def run(self) -> ExitCode:
        """Start, serve until `stop`, and let what runs come to its end. Raises TargetError at the start."""
        with self._open:
            self._start()
            keeping = threading.Thread(target=self._keep_house, name="housekeeper", daemon=True)
            keeping.start()
            self.is_ready = True
            run(self.loop, self.clock, lambda: self.is_stopping)
            return self._drain()

    # Start

    def _start(self) -> None:
        if self.options.url.kind == "sqlite":
            self._open.enter_context(alone(self.options.url))
        start = self.clock.now()
        self.process_id = self.new_id()
        with (
            connect(self.options.url, read_only=False, lock_timeout=LOCK_TIMEOUT) as target,
            locked(target, LOCK_TIMEOUT),
            transaction(target),
        ):
            before = last_settled(target)
            loaded = self._load(target, start)
            settled = before[0] if before else datetime.fromtimestamp(int(start), UTC)
            register_process(target, self._process(start, settled), loaded.loaded)
        if before is not None:
            tasks = tuple(had(before[1], loaded.tasks))
            scope = Scope(tasks=tasks, anchors=loaded.anchors, zone=self.options.zone)
            self.gaps.add(Gap(int(settled.timestamp()), int(start)), scope)
        self._assemble(loaded, start)
        self._tell(loaded)

    def _load(self, target: Target, now: float) -> Load:
        return load(
            target,
            datetime.fromtimestamp(now, UTC),
            self.functions,
            with_system=self.remote is None or self.options.system_tasks,
            everywhere=self.options.system_tasks,
        )

    def _process(self, start: float, settled: datetime) -> Process:
        moment = datetime.fromtimestamp(start, UTC)
        return Process(
            process_id=self.process_id,
            kind="scheduler",
            host=self.options.host,
            pid=self.options.pid,
            tool=__version__,
            timezone=str(self.options.zone),
            started_at=moment,
            heartbeat_at=moment,
            settled_until=settled,
            ended_at=None,
            age=0.0,
        )

    def _assemble(self, loaded: Load, start: float) -> None:
        url, is_local = self.options.url, self.options.url.kind == "sqlite"
        self.running = Running(one_by_one=is_local)
        local = LocalClaims(self.process_id, new_id=self.new_id, counters=self.counters, running=self.running)
        server = ServerClaims(
            Link(url),
            self.process_id,
            new_id=self.new_id,
            counters=self.counters,
            settled=self._settled,
        )
        claims = local if is_local else server
        runner = Runner(
            url=url,
            start=claims.start,
            functions=self.functions,
            remote=self.remote,
            folder=self.options.folder,
            now=self.clock.now,
            counters=self.counters,
            journal=self.journal,
            running=self.running,
            on_end=local.ended,
        )
        self.workers = Workers(self.options.workers, runner.execute)
        timetable = Timetable(self.options.zone)
        timetable.load(loaded.tasks, loaded.anchors, int(start))
        self.loop = Loop(
            timetable=timetable,
            claims=claims,
            put=self.workers.put,
            counters=self.counters,
            on_gap=self._note_gap,
            max_lateness=self.options.max_lateness,
            start=start,
        )
        self.housekeeper = Housekeeper(
            link=Link(url, SHORT_WAIT) if is_local else Link(url),
            process_id=self.process_id,
            journal=self.journal,
            running=self.running,
            workers=self.workers,
            counters=self.counters,
            claims=claims,
            settled=lambda: self._settled(self.loop.settled),
            gaps=self.gaps,
            new_id=self.new_id,
            keep_runs=self.options.keep_runs,
            reload=self._reload if self.options.reload_every else None,
            reload_every=self.options.reload_every or 0.0,
        )
        self.current = loaded
        self.counters.loaded(len(loaded.tasks))

    def _tell(self, loaded: Load) -> None:
        for task in loaded.tasks:
            events.registered(task.row.name, task.row.action_name, task.row.schedule)
        for refused in loaded.refused:
            events.refused(refused.name, refused.reason)
        if self.remote is None:
            for entity, action in sorted(same_work(loaded.tasks) - self.functions.keys()):
                events.warn(f"Nothing here executes {entity}/{action}: the runs of its tasks will fail")
        events.note(f"Started with {len(loaded.tasks)} tasks, {loaded.inactive} inactive ones passed over")

    def _settled(self, second: int) -> int:
        """Up to when each fire has a run, when the loop has come to a second: jitter puts starts off."""
        most_jitter = self.current.most_jitter if self.current else 0
        return self.gaps.settled(second - most_jitter)

    # Serve

    def _keep_house(self) -> None:
        """Until the process ends. What it cannot do now it tries again."""
        wait = threading.Event()
        while True:
            now = self.clock.now()
            try:
                until = self.housekeeper.step(now)
            except Exception as error:
                events.log.error("the housekeeper failed: %s", type(error).__name__, exc_info=error)
                until = now + 5.0
            wait.wait(max(until - now, 0.05))

    def _note_gap(self, gap: Gap) -> None:
        assert self.current is not None, "the loop runs after the start"
        scope = Scope(tasks=self.current.tasks, anchors=self.current.anchors, zone=self.options.zone)
        self.gaps.add(gap, scope)

    def _reload(self, target: Target, now: float) -> None:
        with locked(target, LOCK_TIMEOUT), transaction(target):
            loaded = self._load(target, now)
            if self.current is not None and loaded.loaded == self.current.loaded:
                return
            record_loaded(target, self.process_id, loaded.loaded)
        self.loop.later(lambda: self._take(loaded))

    def _take(self, loaded: Load) -> None:
        """In the loop's thread: unchanged tasks keep their phase, new ones begin now."""
        before = {} if self.current is None else dict(self.current.loaded)
        self.loop.timetable.load(loaded.tasks, loaded.anchors, self.loop.settled)
        self.current = loaded
        self.counters.loaded(len(loaded.tasks))
        for task in loaded.tasks:
            key = task.row.reference_id.hex()
            if before.get(key) != loaded.loaded[key]:
                events.registered(task.row.name, task.row.action_name, task.row.schedule)
        for key in before.keys() - loaded.loaded.keys():
            events.note(f"Unregister task [{before[key][2]}]")

    # Stop

    def _drain(self) -> ExitCode:
        events.note(f"Stopping: {self.workers.unfinished} runs to complete")
        deadline = self.clock.now() + self.options.grace
        while self.workers.unfinished and self.clock.now() < deadline:
            self.clock.wait(min(self.clock.now() + 0.05, deadline))
        is_drained = not self.workers.unfinished
        if not is_drained:
            self._cancel_the_rest()
        self._sign_off()
        events.note("Stopped" if is_drained else "Stopped: the grace ran out")
        return ExitCode.OK if is_drained else ExitCode.ERRORS

    def _cancel_the_rest(self) -> None:
        now = self.clock.now()
        reason = f"the scheduler stopped, and the grace of {self.options.grace:g} s ran out"
        at = datetime.fromtimestamp(now, UTC)
        for claim in self.workers.take_back():
            self.journal.add(Ending(claim.run_id, "cancelled", reason, at))
        for going in self.running.all():
            self.housekeeper.cancel(going.claim, reason, now)

    def _sign_off(self) -> None:
        """Write what is left, by a connection of its own: the housekeeper goes on until the process ends."""
        now = self.clock.now()
        try:
            with Link(self.options.url).target() as target:
                self.housekeeper.write(target, now)
                end_process(target, self.process_id, datetime.fromtimestamp(now, UTC))
        except ReconcilerError as error:
            events.warn(f"the end could not be written down: {error.message}")
