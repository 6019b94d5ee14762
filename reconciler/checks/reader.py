"""What the reader of the table makes of it: the releases of Daptin known so far (D002, D003, D004)."""

from collections.abc import Sequence

from reconciler.catalogue import GUEST_EXECUTE, Catalogue
from reconciler.checks.context import Context
from reconciler.config.declarations import Declaration
from reconciler.diagnostics import Diagnostic, diagnostic


def check(declarations: Sequence[Declaration], context: Context) -> list[Diagnostic]:
    """D002 for each inactive task; D003 and D004, which are true of all, once.

    Source: GetAllTasks, AddTask and UpdateTasksData of Daptin 0.12.36.
    """
    if context.reader != "daptin" or not declarations:
        return []
    return [*_inactive(declarations), *_guest(declarations, context), *_boot(declarations, context)]


def _inactive(declarations: Sequence[Declaration]) -> list[Diagnostic]:
    return [
        diagnostic(
            "D002",
            "Daptin 0.12.36 fires this task although it is not active",
            hint="remove the task to stop it, or let task-scheduler read the table",
            pointer=declaration.at("Active"),
        )
        for declaration in declarations
        if not declaration.task.active
    ]


def _guest(declarations: Sequence[Declaration], context: Context) -> list[Diagnostic]:
    refused = _refused_to_guests(declarations, context.catalogue)
    told = f", {refused} of which a guest may not execute" if refused else ""
    return [
        diagnostic(
            "D003",
            "Daptin 0.12.36 runs every task as a guest, not as its `AsUserEmail`: "
            f"{_tasks(declarations)} here{told}",
            hint="let task-scheduler read the table, or name actions that a guest may execute",
            pointer=declarations[0].at(),
        )
    ]


def _refused_to_guests(declarations: Sequence[Declaration], catalogue: Catalogue | None) -> int:
    if catalogue is None:
        return 0
    entities, actions = catalogue.entities, catalogue.actions
    closed = {
        key
        for key, action in actions.items()
        if key[0] in entities
        and not entities[key[0]].access.permission & action.access.permission & GUEST_EXECUTE
    }
    return sum((one.task.entity_name, one.task.action_name) in closed for one in declarations)


def _boot(declarations: Sequence[Declaration], context: Context) -> list[Diagnostic]:
    active = [declaration for declaration in declarations if declaration.task.active]
    if context.kind == "sqlite" or not active:
        return []
    return [
        diagnostic(
            "D004",
            "while the table holds an active row, Daptin 0.12.36 on PostgreSQL and MySQL does not store the "
            f"actions of its schema files when it starts: {_tasks(active)} here",
            hint="let Daptin store new and changed actions at a start at which no row is active",
            pointer=active[0].at(),
        )
    ]


def _tasks(declarations: Sequence[Declaration]) -> str:
    return "1 task" if len(declarations) == 1 else f"{len(declarations):,} tasks"
