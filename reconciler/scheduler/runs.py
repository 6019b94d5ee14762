"""One run: as its user, in one transaction, written down whatever happens."""

import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reconciler.actions.run import ActionFailed, ActionKey, Function, Run
from reconciler.database import Ending, Identity, Link, Target, TargetUrl, atomic, complete_run
from reconciler.errors import ReconcilerError
from reconciler.scheduler import events
from reconciler.scheduler.counters import Counters
from reconciler.scheduler.fires import Claim
from reconciler.scheduler.identity import identify
from reconciler.scheduler.journal import Journal
from reconciler.scheduler.running import Going, Running

Remote = Callable[[Identity, Claim, threading.Event], None]
"""Executes an action elsewhere, outside of any transaction. Raises ActionFailed."""

Start = Callable[[Target, Claim, datetime], bool]
"""Writes that a run begins. False: it is not ours any more."""


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
        self.counters.started(began - claim.moment.timestamp())
        with self.running.entered(Going(claim=claim)) as going:
            try:
                self._execute(claim, going)
            except BaseException as error:
                self._give_up(claim, going, error, began)
            finally:
                self.on_end(claim)

    def _execute(self, claim: Claim, going: Going) -> None:
        with self._link().target() as target:
            going.target = target
            with self.running.turn():
                is_ours = not going.cancelled.is_set() and self.start(target, claim, _moment(self.now()))
            if not is_ours:  # run before, declared lost, or cancelled while it waited
                return
            going.started = self.now()
            row, fields = claim.task.row, _fields(claim)
            reference = str(uuid.UUID(bytes=row.reference_id))
            events.executing(fields, reference, row.action_name, row.as_user_email or "")
            self._act(claim, target, going)
            duration = self.now() - going.started
            self.counters.ended("ok", duration)
            events.succeeded(fields, duration)

    def _link(self) -> Link:
        """Each worker has its own connection."""
        link: Link | None = getattr(self.links, "link", None)
        if link is None:
            link = self.links.link = Link(self.url)
        return link

    def _give_up(self, claim: Claim, going: Going, error: BaseException, began: float) -> None:
        self._link().close()  # in whatever state the run left it
        if going.cancelled.is_set():  # whoever cancelled it has said and written so
            return
        if isinstance(error, Disowned):
            name = claim.task.row.name
            events.warn(f"Dropped task [{name}]: it was declared lost while it went on", **_fields(claim))
            return
        at = self.now()
        told = error.message if isinstance(error, ReconcilerError) else _told(error)
        self.journal.add(Ending(claim.run_id, "failed", told, _moment(at)))
        self.counters.ended("failed", at - began)
        events.failed(_fields(claim), told, at - began)

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
        """Identity, effects and `ok` are one transaction."""
        with self.running.turn(), atomic(target):
            user, identity = identify(target, claim.task.row, claim.task.attributes)
            run = Run(
                run_id=str(uuid.UUID(bytes=claim.run_id)),
                task=claim.task.row,
                user=user,
                groups=identity.groups,
                fire_time=claim.moment,
                connection=target.connection,
                logger=logging.LoggerAdapter(events.log, {"event": "action", "fields": _fields(claim)}),
                cancelled=going.cancelled,
                folder=self.folder,
            )
            _call(function, run, claim.task.attributes)
            if not target.dialect.in_transaction(target):
                raise ActionFailed("the action ended the transaction of its run")
            if not complete_run(target, claim.run_id, _moment(self.now())):
                raise Disowned

    def _act_elsewhere(self, remote: Remote, claim: Claim, target: Target, going: Going) -> None:
        """No transaction stays open while another server works."""
        with self.running.turn(), atomic(target):
            _, identity = identify(target, claim.task.row, claim.task.attributes)
        remote(identity, claim, going.cancelled)
        if not complete_run(target, claim.run_id, _moment(self.now())):
            raise Disowned


def _call(function: Function, run: Run, attributes: Mapping[str, Any]) -> None:
    """Whatever an action raises is its failure, and worded as its own: a database error too."""
    try:
        function(run, dict(attributes))
    except ActionFailed:
        raise
    except BaseException as error:
        events.log.debug("the action raised", exc_info=error)
        raise ActionFailed(_told(error)) from error


def _told(error: BaseException) -> str:
    """One line, without a statement's parameters: SQLAlchemy hides those, and adds lines about itself."""
    said = str(getattr(error, "orig", None) or error).strip()
    if isinstance(error, ActionFailed):
        return events.one_line(said)
    return events.one_line(f"{type(error).__name__}: {said}" if said else type(error).__name__)


def _fields(claim: Claim) -> dict[str, Any]:
    """What the JSON form of a run's events has in common."""
    row = claim.task.row
    return {
        "run_id": str(uuid.UUID(bytes=claim.run_id)),
        "task": row.name,
        "action": f"{row.entity_name}/{row.action_name}",
        "user": row.as_user_email,
        "fire_time": claim.moment.isoformat().replace("+00:00", "Z"),
        "cause": claim.cause,
    }


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
