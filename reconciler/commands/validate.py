"""`reconcile validate`."""

from collections.abc import Iterator

from reconciler import checks, pipeline
from reconciler.commands.refs import facts
from reconciler.pipeline import Configuration
from reconciler.report.plan import ValidateReport
from reconciler.request import Request


def validate(request: Request) -> ValidateReport:
    """What is wrong in the files, without any database; with a snapshot of one, more of it."""
    configuration = pipeline.read(request)
    snapshot = request.snapshot
    unchecked = checks.NEEDS_ROWS if snapshot else checks.NEEDS_TARGET
    return ValidateReport(
        diagnostics=pipeline.check(configuration, request, None),
        recorded=configuration.recorded,
        declared=configuration.declarations,
        files=len(configuration.reading.texts),
        tasks=len(configuration.declarations),
        unchecked=tuple(sorted(unchecked)),
        checked=tuple(sorted(set(checks.NEEDS_TARGET).difference(unchecked))),
        snapshot=facts(snapshot) if snapshot else None,
        snapshot_age=request.now - snapshot.exported_at if snapshot else None,
        notes=(*request.notes, *_unset(configuration)),
    )


def _unset(configuration: Configuration) -> Iterator[str]:
    if names := pipeline.unset_variables(configuration.unset):
        yield f"Not set here, and needed by a plan: {', '.join(names)}."
