"""The last step of the story: one transaction under the lock, checked before the commit and after it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from reconciler import __version__
from reconciler.database.applies import Apply, find_apply, record_apply
from reconciler.database.embedded import is_ours
from reconciler.database.rows import State, existing_of, read_state
from reconciler.database.target import Target, connect, roll_back
from reconciler.database.transactions import locked, transaction
from reconciler.database.urls import TargetUrl
from reconciler.database.writing import Stamp, write
from reconciler.errors import Declined, Interrupted, OutcomeUnknown, ReconcilerError, TargetError
from reconciler.intent import Intent, refuse_another, refuse_in_freeze
from reconciler.planning.changes import Plan
from reconciler.planning.digest import plan_hash, remembered
from reconciler.report.plan import Confirm, Outcome, PlanReport, summary
from reconciler.request import Request

ANOTHER = "the plan is another one than the one that was shown; look at this one, and apply again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One apply, before it is known how it ends."""

    apply_id: str  # UUID
    intent: Intent
    request: Request
    url: TargetUrl
    expected: str | None  # the hash of the plan that somebody said yes to
    started_at: datetime


class _LostInCommit(Exception):
    """The connection broke in the commit, and only the database knows whether it took place."""

    def __init__(self, report: PlanReport, error: OutcomeUnknown) -> None:
        super().__init__(error.message)
        self.report = report  # as it is if it did
        self.error = error


def apply(intent: Intent, request: Request, url: TargetUrl, confirm: Confirm | None = None) -> PlanReport:
    """Plan under the lock, write, check, commit, and check again.

    With `confirm` the plan is shown before the lock is taken, and only it is applied. Raises Declined where
    the answer is no, TargetError, with nothing written, or OutcomeUnknown.
    """
    if confirm is None:
        return _apply(intent, request, url, None)
    with connect(url, read_only=True, lock_timeout=request.lock_timeout) as target:
        shown = refuse_in_freeze(intent.plan(target), request)
    if shown.plan is None or shown.plan.is_refused:
        return shown
    if shown.plan.has_changes and not confirm(shown):
        raise Declined("not applied")
    return _apply(intent, request, url, plan_hash(shown.plan))


def _apply(intent: Intent, request: Request, url: TargetUrl, expected: str | None) -> PlanReport:
    attempt = Attempt(
        apply_id=str(UUID(bytes=request.author.new_ids(1)[0])),
        intent=intent,
        request=request,
        url=url,
        expected=expected,
        started_at=request.author.clock(),
    )
    try:
        with connect(url, read_only=False) as target, locked(target, request.lock_timeout):
            report, checked = _write(attempt, target)
            return _verify(report, checked, attempt, target)
    except _LostInCommit as lost:
        _require_committed(attempt, lost.error)
        return _verify_anew(lost.report, attempt)


def _write(attempt: Attempt, target: Target) -> tuple[PlanReport, State | None]:
    """One transaction, and the state that the check in it approved of.

    Where it is refused, the report has no outcome. Raises _LostInCommit.
    """
    request = attempt.request
    applied = Outcome(applied=True, verified=False, apply_id=attempt.apply_id)
    try:
        with transaction(target):
            report = refuse_another(attempt.intent.plan(target), attempt.expected, ANOTHER)
            report = refuse_in_freeze(report, request)
            if report.plan is None or report.plan.is_refused:
                roll_back(target)
                return report, None
            if report.plan.is_empty:
                return replace(report, outcome=Outcome(applied=False, verified=True, apply_id=None)), None
            request.watch("writing")
            write(target, report.plan, _stamp(attempt))
            record_apply(target, _remembered(report, report.plan, attempt), request.keep_history)
            checked = read_state(target)
            _require_empty(_left(checked, attempt, target))
    except OutcomeUnknown as error:
        raise _LostInCommit(replace(report, outcome=applied), error) from None
    return replace(report, outcome=applied), checked


