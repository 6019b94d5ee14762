"""The scheduler as a whole: start, serve, stop."""

import gc
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from reconciler import __version__
from reconciler.actions.run import ActionKey, Function
from reconciler.database.link import Link
from reconciler.database.processes import Loaded, Process, end_process, record_loaded, register_process
from reconciler.database.target import LOCK_TIMEOUT, Target, connect
from reconciler.database.transactions import locked, transaction
from reconciler.database.urls import TargetUrl
from reconciler.errors import ExitCode, ReconcilerError, TargetError, UsageError
from reconciler.scheduler import events
from reconciler.scheduler.alone import alone
from reconciler.scheduler.claims import LocalClaims, ServerClaims
from reconciler.scheduler.clock import Clock, moment_at
from reconciler.scheduler.counters import Counters, Snapshot
from reconciler.scheduler.fires import Registered
from reconciler.scheduler.gaps import Gaps, Scope
from reconciler.scheduler.housekeeping import Housekeeper
from reconciler.scheduler.journal import Journal
from reconciler.scheduler.loading import Load, actions_of, last_settled, load
from reconciler.scheduler.loop import Gap, Loop, run
from reconciler.scheduler.misses import had, put_off
from reconciler.scheduler.running import Running
from reconciler.scheduler.runs import Remote, Runner
from reconciler.scheduler.timetable import Timetable
from reconciler.scheduler.workers import Workers

ANSWER_TIMEOUT = 10.0
"""Seconds that a server has for one statement of the loop's or the housekeeper's. Runs may take longer."""

SHORT_WAIT = 0.5
"""Seconds for which the housekeeper waits for another program that writes to SQLite; it has more to do."""

RELOAD_TIMEOUT = 2.0
LAST_PASS = 5.0
"""Seconds for the housekeeper to come to an end."""

LEAST_PAUSE = 0.05
"""Seconds between two looks at something that is about to happen."""

