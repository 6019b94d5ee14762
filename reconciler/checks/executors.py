"""Whether what is installed here can execute a task's action (A004), where that was asked for."""

from collections.abc import Sequence

from reconciler.checks.context import Context
from reconciler.checks.names import is_name
from reconciler.checks.quoting import listed
from reconciler.config.declarations import Declaration
from reconciler.diagnostics import Diagnostic, diagnostic


def check(declarations: Sequence[Declaration], context: Context) -> list[Diagnostic]:
    """A004 for each task whose action exists and is installed nowhere here."""
    if context.executors is None:
        return []
    known = context.catalogue.actions if context.catalogue else None
    found = []
    for declaration in declarations:
        asked = (declaration.task.entity_name, declaration.task.action_name)
        exists = known is None or asked in known  # where it does not, A001 or A002 says so
        if asked not in context.executors and exists and all(map(is_name, asked)):
            message = f"no installed package executes {'/'.join(asked)}: the scheduler's runs would fail"
            hint = _hint(asked[1], context.executors)
            found.append(diagnostic("A004", message, hint=hint, pointer=declaration.at("ActionName")))
    return found


def _hint(action_name: str, executors: frozenset[tuple[str, str]]) -> str:
    """Where to get it; and where a function of that name is installed, for which entity it is."""
    entities = sorted(entity for entity, action in executors if action == action_name)
    elsewhere = f"there is {listed([f'{one}/{action_name}' for one in entities])}; " if entities else ""
    return f"{elsewhere}{_ELSE}"


_ELSE = "install its package, name its module with --actions, or start task-scheduler with --daptin-url"
