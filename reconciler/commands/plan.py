"""`reconcile --dry-run`, and `reconcile plan`, which can save its plan."""

import hashlib
from dataclasses import replace

from reconciler import pipeline
from reconciler.database.bookkeeping import read_database_id
from reconciler.database.target import connect
from reconciler.database.urls import TargetUrl
from reconciler.intent import of_files, refuse_in_freeze
from reconciler.pipeline import Configuration
from reconciler.report.plan import Basis, PlanReport
from reconciler.request import Request


def plan(
    request: Request, url: TargetUrl, *, expected: str | None = None, is_saved: bool = False
) -> PlanReport:
    """What is wrong and what would change; the target is opened read-only.

    `expected` is the hash of the only plan that is wanted. A plan that is to be saved comes with its basis,
    unless it is refused: then it cannot be applied. It may be saved in a freeze, to be applied after it.
    """
    configuration = pipeline.read(request)
    with connect(url, read_only=True, lock_timeout=request.lock_timeout) as target:
        report = of_files(configuration, request, expected).plan(target)
        database_id = read_database_id(target) if is_saved else None
    if not is_saved or report.plan is None or report.plan.is_refused:
        return refuse_in_freeze(report, request)
    later = (f"There is {request.frozen}; apply this plan after it.",) if request.frozen else ()
    return replace(report, notes=(*report.notes, *later), basis=_basis(configuration, request, database_id))


def _basis(configuration: Configuration, request: Request, database_id: str | None) -> Basis:
    texts = configuration.reading.texts
    return Basis(
        at=request.now,
        wanted=pipeline.wanted(configuration, request),
        database=database_id,
        environment=request.env,
        files={
            recorded: hashlib.sha256(texts[file].encode()).hexdigest()
            for file, recorded in configuration.recorded.items()
        },
    )