LEAST_KEPT = timedelta(hours=1)
"""A moment whose run is forgotten could be claimed again by who comes late."""


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

    def __post_init__(self) -> None:
        if self.keep_runs < LEAST_KEPT:
            raise UsageError("the history is to be kept for an hour at least", hint="--keep-runs 30d")


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
    claims: LocalClaims | ServerClaims = field(init=False)
    workers: Workers = field(init=False)
    _open: ExitStack = field(default_factory=ExitStack)
    _has_ended: threading.Event = field(default_factory=threading.Event)

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
            is_drained = self._drain()
            self._has_ended.set()
            keeping.join(LAST_PASS)
            self._sign_off()
        events.note("Stopped" if is_drained else "Stopped: the grace ran out")
        return ExitCode.OK if is_drained else ExitCode.ERRORS

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
            settled, known = before if before is not None else (_second(start), {})
            register_process(target, self._process(start, min(settled, _second(start))), loaded.loaded)
        self._assemble(start)
        same = had(known, loaded.tasks)
        self._fill(loaded, int(start), same)
        self._tell(loaded)
        gap = Gap(int(settled.timestamp()), int(start))
        if gap.since < gap.until:
            self._open_gap(gap, same)
        self._open_put_off(known, same, gap.since, int(start))

    def _load(self, target: Target, now: float) -> Load:
        return load(
            target,
            self.options.zone,
            moment_at(now),
            self.functions,
            with_system=self.remote is None or self.options.system_tasks,
            everywhere=self.options.system_tasks,
        )

    def _process(self, start: float, settled: datetime) -> Process:
        moment = moment_at(start)
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
        )

    def _assemble(self, start: float) -> None:
        url, is_local = self.options.url, self.options.url.kind == "sqlite"
        self.running = Running(one_by_one=is_local)
        self.claims = self._claims()
        runner = Runner(
            url=url,
            start=self.claims.start,
            functions=self.functions,
            remote=self.remote,
            folder=self.options.folder,
            now=self.clock.now,
            counters=self.counters,
            journal=self.journal,
            running=self.running,
            on_end=self.claims.ended,
        )
        self.workers = Workers(self.options.workers, runner.execute)
        self.loop = Loop(
            timetable=Timetable(self.options.zone),
            claims=self.claims,
            put=self.workers.put,
            counters=self.counters,
            on_gap=self._note_gap,
            max_lateness=self.options.max_lateness,
            start=start,
        )
        self.housekeeper = Housekeeper(
            link=Link(url, SHORT_WAIT if is_local else LOCK_TIMEOUT, answer_timeout=ANSWER_TIMEOUT),
            process_id=self.process_id,
            journal=self.journal,
            running=self.running,
            workers=self.workers,
            counters=self.counters,
            claims=self.claims,
            gaps=self.gaps,
            settled=lambda: self.loop.settled,
            clock=self.clock.now,
            new_id=self.new_id,
            keep_runs=self.options.keep_runs,
            max_lateness=self.options.max_lateness,
            is_stopping=lambda: self.is_stopping,
            reload=self._reload if self.options.reload_every else None,
            reload_every=self.options.reload_every or 0.0,
        )

    def _claims(self) -> LocalClaims | ServerClaims:
        if self.options.url.kind == "sqlite":
            return LocalClaims(self.process_id, new_id=self.new_id, counters=self.counters)
        return ServerClaims(
            Link(self.options.url, answer_timeout=ANSWER_TIMEOUT),
            self.process_id,
            new_id=self.new_id,
            counters=self.counters,
            journal=self.journal,
            settled=self.gaps.settled,
        )

    def _fill(self, loaded: Load, after: int, same: Collection[Registered]) -> None:
        """Give the loop its tasks. What was loaded before keeps its phase, and what jitter put off."""
        known = {task.row.reference_id for task in same}
        fresh = {task.row.reference_id for task in loaded.tasks} - known
        self.loop.timetable.load(loaded.tasks, loaded.anchors, after, fresh)
        self.current = loaded
        self.counters.loaded(len(loaded.tasks))
        gc.freeze()  # the tasks live as long as the process: to look through them for garbage delays fires

    def _tell(self, loaded: Load) -> None:
        for task in loaded.tasks:
            events.registered(task.row.name, task.row.action_name, task.row.schedule)
        for refused in loaded.refused:
            events.refused(refused.name, refused.reason)
        self._tell_unexecuted(actions_of(loaded.tasks))
        events.note(
            f"Started with {_counted(len(loaded.tasks), 'task')}, {loaded.inactive} inactive passed over"
        )

    def _tell_unexecuted(self, work: Collection[ActionKey]) -> None:
        if self.remote is None:
            for entity, action in sorted(set(work) - self.functions.keys()):
                events.warn(f"Nothing here executes {entity}/{action}: the runs of its tasks will fail")

    # Serve

    def _keep_house(self) -> None:
        """Until the service has ended. What it cannot do now it tries again."""
        while not self._has_ended.is_set():
            now = self.clock.now()
            try:
                until = self.housekeeper.step(now)
            except Exception as error:
                events.log.error("the housekeeper failed: %s", type(error).__name__, exc_info=error)
                until = now + 5.0
            self._has_ended.wait(max(until - self.clock.now(), LEAST_PAUSE))

    def _note_gap(self, gap: Gap) -> None:
        assert self.current is not None, "the loop runs after the start"
        self._open_gap(gap, self.current.tasks)

    def _open_gap(self, gap: Gap, tasks: Collection[Registered]) -> None:
        assert self.current is not None, "the table was loaded"
        anchors, zone = self.current.anchors, self.options.zone
        self.gaps.open(Scope(gap=gap, tasks=tuple(tasks), anchors=anchors, zone=zone))

    def _open_put_off(self, known: Loaded, tasks: Collection[Registered], settled: int, now: int) -> None:
        for gap, some in put_off(known, tasks, settled, now, self.loop.timetable.since).items():
            self._open_gap(gap, some)

    def _reload(self, now: float) -> None:
        """Read the table again, without holding up the heartbeat for longer than a moment."""
        try:
            with (
                connect(self.options.url, read_only=False, lock_timeout=RELOAD_TIMEOUT) as target,
                locked(target, RELOAD_TIMEOUT),
                transaction(target),
            ):
                loaded = self._load(target, now)
                assert self.current is not None, "it was loaded at the start"
                if loaded.loaded == self.current.loaded and loaded.refused == self.current.refused:
                    return
                record_loaded(target, self.process_id, loaded.loaded)
        except TargetError as error:
            events.warn(f"the table could not be read again: {error.message}")
            return
        self.loop.later(lambda: self._take(loaded))

    def _take(self, loaded: Load) -> None:
        """In the loop's thread: unchanged tasks keep their phase, new ones begin now."""
        assert self.current is not None, "it was loaded at the start"
        before = self.current
        same, settled = had(before.loaded, loaded.tasks), self.loop.settled
        self._fill(loaded, settled, same)
        self._open_put_off(before.loaded, same, settled, settled)
        changed = [
            task
            for task in loaded.tasks
            if before.loaded.get(key := task.row.reference_id.hex()) != loaded.loaded[key]
        ]
        for task in changed:
            events.registered(task.row.name, task.row.action_name, task.row.schedule)
        for refused in loaded.refused:
            if refused not in before.refused:
                events.refused(refused.name, refused.reason)
        for key in before.loaded.keys() - loaded.loaded.keys():
            events.note(f"Unregister task [{before.loaded[key][2]}]")
        self._tell_unexecuted(actions_of(changed) - actions_of(before.tasks))

    # Stop

    def _drain(self) -> bool:
        """Let what runs come to its end; whether it did within the grace."""
        events.note(f"Stopping: {_counted(self.workers.unfinished, 'run')} to complete")
        deadline = self.clock.now() + self.options.grace
        while self.workers.unfinished and self.clock.now() < deadline:
            self.clock.wait(min(self.clock.now() + LEAST_PAUSE, deadline))
        is_drained = not self.workers.unfinished
        now = self.clock.now()
        if not is_drained:
            reason = f"the scheduler stopped, and the grace of {self.options.grace:g} s ran out"
            for claim in self.workers.take_back():
                self.housekeeper.call_off(claim, reason, now)
            for going in self.running.all():
                self.housekeeper.cancel(going.claim, reason, now)
        for claim in self.claims.take_waiting():
            self.housekeeper.call_off(claim, "the scheduler stopped before its turn came", now)
        return is_drained

    def _sign_off(self) -> None:
        """Write what is left, by a connection of our own: the housekeeper's may hang."""
        now = self.clock.now()
        try:
            with Link(self.options.url).target() as target:
                self.housekeeper.write(target, now)
                end_process(target, self.process_id, moment_at(now))
        except ReconcilerError as error:
            events.warn(f"the end could not be written down: {error.message}")


def _second(seconds: float) -> datetime:
    return moment_at(int(seconds))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
