"""One run: as its user, in one transaction, written down whatever happens."""

import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from reconciler.actions.run import ActionFailed, ActionKey, Function, Run
from reconciler.catalogue import User
from reconciler.database.history import read_run
from reconciler.database.identity import Identity
from reconciler.database.link import Link
from reconciler.database.runs import Ending, commit_run, complete_run
from reconciler.database.target import Target, roll_back
from reconciler.database.urls import TargetUrl
from reconciler.database.watch import watch
from reconciler.errors import OutcomeUnknown, ReconcilerError, TargetError
from reconciler.scheduler import events
from reconciler.scheduler.clock import moment_at
from reconciler.scheduler.counters import Counters
from reconciler.scheduler.fires import Claim
from reconciler.scheduler.identity import require_may_run
from reconciler.scheduler.journal import Journal
from reconciler.scheduler.running import Going, Running
from reconciler.scheduler.timetable import jitter_of
from reconciler.scheduler.veil import Veil, veil_of

Remote = Callable[[Identity, Claim, threading.Event], None]
"""Executes an action elsewhere, outside of any transaction. Raises ActionFailed."""

Start = Callable[[Target, Claim, datetime], Identity | None]
"""Writes that a run begins, begins its transaction, and reads its identity. None: it is not ours any more."""

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
        row = claim.task.row
        function = self.functions.get((row.entity_name, row.action_name))
        with self._begun(claim, going) as (target, identity):
            if identity is None:  # run before, declared lost, or cancelled while it waited
                return
            reference = str(uuid.UUID(bytes=row.reference_id))
            events.executing(going.fields, reference, row.action_name, row.as_user_email or "")
            user = require_may_run(target, identity, row, claim.task.attributes)
            if function is not None:
                self._act_here(function, self._run_of(user, identity, target, going), target, going)
        if function is None:
            self._act_elsewhere(identity, claim, going)
        duration = self.now() - (going.started or 0.0)
        self.counters.ended("ok", duration)
        events.succeeded(going.fields, duration)

    @contextmanager
    def _begun(self, claim: Claim, going: Going) -> Iterator[tuple[Target, Identity | None]]:
        """The transaction of a run that has begun, and who it runs as. What it leaves open is rolled back.

        Until then nothing has happened: that the connection broke fails no run.
        """
        at, has_begun = self.now(), False
        while not has_begun:
            try:
                with self.running.turn(), self._link().target() as target:
                    going.target = target
                    going.started = self.now()
                    is_wanted = not going.cancelled.is_set()
                    identity = self.start(target, claim, moment_at(at)) if is_wanted else None
                    has_begun = True
                    yield target, identity
                    roll_back(target)
            except TargetError as error:
                is_over = has_begun or error.is_lasting or self.now() > at + PATIENCE
                if is_over or going.cancelled.wait(PAUSE):
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

    def _run_of(self, user: User, identity: Identity, target: Target, going: Going) -> Run:
        claim = going.claim
        extra = {"event": "action", "fields": going.fields, "veil": veil_of(claim.task)}
        return Run(
            run_id=going.fields["run_id"],
            task=claim.task.row,
            user=user,
            groups=identity.groups,
            fire_time=claim.moment,
            connection=target.connection,
            logger=logging.LoggerAdapter(events.log, extra),
            cancelled=going.cancelled,
            folder=self.folder,
        )

    def _act_here(self, function: Function, run: Run, target: Target, going: Going) -> None:
        """Effects and `ok` are one transaction, that in which the identity was read."""
        watched = watch(target.connection)
        _call(function, run, going)
        if watched.has_ended or not target.dialect.in_transaction(target):
            raise ActionFailed("the action ended the transaction of its run")
        if going.is_out or not self._commit(going.claim, target):
            raise Disowned
        if watched.has_set:  # the next run has a session of its own
            self._link().close()

    def _commit(self, claim: Claim, target: Target) -> bool:
        try:
            return commit_run(target, claim.run_id, moment_at(self.now()))
        except OutcomeUnknown:
            self._link().close()
            if not self._was_committed(claim):
                raise
            return True

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

    def _act_elsewhere(self, identity: Identity, claim: Claim, going: Going) -> None:
        """No transaction stays open while another server works."""
        if self.remote is None:
            row = claim.task.row
            raise ActionFailed(f"nothing here executes {row.entity_name}/{row.action_name}")
        self.remote(identity, claim, going.cancelled)
        at = moment_at(self.now())
        try:
            with self.running.turn(), self._link().target() as target:
                is_ours = complete_run(target, claim.run_id, at)
        except TargetError:  # what was done there stays done: it is written when the database is back
            if going.is_out:
                raise
            self.journal.add(Ending(claim.run_id, "ok", None, at))
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
