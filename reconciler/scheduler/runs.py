"""One run: as its user, in one transaction, written down whatever happens."""

import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from reconciler.actions.run import ActionFailed, ActionKey, Function, Run
from reconciler.database.history import read_run
from reconciler.database.identity import Identity
from reconciler.database.link import Link
from reconciler.database.runs import Ending, complete_run
from reconciler.database.target import Target
from reconciler.database.transactions import atomic
from reconciler.database.urls import TargetUrl
from reconciler.database.watch import watch
from reconciler.errors import OutcomeUnknown, ReconcilerError, TargetError
from reconciler.scheduler import events
from reconciler.scheduler.clock import moment_at
from reconciler.scheduler.counters import Counters
from reconciler.scheduler.fires import Claim
from reconciler.scheduler.identity import identify
from reconciler.scheduler.journal import Journal
from reconciler.scheduler.running import Going, Running
from reconciler.scheduler.timetable import jitter_of
from reconciler.scheduler.veil import Veil, veil_of

Remote = Callable[[Identity, Claim, threading.Event], None]
"""Executes an action elsewhere, outside of any transaction. Raises ActionFailed."""

Start = Callable[[Target, Claim, datetime], bool]
"""Writes that a run begins. False: it is not ours any more."""

PATIENCE, PAUSE = 10.0, 0.25
"""Seconds for which a run that cannot begin tries again, and between two attempts."""


class Disowned(Exception):
    """The run was declared lost or cancelled while it went on: nothing of it may be committed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Everything that a run needs; `execute` is what a worker calls."""

    url: TargetUrl
    start: Start
    functions: Mapping[ActionKey, Function]
    remote: Remote | None = None
    folder: Path | None = None
    now: Callable[[], float]
    counters: Counters
    journal: Journal
    running: Running
    on_end: Callable[[Claim], None] = lambda claim: None
    links: threading.local = field(default_factory=threading.local)

    def execute(self, claim: Claim) -> None:
        """Run a claim to its end. Nothing is raised, not even what would end a process."""
        began = self.now()
        if claim.cause == "schedule":  # what is caught up was due long ago, and is not late
            self.counters.started(began - claim.moment.timestamp() - jitter_of(claim.task))
        with self.running.entered(Going(claim=claim)) as going:
            try:
                self._execute(claim, going)
            except BaseException as error:
                self._give_up(claim, going, error, began)
            finally:
                self.on_end(claim)

    def _execute(self, claim: Claim, going: Going) -> None:
        if not self._begin(claim, going):  # run before, declared lost, or cancelled while it waited
            return
        with self._link().target() as target:
            going.target, going.started = target, self.now()
            row, fields = claim.task.row, going.fields
            reference = str(uuid.UUID(bytes=row.reference_id))
            events.executing(fields, reference, row.action_name, row.as_user_email or "")
            self._act(claim, target, going)
            duration = self.now() - going.started
            self.counters.ended("ok", duration)
            events.succeeded(fields, duration)

    def _begin(self, claim: Claim, going: Going) -> bool:
        """Write that the run begins. Nothing has happened yet: that the connection broke fails no run."""
        at = self.now()
        while True:
            try:
                with self._link().target() as target:
                    going.target = target
                    with self.running.turn():
                        return not going.cancelled.is_set() and self.start(target, claim, moment_at(at))
            except TargetError:
                if self.now() > at + PATIENCE or going.cancelled.wait(PAUSE):
                    raise

    def _link(self) -> Link:
        """Each worker has its own connection."""
        link: Link | None = getattr(self.links, "link", None)
        if link is None:
            link = self.links.link = Link(self.url)
        return link

    def _give_up(self, claim: Claim, going: Going, error: BaseException, began: float) -> None:
        self._link().close()  # in whatever state the run left it
        if going.is_out:  # whoever cancelled it has said and written so
            return
        if isinstance(error, Disowned):
            name = claim.task.row.name
            events.warn(f"Dropped task [{name}]: it was declared lost while it went on", **going.fields)
            return
        at = self.now()
        told = _told(error, veil_of(claim.task))
        self.journal.add(Ending(claim.run_id, "failed", told, moment_at(at)))
        self.counters.ended("failed", at - began)
        events.failed(going.fields, told, at - began)

    def _act(self, claim: Claim, target: Target, going: Going) -> None:
        row = claim.task.row
        function = self.functions.get((row.entity_name, row.action_name))
        if function is not None:
            self._act_here(function, claim, target, going)
        elif self.remote is not None:
            self._act_elsewhere(self.remote, claim, target, going)
        else:
            raise ActionFailed(f"nothing here executes {row.entity_name}/{row.action_name}")

    def _act_here(self, function: Function, claim: Claim, target: Target, going: Going) -> None:
        try:
            self._transact(function, claim, target, going)
        except OutcomeUnknown:
            self._link().close()
            if not self._was_committed(claim):
                raise

    def _was_committed(self, claim: Claim) -> bool:
        """Whether a commit whose answer was lost took place. What cannot be learnt is told as a failure.

        The history is right in any case: a run that is `ok` stays so.
        """
        try:
            with self._link().target() as target:
                found = read_run(target, claim.run_id)
        except ReconcilerError:
            return False
        return found is not None and found.state == "ok"

    def _transact(self, function: Function, claim: Claim, target: Target, going: Going) -> None:
        """Identity, effects and `ok` are one transaction."""
        with self.running.turn(), atomic(target):
            user, identity = identify(target, claim.task.row, claim.task.attributes)
            run = Run(
                run_id=going.fields["run_id"],
                task=claim.task.row,
                user=user,
                groups=identity.groups,
                fire_time=claim.moment,
                connection=target.connection,
                logger=logging.LoggerAdapter(
                    events.log,
                    {"event": "action", "fields": going.fields, "veil": veil_of(claim.task)},
                ),
                cancelled=going.cancelled,
                folder=self.folder,
            )
            watched = watch(target.connection)
            _call(function, run, going)
            if watched.has_ended or not target.dialect.in_transaction(target):
                raise ActionFailed("the action ended the transaction of its run")
            if going.is_out or not complete_run(target, claim.run_id, moment_at(self.now())):
                raise Disowned
        if watched.has_set:  # the next run has a session of its own
            self._link().close()

    def _act_elsewhere(self, remote: Remote, claim: Claim, target: Target, going: Going) -> None:
        """No transaction stays open while another server works."""
        with self.running.turn(), atomic(target):
            _, identity = identify(target, claim.task.row, claim.task.attributes)
        remote(identity, claim, going.cancelled)
        try:
            with self.running.turn():
                is_ours = complete_run(target, claim.run_id, moment_at(self.now()))
        except TargetError:  # what was done there stays done: it is written when the database is back
            if going.is_out:
                raise
            self._link().close()
            self.journal.add(Ending(claim.run_id, "ok", None, moment_at(self.now())))
            return
        if not is_ours:
            raise Disowned


def _call(function: Function, run: Run, going: Going) -> None:
    """Whatever an action raises is its failure, and worded as its own: a database error too."""
    try:
        function(run, deepcopy(dict(going.claim.task.attributes)))
    except ActionFailed:
        raise
    except BaseException as error:
        veil = veil_of(going.claim.task)
        events.raised(going.fields, error, veil)
        raise ActionFailed(events.told(error, veil)) from error


def _told(error: BaseException, veil: Veil) -> str:
    """One line: what we word ourselves, and what an action fails with, needs no type."""
    if isinstance(error, ReconcilerError):
        return events.one_line(error.message)
    said = events.words(error, veil) if isinstance(error, ActionFailed) else ""
    return said or events.told(error, veil)
