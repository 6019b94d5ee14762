"""Whether what is installed here can execute a task's action (A004), where that was asked for."""

from collections.abc import Sequence

from reconciler.checks.context import Context
from reconciler.checks.names import is_name
from reconciler.config.declarations import Declaration
from reconciler.diagnostics import Diagnostic, diagnostic


def check(declarations: Sequence[Declaration], context: Context) -> list[Diagnostic]:
    if context.executors is None:
        return []
    known = context.catalogue.actions if context.catalogue else None
    found = []
    for declaration in declarations:
        asked = (declaration.task.entity_name, declaration.task.action_name)
        exists = known is None or asked in known  # where it does not, A001 or A002 says so
        if asked not in context.executors and exists and all(map(is_name, asked)):
            message = f"no installed package executes {'/'.join(asked)}: the scheduler's runs would fail"
            found.append(diagnostic("A004", message, hint=_HINT, pointer=declaration.at("ActionName")))
    return found


_HINT = "install its package, name its module with --actions, or start task-scheduler with --daptin-url"
