"""What can be wrong with tasks beyond their shape: one file a subject, one signature."""

from collections.abc import Sequence

from reconciler.checks import (
    actions,
    attributes,
    executors,
    herds,
    intervals,
    names,
    policies,
    reader,
    schedules,
    snapshot,
    users,
)
from reconciler.checks.context import Context
from reconciler.config.declarations import Declaration
from reconciler.diagnostics import Diagnostic

CHECKS = (
    names.check,
    schedules.check,
    users.check,
    actions.check,
    executors.check,
    attributes.check,
    reader.check,
    policies.check,
    intervals.check,
    herds.check,
    snapshot.check,
)

NEEDS_TARGET = ("U002", "U003", "A001", "A002", "A003", "J002", "J003", "J005", "N004")
"""The codes that only a target database can give: `validate` says that it did not check them."""

NEEDS_ROWS = ("N004",)
"""Those of them that a snapshot of users and actions does not give either."""

AGREED_ON = ("P001", "P002", "P003", "P004", "P005")
"""The codes that the policies of a team give."""

MAY_CHANGE = (*NEEDS_TARGET, *AGREED_ON)
"""The codes that tasks may get without a change of their own."""

NEEDS_VARIABLES = "E001"
"""The code that only who plans gives: offline a variable need not be set."""

ABOUT_DAPTIN = ("D002", "D003", "D004")
"""The codes that only `--reader daptin` gives."""


def check(declarations: Sequence[Declaration], context: Context) -> list[Diagnostic]:
    """Everything that is wrong, in no particular order."""
    return [found for one in CHECKS for found in one(declarations, context)]


def unchecked(context: Context) -> frozenset[str]:
    """The codes that cannot be found in this context: to silence one of them is no mistake."""
    offline = NEEDS_TARGET if context.catalogue is None else ()
    daptin = ABOUT_DAPTIN if context.reader != "daptin" else ()
    return frozenset((*offline, *daptin, *(("A004",) if context.executors is None else ())))
