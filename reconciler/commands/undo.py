"""`reconcile undo`."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from reconciler import applying
from reconciler.commands.history import LAST, find, kept_changes, undone_by
from reconciler.config.variables import Problem, read_again
from reconciler.database.applies import Apply, read_applies
from reconciler.database.catalogue import read_catalogue
from reconciler.database.processes import read_uptimes
from reconciler.database.rows import read_existing
from reconciler.database.target import Target, connect
from reconciler.database.urls import TargetUrl
from reconciler.errors import ReconcilerError
from reconciler.git import Checkout
from reconciler.intent import Intent, refuse_in_freeze
from reconciler.planning.changes import NOWHERE, Blocked, Desired, Existing, Plan
from reconciler.planning.inverse import inverse as inverse_of
from reconciler.planning.kept import Kept
from reconciler.planning.moved import Moved
from reconciler.report.plan import Confirm, PlanReport, Source, target_of
from reconciler.request import Request
from reconciler.task import Secret


def undo(
    word: str,
    request: Request,
    url: TargetUrl,
    *,
    all_or_nothing: bool = False,
    confirm: Confirm | None = None,
) -> PlanReport:
    """Apply the inverse of an apply: of the one whose id begins so, or of the last one of the owner.

    Rows that moved since are left out, or all is refused. Raises UsageError where it cannot be told which
    apply is meant, ReconcilerError where its plan is not kept.
    """
    intent = _intent(word, request, url, all_or_nothing)
    return applying.apply(intent, request, url, confirm)


def plan_undo(word: str, request: Request, url: TargetUrl, *, all_or_nothing: bool = False) -> PlanReport:
    """The same, without writing anything."""
    intent = _intent(word, request, url, all_or_nothing)
    with connect(url, read_only=True, lock_timeout=request.lock_timeout) as target:
        report = refuse_in_freeze(intent.plan(target), request)
    return replace(report, notes=(*report.notes, *intent.advice))


def _intent(word: str, request: Request, url: TargetUrl, all_or_nothing: bool) -> Intent:
    with connect(url, read_only=True, lock_timeout=request.lock_timeout) as target:
        apply = find(target, word, request.owner if word == LAST else None)
        changes = _changes(target, apply, request)
        history = read_applies(target, owner=apply.owner)
        users = read_catalogue(target).users
    undone = undone_by(history).get(apply.apply_id)
    notes = (f"It was undone already, by {undone}.",) if undone else ()

    def inverse(existing: Existing) -> tuple[Plan, tuple[Moved, ...]]:
        return inverse_of(
            changes,
            existing,
            now=request.now,
            users=users,
            values=lambda secret: _value(secret, request),
            owner=apply.owner,
            guards=request.guards,
        )

    def plan(target: Target) -> PlanReport:
        request.watch("planning")
        drawn, moved = inverse(read_existing(target))
        declared = list(_declared(drawn))
        return PlanReport(
            owner=apply.owner,
            source=Source(commit=None, dirty=False, files=()),
            target=target_of(target),
            now=request.now,
            timezone=request.timezone,
            recorded={one.file: one.file for one in declared},
            declared=declared,
            plan=_refused(drawn) if moved and all_or_nothing else drawn,
            undoes=apply.apply_id,
            moved=moved,
            up=read_uptimes(target, request.now) if drawn.changes else (),
            notes=(*request.notes, *notes),
        )

    return Intent(
        plan=plan,
        draw=lambda target, existing: inverse(existing)[0],
        owner=apply.owner,
        checkout=Checkout(repository=history[0].repository),
        undoes=apply.apply_id,
        advice=tuple(_advice(apply)),
    )


def _declared(plan: Plan) -> Iterator[Desired]:
    """The tasks that get back what they said, where they were declared then."""
    refused = [one.change for one in plan.blocked if one.change is not None]
    for change in (*plan.changes, *refused):
        if change.desired is not None and change.desired.file != NOWHERE:
            yield change.desired


def _changes(target: Target, apply: Apply, request: Request) -> tuple[Kept, ...]:
    changes = kept_changes(target, apply.apply_id)
    if changes is not None:
        return changes
    is_old = request.author.clock() - apply.finished_at > request.keep_history
    days = request.keep_history.days
    why = f"plans are kept for {days} days (keep_history)" if is_old else "it was too large"
    raise ReconcilerError(
        f"{apply.apply_id} cannot be undone: its plan is not kept, {why}",
        hint=f"git revert {apply.commit[:10]}, and apply" if apply.commit else None,
    )


def _value(secret: Secret, request: Request) -> Any:
    """Raises LookupError."""
    value = read_again(secret, request.variables)
    if isinstance(value, Problem):
        raise LookupError(value.message)
    return value


def _refused(plan: Plan) -> Plan:
    message = "not all of it can be undone; without --all-or-nothing these rows are left out"
    return replace(plan, blocked=(Blocked(code="O006", name="", message=message), *plan.blocked))


def _advice(apply: Apply) -> Iterator[str]:
    """The table and the files part; of an undo of an undo they come together again."""
    if apply.outcome.get("undoes"):
        return
    revert = f" (git revert {apply.commit[:10]})" if apply.commit else ""
    yield f"The files still say what was undone: revert them too{revert}, or the next apply does it again."
