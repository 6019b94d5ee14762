"""`reconcile render`."""

from reconciler import pipeline
from reconciler.config import Declaration, Said, said_by
from reconciler.report.endings import has_errors
from reconciler.report.render import FieldOrigin, RenderedTask, RenderReport
from reconciler.request import Request
from reconciler.task import KEYS

ORDER = (*KEYS, "Lifecycle", "Scheduler")
"""Of the keys of a task, whichever layer says them."""


def render(request: Request) -> RenderReport:
    """What the layers say together, and which of them says what; without any database or variable."""
    configuration = pipeline.read(request)
    found = pipeline.check(configuration, request, None)
    if has_errors(found):
        return RenderReport(env=request.env, tasks=(), diagnostics=found)
    declarations = configuration.declarations
    said = said_by(declarations, configuration.reading)
    tasks = tuple(map(_rendered, declarations, said))
    return RenderReport(env=request.env, tasks=tasks, diagnostics=found)


def _rendered(declaration: Declaration, said: Said) -> RenderedTask:
    return RenderedTask(
        name=declaration.task.name,
        file=declaration.file,
        line=declaration.line,
        keys={key: said.keys[key] for key in ORDER if key in said.keys},
        origins=tuple(FieldOrigin(path=one.path, layer=one.layer, place=one.place) for one in said.origins),
    )