def _verify(report: PlanReport, checked: State | None, attempt: Attempt, target: Target) -> PlanReport:
    """The check after the commit: a plan made now is empty, or something else wrote meanwhile.

    Where the target still says to the letter what it said in the check before the commit, so does the plan.
    """
    if report.outcome is None or not report.outcome.applied:
        return report
    attempt.request.watch("verifying")
    try:
        state = read_state(target, since=checked)
        left = None if state == checked else _left(state, attempt, target)
        advice = (*attempt.intent.advice, *_advice(report, is_ours(target)))
    except ReconcilerError as error:
        raise _unverified(attempt, error) from None
    except KeyboardInterrupt:
        raise Interrupted(f"interrupted; it was applied as {attempt.apply_id}, and not checked") from None
    if left is None or (left.is_empty and not left.diagnostics):
        return replace(report, advice=advice, outcome=replace(report.outcome, verified=True))
    return replace(report, advice=advice, difference=left)


def _left(state: State, attempt: Attempt, target: Target) -> Plan:
    return attempt.intent.draw(target, existing_of(state))


def _verify_anew(report: PlanReport, attempt: Attempt) -> PlanReport:
    """The same on a new connection, the old one being lost."""
    try:
        with connect(attempt.url, read_only=True) as target:
            return _verify(report, None, attempt, target)
    except TargetError as error:
        raise _unverified(attempt, error) from None


def _unverified(attempt: Attempt, error: ReconcilerError) -> OutcomeUnknown:
    """Whatever the error says of nothing being written is not so here."""
    message = f"applied as {attempt.apply_id}, but the check after it failed: {error.message}"
    return OutcomeUnknown(message, hint="a dry run makes the same check")


def _require_committed(attempt: Attempt, lost: OutcomeUnknown) -> None:
    """Looks the apply up. Our old session is over once its lock can be had: only then is it decided."""
    timeout = attempt.request.lock_timeout
    try:
        with connect(attempt.url, read_only=False) as target, locked(target, timeout):
            was_committed = find_apply(target, attempt.apply_id)
    except TargetError:
        raise lost from None
    if not was_committed:
        raise TargetError(f"{lost.message}; nothing was written", hint="apply again")


def _require_empty(left: Plan) -> None:
    if not left.is_empty:
        names = ", ".join(repr(change.name) for change in left.changes[:3])
        raise ReconcilerError(
            f"the check within the transaction found a difference ({names}); nothing was written",
            hint="does the database change what is written to it (a trigger, a column that cuts)?",
        )


def _advice(report: PlanReport, is_embedded: bool) -> Iterator[str]:
    """What is to be restarted. Source: Daptin 0.12.36 reads its table once, when it starts."""
    plan = report.plan
    if plan is None or not (plan.restored or any(change.writes_row for change in plan.changes)):
        return
    yield "A scheduler reads the table when it starts: restart the one that reads this one."
    if not is_embedded:
        yield "Daptin up to 0.12.36 fires inactive rows too, and runs tasks as a guest: see docs/daptin.md."


def _stamp(attempt: Attempt) -> Stamp:
    return Stamp(
        apply_id=attempt.apply_id,
        owner=attempt.intent.owner,
        now=attempt.request.author.clock(),
        commit=attempt.intent.checkout.commit,
        new_ids=attempt.request.author.new_ids,
    )


def _overridden(request: Request) -> dict[str, str]:
    """Why an apply did not wait for a freeze to end, for whoever asks later."""
    if request.frozen is None or request.during_freeze is None:
        return {}
    return {"during_freeze": request.during_freeze}


def _remembered(report: PlanReport, plan: Plan, attempt: Attempt) -> Apply:
    checkout, author = attempt.intent.checkout, attempt.request.author
    text, digest = remembered(plan)
    left_out = [one.name for one in report.moved]
    return Apply(
        apply_id=attempt.apply_id,
        owner=attempt.intent.owner,
        repository=checkout.repository,
        commit=checkout.commit,
        dirty=checkout.dirty,
        who=author.who,
        host=author.host,
        tool=__version__,
        started_at=attempt.started_at,
        finished_at=author.clock(),
        plan=text,
        plan_hash=digest,
        outcome={
            "undoes": attempt.intent.undoes,
            "summary": summary(plan),
            "left_out": left_out,
            **_overridden(attempt.request),
        },
    )
