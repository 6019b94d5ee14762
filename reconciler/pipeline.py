"""The story: read, check, plan, apply. Every command is one of these steps, or the first few of them.

read     files -> declarations
check    declarations -> diagnostics
plan     declarations and the target -> a plan; nothing is written
apply    the same under the lock, then written, checked, committed, and checked again
"""

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from uuid import UUID

from reconciler import __version__, checks, config, database, git, planning
from reconciler.checks.context import Context
from reconciler.config.declarations import Declaration
from reconciler.database import Target, TargetUrl
from reconciler.diagnostics import Diagnostic, by_place, strict
from reconciler.errors import OutcomeUnknown, ReconcilerError, TargetError
from reconciler.planning import Blocked, Desired, Existing, Ownership, Plan, Scope
from reconciler.report import Outcome, PlanReport, Source, has_errors
from reconciler.report import Target as ReportedTarget
from reconciler.request import Request


@dataclass(frozen=True, kw_only=True)  # without slots, for what is worked out once
class Configuration:
    """What the files declare, and where they come from."""

    declarations: Sequence[Declaration]
    reading: config.Reading
    directory: Path  # to which the files are relative
    checkout: git.Checkout
    diagnostics: tuple[Diagnostic, ...]  # of reading and declaring

    @cached_property
    def recorded(self) -> Mapping[str, str]:
        """By file, the path under which it is recorded."""
        return {file: self.checkout.recorded(file, self.directory) for file in self.reading.texts}

    @cached_property
    def desired(self) -> Sequence[Desired]:
        """The tasks, where none has an error, as every plan of an apply wants them."""
        return [
            Desired(
                task=one.task,
                file=self.recorded[one.file],
                line=one.line,
                column=one.column,
                pointer=one.at,
            )
            for one in self.declarations
        ]


def read(request: Request) -> Configuration:
    """Files to declarations."""
    request.watch("reading")
    reading = config.read(request.paths, stdin=request.stdin)
    declarations, found = config.declare(reading.documents)
    return Configuration(
        declarations=declarations,
        reading=reading,
        directory=request.directory,
        checkout=git.checkout(request.directory, request.paths),
        diagnostics=(*reading.diagnostics, *found),
    )


def check(configuration: Configuration, request: Request, target: Target | None) -> tuple[Diagnostic, ...]:
    """Everything that is wrong in the files, in their order; without a target, what can be known offline."""
    request.watch("checking")
    context = Context(
        now=request.now,
        timezone=request.timezone,
        catalogue=database.read_catalogue(target) if target else None,
        attributes_limit=target.attributes_limit if target else None,
        reader=request.reader,
        kind=target.kind if target else None,
    )
    found = checks.check(configuration.declarations, context)
    unchecked = checks.unchecked(context)
    return _placed((*configuration.diagnostics, *found), configuration, request, unchecked)


def plan(configuration: Configuration, request: Request, target: Target) -> PlanReport:
    """A dry run: what is wrong and what would change. Nothing is written."""
    found = check(configuration, request, target)
    report = _report(configuration, request, target, found)
    if has_errors(found):
        return report
    request.watch("planning")
    drawn = _draw(configuration, request, target, database.read_existing(target))
    if drawn.diagnostics:
        return replace(report, diagnostics=(*found, *_placed(drawn.diagnostics, configuration, request)))
    return replace(report, plan=drawn)


def apply(
    configuration: Configuration, request: Request, url: TargetUrl, expected: str | None = None
) -> PlanReport:
    """Plan under the lock, write, check, commit, and check again.

    `expected` is the hash of the plan that somebody said yes to; another plan is refused. Raises
    TargetError, with nothing written, or OutcomeUnknown.
    """
    apply_id = str(UUID(bytes=request.author.new_id()))
    try:
        with database.connect(url, read_only=False) as target, database.locked(target, request.lock_timeout):
            report, checked = _write(configuration, request, target, apply_id, expected)
            return _verify(report, checked, configuration, request, target)
    except _LostInCommit as lost:
        _require_committed(url, apply_id, request, lost.error)
        return _verify_anew(lost.report, configuration, request, url)


class _LostInCommit(Exception):
    """The connection broke in the commit, and only the database knows whether it took place."""

    def __init__(self, report: PlanReport, error: OutcomeUnknown) -> None:
        super().__init__(error.message)
        self.report = report  # as it is if it did
        self.error = error


def _write(
    configuration: Configuration, request: Request, target: Target, apply_id: str, expected: str | None
) -> tuple[PlanReport, database.State | None]:
    """One transaction, and the state that the check in it approved of.

    Where it is refused, the report has no outcome. Raises _LostInCommit.
    """
    started = request.author.clock()
    applied = Outcome(applied=True, verified=False, apply_id=apply_id)
    try:
        with database.transaction(target):
            report = _refuse_another(plan(configuration, request, target), expected)
            if report.plan is None or report.plan.is_refused:
                database.roll_back(target)
                return report, None
            if report.plan.is_empty:
                return replace(report, outcome=Outcome(applied=False, verified=True, apply_id=None)), None
            request.watch("writing")
            database.write(target, report.plan, _stamp(configuration, request, apply_id))
            checked = database.read_state(target)
            _require_empty(_draw(configuration, request, target, database.existing_of(checked)))
            database.record_apply(target, _remembered(report.plan, configuration, request, apply_id, started))
    except OutcomeUnknown as error:
        raise _LostInCommit(replace(report, outcome=applied), error) from None
    return replace(report, outcome=applied), checked


