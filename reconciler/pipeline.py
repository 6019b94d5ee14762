"""The story: read, check, plan, apply. Every command is one of these steps, or the first few of them.

read     files -> declarations
check    declarations -> diagnostics
plan     declarations and the target -> a plan; nothing is written
apply    the same under the lock, then written, checked, committed and checked again: applying.py
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from reconciler import checks, config, git, planning
from reconciler.causes import find_causes
from reconciler.causes.lines import Files
from reconciler.checks.context import Context
from reconciler.config.declarations import Declaration
from reconciler.database.applies import last_apply
from reconciler.database.catalogue import read_catalogue
from reconciler.database.processes import read_uptimes
from reconciler.database.rows import read_existing
from reconciler.database.target import Target, attributes_limit
from reconciler.diagnostics import Diagnostic, by_place, strict
from reconciler.planning.changes import Desired, Existing, Plan
from reconciler.planning.plan import Ownership
from reconciler.planning.scope import Scope
from reconciler.planning.unset import as_in_table
from reconciler.planning.wanted import Wanted
from reconciler.report.endings import has_errors
from reconciler.report.plan import PlanReport, Source, target_of
from reconciler.request import Request

UNREAD = frozenset(("F001", "F002", "F003", "F004", "F005", "F006"))
"""The codes after which a file may hold more than was read."""


@dataclass(frozen=True, kw_only=True)  # without slots, for what is worked out once
class Configuration:
    """What the files declare, and where they come from."""

    declarations: Sequence[Declaration]
    reading: config.Reading
    environment: str | None  # whose overlays were read
    directory: Path  # to which the files are relative
    checkout: git.Checkout
    diagnostics: tuple[Diagnostic, ...]  # of reading and declaring

    @cached_property
    def recorded(self) -> Mapping[str, str]:
        """By file, the path under which it is recorded."""
        return {file: self.checkout.recorded(file, self.directory) for file in self.reading.texts}

    @cached_property
    def unset(self) -> Sequence[Declaration]:
        """Those with a value whose variable is not set."""
        return [one for one in self.declarations if one.task.secrets and any(one.unset())]

    @cached_property
    def desired(self) -> Sequence[Desired]:
        """The tasks, where none has an error, as every plan of an apply wants them."""
        return [
            Desired.of(one.task, self.recorded[one.file], one.line, one.column, one.at, one.written)
            for one in self.declarations
        ]


def read(request: Request) -> Configuration:
    """Files to declarations."""
    request.watch("reading")
    reading = config.read(
        request.paths,
        stdin=request.stdin,
        base=git.find_root(request.directory) or request.directory,
        environment=request.env,
        listed=request.listed_envs,
    )
    declarations, found = config.declare(reading.documents, reading.patches, request.variables)
    if reading.patches and not reading.is_partial:
        found += config.unmatched(reading.patches, declarations, reading.texts)
    return Configuration(
        declarations=declarations,
        reading=reading,
        environment=request.env,
        directory=request.directory,
        checkout=git.checkout(request.directory, (*request.paths, *sorted(reading.layer_files))),
        diagnostics=(*reading.diagnostics, *found),
    )


def check(
    configuration: Configuration, request: Request, target: Target | None, *, needs_values: bool = True
) -> tuple[Diagnostic, ...]:
    """Everything that is wrong in the files, in their order; without a target, what can be known offline.

    Who needs no values, and who has no target does not, is not told of variables that are not set.
    """
    request.watch("checking")
    context = context_of(request, target)
    found = [*configuration.diagnostics, *checks.check(configuration.declarations, context)]
    if target is None or not needs_values:
        found = [one for one in found if one.code != checks.NEEDS_VARIABLES]
    return _placed(found, configuration, request, checks.unchecked(context))


def context_of(request: Request, target: Target | None) -> Context:
    """What the checks may know: of the target, or of a snapshot that stands in for it, or of neither."""
    snapshot = None if target else request.snapshot
    kind = target.kind if target else snapshot.kind if snapshot else None
    offline = snapshot.catalogue if snapshot else None
    return Context(
        now=request.now,
        timezone=request.timezone,
        catalogue=read_catalogue(target) if target else offline,
        attributes_limit=attributes_limit(kind) if kind else None,
        reader=request.reader,
        executors=request.executors,
        kind=kind,
        snapshot=snapshot,
        policies=request.policies,
        directory=request.directory,
    )


def unread(configuration: Configuration, request: Request, target: Target) -> PlanReport:
    """What kept files from being read: tasks that they declare may be missing. Nothing is planned."""
    found = (one for one in configuration.diagnostics if one.is_error and one.code in UNREAD)
    placed = tuple(by_place(config.locate(found, configuration.reading.texts)))
    return _report(configuration, request, target, placed)


def plan(
    configuration: Configuration, request: Request, target: Target, *, needs_values: bool = True
) -> PlanReport:
    """A dry run: what is wrong and what would change. Nothing is written.

    For those who only look, and need no values, the row is right where a variable is not set.
    """
    found = check(configuration, request, target, needs_values=needs_values)
    report = _report(configuration, request, target, found)
    if has_errors(found):
        return report
    request.watch("planning")
    existing = read_existing(target)
    planning.require_matches(request.selection, configuration.desired, existing, request.owner)
    asked = wanted(configuration, request)
    if not needs_values:
        unset = {one.task.name: [each.path for each in one.unset()] for one in configuration.unset}
        asked = replace(asked, desired=as_in_table(asked.desired, unset, existing.rows))
        report = replace(report, notes=(*report.notes, *taken_from_table(configuration.unset)))
    drawn = draw(asked, target, existing, request.now)
    if drawn.diagnostics:
        return replace(report, diagnostics=(*found, *_placed(drawn.diagnostics, configuration, request)))
    up = read_uptimes(target, request.now) if drawn.changes else ()
    causes, untold = find_causes(drawn, files_of(configuration), target, request.now)
    return replace(report, plan=drawn, up=up, causes=causes, notes=(*report.notes, *untold))


def files_of(configuration: Configuration) -> Files:
    """The files as those see them who ask git about them."""
    recorded = configuration.recorded
    return Files(
        checkout=configuration.checkout,
        texts={recorded[file]: text for file, text in configuration.reading.texts.items()},
        declarations=configuration.declarations,
        recorded=recorded,
        environment=configuration.environment,
    )


def wanted(configuration: Configuration, request: Request) -> Wanted:
    """What the files and the request ask of a target."""
    checkout = configuration.checkout
    return Wanted(
        desired=configuration.desired,
        owner=request.owner,
        repository=checkout.repository,
        scope=Scope(
            paths=tuple(checkout.recorded(path, request.directory) for path in request.paths),
            prune=request.prune,
        ),
        guards=request.guards,
        selection=request.selection,
    )


def draw(wanted: Wanted, target: Target, existing: Existing, now: datetime) -> Plan:
    """The plan for a target that holds `existing`: what an apply makes again to check itself.

    `now` tells the holds that last from those that ended.
    """
    last = last_apply(target, wanted.owner)
    table, holds = planning.without_holds(existing, now)
    return planning.plan(
        wanted.desired,
        table,
        ownership=Ownership(
            owner=wanted.owner,
            repository=wanted.repository,
            last_repository=last.repository if last else None,
        ),
        scope=wanted.scope,
        guards=wanted.guards,
        selection=wanted.selection,
        holds=holds,
    )


def unset_variables(declarations: Iterable[Declaration]) -> Sequence[str]:
    """The names of variables that a plan would need and that are not set."""
    return sorted({secret.variable for one in declarations for secret in one.unset()})


def taken_from_table(declarations: Iterable[Declaration]) -> Iterator[str]:
    """What those are told who look at a plan that needs no values."""
    if names := unset_variables(declarations):
        yield f"Not set here, and taken to be what the table says: {', '.join(names)}."


def _placed(
    found: Iterable[Diagnostic],
    configuration: Configuration,
    request: Request,
    unchecked: Iterable[str] = (),
) -> tuple[Diagnostic, ...]:
    """With their places, as severe as they are set to be, without the silenced ones, sorted.

    A comment silences what is a warning of itself or set to be one; only then some become errors.
    """
    texts, rules = configuration.reading.texts, request.rules
    located = config.settled(config.locate(found, texts), rules, "warning", "off")
    kept = config.silence(
        located,
        configuration.declarations,
        texts,
        unchecked=config.codes_set(rules, "off").union(unchecked),
        lowered=config.codes_set(rules, "warning"),
    )
    settled = config.settled(kept, rules, "error", "off")
    return tuple(by_place(strict(settled) if request.is_strict else settled))


def _report(
    configuration: Configuration, request: Request, target: Target, found: tuple[Diagnostic, ...]
) -> PlanReport:
    checkout = configuration.checkout
    return PlanReport(
        owner=request.owner,
        source=Source(
            commit=checkout.commit, dirty=checkout.dirty, files=tuple(configuration.recorded.values())
        ),
        target=target_of(target),
        now=request.now,
        timezone=request.timezone,
        reader=request.reader,
        diagnostics=found,
        recorded=configuration.recorded,
        declared=configuration.declarations,
        notes=(*request.notes, *_notes(configuration)),
    )


def _notes(configuration: Configuration) -> tuple[str, ...]:
    checkout = configuration.checkout
    if checkout.is_refused:
        return ("git does not tell of this repository: no commit is recorded, and O007 is not checked.",)
    if checkout.is_shallow and checkout.repository is None:
        return ("O007 is not checked: a shallow clone without a remote does not tell its repository.",)
    return ()
