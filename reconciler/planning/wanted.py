"""What is wanted of a target: everything that a plan depends on, but for what the target holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.planning.changes import Desired
from reconciler.planning.guards import Guards
from reconciler.planning.scope import Scope
from reconciler.planning.selection import Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Equal ones lead to equal plans on equal targets: this is what a saved plan keeps."""

    desired: Sequence[Desired]
    owner: str
    repository: str | None  # from which is planned; None: not known
    scope: Scope
    guards: Guards
    selection: Selection