def _verify(
    report: PlanReport,
    checked: database.State | None,
    configuration: Configuration,
    request: Request,
    target: Target,
) -> PlanReport:
    """The check after the commit: a plan made now is empty, or something else wrote meanwhile.

    It would be the plan of the check before the commit where the target still says the same to the letter.
    """
    if report.outcome is None or not report.outcome.applied:
        return report
    request.watch("verifying")
    try:
        state = database.read_state(target)
        is_same = state == checked
        left = None if is_same else _draw(configuration, request, target, database.existing_of(state))
        notes = (*report.notes, *_advice(database.is_ours(target)))
    except ReconcilerError as error:
        raise _unchecked(report, error) from None
    if left is None or (left.is_empty and not left.diagnostics):
        return replace(report, notes=notes, outcome=replace(report.outcome, verified=True))
    return replace(report, notes=notes, difference=left)


def _verify_anew(
    report: PlanReport, configuration: Configuration, request: Request, url: TargetUrl
) -> PlanReport:
    try:
        with database.connect(url, read_only=True, lock_timeout=request.lock_timeout) as target:
            return _verify(report, None, configuration, request, target)
    except TargetError as error:
        raise _unchecked(report, error) from None


def _unchecked(report: PlanReport, error: ReconcilerError) -> OutcomeUnknown:
    """Whatever the error says of nothing being written is not so here."""
    apply_id = report.outcome.apply_id if report.outcome else None
    message = f"applied as {apply_id}, but the check after it failed: {error.message}"
    return OutcomeUnknown(message, hint="a dry run makes the same check")


def _draw(configuration: Configuration, request: Request, target: Target, existing: Existing) -> Plan:
    """Plans; the part of an apply that is done again to check it."""
    checkout = configuration.checkout
    last = database.last_apply(target, request.owner)
    return planning.plan(
        configuration.desired,
        existing,
        ownership=Ownership(
            owner=request.owner,
            repository=checkout.repository,
            last_repository=last.repository if last else None,
        ),
        scope=Scope(
            paths=tuple(checkout.recorded(path, request.directory) for path in request.paths),
            prune=request.prune,
        ),
        guards=request.guards,
    )


def _placed(
    found: Iterable[Diagnostic],
    configuration: Configuration,
    request: Request,
    unchecked: Container[str] = (),
) -> tuple[Diagnostic, ...]:
    """With their places, without the silenced ones, in the order of the files."""
    texts = configuration.reading.texts
    located = config.silence(
        config.locate(found, texts), configuration.declarations, texts, unchecked=unchecked
    )
    return tuple(by_place(strict(located) if request.is_strict else located))


def _report(
    configuration: Configuration, request: Request, target: Target, found: tuple[Diagnostic, ...]
) -> PlanReport:
    checkout = configuration.checkout
    return PlanReport(
        owner=request.owner,
        source=Source(
            commit=checkout.commit, dirty=checkout.dirty, files=tuple(configuration.recorded.values())
        ),
        target=ReportedTarget(kind=target.kind, url=target.display),
        now=request.now,
        timezone=request.timezone,
        diagnostics=found,
        notes=_notes(configuration),
    )


def _notes(configuration: Configuration) -> tuple[str, ...]:
    checkout = configuration.checkout
    if checkout.is_shallow and checkout.repository is None:
        return ("O007 is not checked: a shallow clone without a remote does not tell its repository.",)
    return ()


def _advice(is_embedded: bool) -> Iterator[str]:
    """What is to be restarted. Source: Daptin 0.12.36 reads its table once, when it starts."""
    if is_embedded:
        yield "The table is read when a scheduler starts: restart task-scheduler for this to take effect."
    else:
        yield "The table is read when a scheduler starts: restart Daptin or task-scheduler, as it may be."
        yield "Daptin up to 0.12.36 fires inactive rows too, and runs tasks as a guest: see docs/daptin.md."


def _refuse_another(report: PlanReport, expected: str | None) -> PlanReport:
    """What was said yes to is applied, nothing else."""
    if expected is None or report.plan is None or planning.plan_hash(report.plan) == expected:
        return report
    message = "the plan is another one than the one that was shown; look at this one, and apply again"
    another = Blocked(code="O006", name="", message=message)
    return replace(report, plan=replace(report.plan, blocked=(*report.plan.blocked, another)))


def _require_empty(left: Plan) -> None:
    if not left.is_empty:
        names = ", ".join(repr(change.name) for change in left.changes[:3])
        raise ReconcilerError(
            f"the check within the transaction found a difference ({names}); nothing was written",
            hint="does the database change what is written to it (a trigger, a column that cuts)?",
        )


def _require_committed(url: TargetUrl, apply_id: str, request: Request, lost: OutcomeUnknown) -> None:
    """Looks the apply up. Our old session is over once its lock can be had: only then is it decided."""
    try:
        with database.connect(url, read_only=False) as target, database.locked(target, request.lock_timeout):
            was_committed = database.find_apply(url, apply_id)
    except TargetError:
        raise lost from None
    if not was_committed:
        raise TargetError(f"{lost.message}; nothing was written", hint="apply again")


def _stamp(configuration: Configuration, request: Request, apply_id: str) -> database.Stamp:
    return database.Stamp(
        apply_id=apply_id,
        owner=request.owner,
        now=request.author.clock(),
        commit=configuration.checkout.commit,
        new_id=request.author.new_id,
    )


def _remembered(
    plan: Plan, configuration: Configuration, request: Request, apply_id: str, started: datetime
) -> database.Apply:
    checkout = configuration.checkout
    return database.Apply(
        apply_id=apply_id,
        owner=request.owner,
        repository=checkout.repository,
        commit=checkout.commit,
        dirty=checkout.dirty,
        who=request.author.who,
        host=request.author.host,
        tool=__version__,
        started_at=started,
        finished_at=request.author.clock(),
        plan=planning.plan_text(plan),
        plan_hash=planning.plan_hash(plan),
        outcome=json.dumps({"applied": True}),
    )
