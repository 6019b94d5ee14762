"""What an apply is to do, and what a dry run shows of it: the plan, with what keeps it from being applied."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from reconciler import pipeline
from reconciler.database.target import Target
from reconciler.git import Checkout
from reconciler.pipeline import Configuration
from reconciler.planning.changes import Blocked, Existing, Plan
from reconciler.planning.digest import plan_hash
from reconciler.planning.guards import guard_freeze
from reconciler.report.plan import PlanReport
from reconciler.request import Request

UNEXPECTED = "the plan is not the one that was expected: look at this one, whose plan_hash is {}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What an apply is to do: its plan, how the plan is made again to check it, and where it comes from."""

    plan: Callable[[Target], PlanReport]
    draw: Callable[[Target, Existing], Plan]  # empty once the apply has done its work
    owner: str
    checkout: Checkout
    undoes: str | None = None  # the apply
    advice: tuple[str, ...] = ()  # what is to be done after it


def of_files(configuration: Configuration, request: Request, expected: str | None = None) -> Intent:
    """To make the table say what the files say. `expected` is the hash of the only plan that is wanted."""

    def plan(target: Target) -> PlanReport:
        report = pipeline.plan(configuration, request, target)
        return refuse_another(report, expected, UNEXPECTED)

    def draw(target: Target, existing: Existing) -> Plan:
        return pipeline.draw(pipeline.wanted(configuration, request), target, existing, request.now)

    return Intent(
        plan=plan,
        draw=draw,
        owner=request.owner,
        checkout=configuration.checkout,
    )


def refuse_another(report: PlanReport, expected: str | None, message: str) -> PlanReport:
    """What was said yes to is applied, nothing else."""
    if expected is None or report.plan is None or (found := plan_hash(report.plan)) == expected:
        return report
    another = Blocked(code="O006", name="", message=message.format(found))
    return replace(report, plan=replace(report.plan, blocked=(*report.plan.blocked, another)))


def refuse_in_freeze(report: PlanReport, request: Request) -> PlanReport:
    """Nothing is applied in a freeze, unless there is a reason, which is then told."""
    if report.plan is None or request.frozen is None:
        return report
    if request.during_freeze and report.plan.changes:
        note = f"There is {request.frozen}; this does not wait: {request.during_freeze}"
        return replace(report, notes=(*report.notes, note))
    refused = guard_freeze(report.plan.changes, request.frozen, request.during_freeze)
    return replace(report, plan=replace(report.plan, blocked=(*report.plan.blocked, *refused)))
