"""`reconcile validate`."""

from reconciler import checks, pipeline
from reconciler.report import ValidateReport
from reconciler.request import Request


def validate(request: Request) -> ValidateReport:
    """What is wrong in the files, without any database."""
    configuration = pipeline.read(request)
    return ValidateReport(
        diagnostics=pipeline.check(configuration, request, None),
        recorded=configuration.recorded,
        declared=configuration.declarations,
        files=len(configuration.reading.texts),
        tasks=len(configuration.declarations),
        unchecked=tuple(sorted(checks.NEEDS_TARGET)),
        notes=request.notes,
    )
