"""`reconcile adopt` and `reconcile release`: rows change hands, and no field of them changes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from reconciler import applying, pipeline
from reconciler.database.applies import last_apply
from reconciler.database.rows import read_existing
from reconciler.database.target import Target, connect
from reconciler.database.urls import TargetUrl
from reconciler.diagnostics import some_of
from reconciler.intent import Intent
from reconciler.pipeline import Configuration
from reconciler.planning.changes import NOWHERE, Existing, Plan
from reconciler.planning.holds import without_holds
from reconciler.planning.ownership import Claim, Declared
from reconciler.planning.ownership import adopt as adopting
from reconciler.planning.ownership import release as releasing
from reconciler.planning.plan import Ownership
from reconciler.report.plan import Confirm, PlanReport
from reconciler.request import Request
from reconciler.task import Row

LISTED = 10
"""So many names are told in a note."""

Names = Sequence[str]
"""Exactly, or as globs."""

Draw = Callable[[Existing, Ownership], Plan]
Notes = Callable[[Plan, Existing], Iterable[str]]


def adopt(
    names: Names, request: Request, url: TargetUrl, confirm: Confirm | None = None, *, is_all: bool = False
) -> PlanReport:
    """Make rows this owner's, or every row of no owner: what they say counts as what was last applied.

    Raises UsageError for a name that is no row's, Declined.
    """
    intent = _adopting(Claim(names=tuple(names), is_all=is_all), request, url)
    return applying.apply(intent, request, url, confirm)


def plan_adopt(names: Names, request: Request, url: TargetUrl, *, is_all: bool = False) -> PlanReport:
    """The same, without writing anything."""
    return _dry_run(_adopting(Claim(names=tuple(names), is_all=is_all), request, url), request, url)


def release(names: Names, request: Request, url: TargetUrl, confirm: Confirm | None = None) -> PlanReport:
    """Make rows nobody's: they stay as they are. Raises UsageError for a name that is no row's, Declined."""
    return applying.apply(_releasing(Claim(names=tuple(names)), request, url), request, url, confirm)


def plan_release(names: Names, request: Request, url: TargetUrl) -> PlanReport:
    """The same, without writing anything."""
    return _dry_run(_releasing(Claim(names=tuple(names)), request, url), request, url)


def _dry_run(intent: Intent, request: Request, url: TargetUrl) -> PlanReport:
    with connect(url, read_only=True, lock_timeout=request.lock_timeout) as target:
        return intent.plan(target)


def _adopting(claim: Claim, request: Request, url: TargetUrl) -> Intent:
    configuration = pipeline.read(request)
    declared = _declared(configuration)

    def draw(existing: Existing, ownership: Ownership) -> Plan:
        return adopting(
            existing,
            claim,
            ownership=ownership,
            guards=request.guards,
            declared=declared,
        )

    def notes(plan: Plan, existing: Existing) -> Iterator[str]:
        left = [one.name for one in plan.changes if one.desired and one.desired.file == NOWHERE]
        if left:
            yield (
                f"No file declares {_listed(left)}: an apply leaves such rows alone until one does, and only "
                "--prune owned deletes them."
            )
        already = [row.name for row, owner in _owners(claim, existing) if owner == plan.owner]
        if already and not claim.is_all:
            yield f"This owner's already: {_listed(already)}."
        others = sum(record.owner != plan.owner for record in existing.records.values())
        if claim.is_all and others and not request.guards.take_over:
            yield f"Rows of other owners are left alone: {others:,}. --take-over takes them too."

    return _intent(claim, request, url, configuration, draw, notes)


def _releasing(claim: Claim, request: Request, url: TargetUrl) -> Intent:
    configuration = pipeline.read(request)
    declared = _declared(configuration)

    def draw(existing: Existing, ownership: Ownership) -> Plan:
        return releasing(existing, claim, ownership=ownership, guards=request.guards)

    def notes(plan: Plan, existing: Existing) -> Iterator[str]:
        still = [one.name for one in plan.changes if one.name in declared]
        if already := [row.name for row, owner in _owners(claim, existing) if owner is None]:
            yield f"Of no owner already: {_listed(already)}."
        if still:
            yield f"Still declared, so that the next apply adopts them again: {_listed(still)}."

    return _intent(claim, request, url, configuration, draw, notes)


def _intent(
    claim: Claim, request: Request, url: TargetUrl, configuration: Configuration, draw: Draw, notes: Notes
) -> Intent:
    """The owner stays of the repository that it was last applied from, wherever this is called."""
    checkout = configuration.checkout
    with connect(url, read_only=True, lock_timeout=request.lock_timeout) as target:
        last = last_apply(target, request.owner)
    known = last.repository if last else None
    ownership = Ownership(owner=request.owner, repository=checkout.repository, last_repository=known)

    def plan(target: Target) -> PlanReport:
        report = pipeline.unread(configuration, request, target)
        if report.diagnostics:
            return report
        request.watch("planning")
        existing = read_existing(target)
        claim.require(existing)
        drawn = plan_again(target, existing)
        return replace(report, plan=drawn, notes=(*report.notes, *notes(drawn, existing)))

    def plan_again(target: Target, existing: Existing) -> Plan:
        table, _ = without_holds(existing, request.now)
        return draw(table, ownership)

    return Intent(
        plan=plan,
        draw=plan_again,
        owner=request.owner,
        checkout=replace(checkout, repository=checkout.repository or known),
    )


def _owners(claim: Claim, existing: Existing) -> Iterator[tuple[Row, str | None]]:
    for row in claim.rows(existing):
        record = existing.records.get(row.reference_id)
        yield row, record.owner if record else None


def _declared(configuration: Configuration) -> Mapping[str, Declared]:
    """By the name of a task, and by those that it had before."""
    found: dict[str, Declared] = {}
    for one in configuration.declarations:
        file = configuration.recorded[one.file]
        place = Declared(
            file=file,
            line=one.line,
            column=one.column,
            commit=configuration.checkout.commit,
            secrets=one.task.secrets,
        )
        for name in (one.task.name, *one.task.lifecycle.previous_names):
            found.setdefault(name, place)
    return found


def _listed(names: Iterable[str]) -> str:
    return some_of(sorted(set(names)), LISTED)
