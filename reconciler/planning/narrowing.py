"""A plan of some tasks only: what of all that would change is spoken of."""

from collections.abc import Sequence

from reconciler.diagnostics import Diagnostic
from reconciler.planning.changes import Blocked, Change, Desired, Existing, Recording, in_order
from reconciler.planning.drift import movement_of
from reconciler.planning.matching import applied_name
from reconciler.planning.selection import Selection, require_names
from reconciler.planning.verdicts import Deed


def parted(deeds: Sequence[Deed], selection: Selection) -> tuple[Sequence[Deed], tuple[Change, ...]]:
    """What is selected, with every diagnostic, and the changes that are not."""
    if selection.is_whole:
        return deeds, ()
    taken: list[Deed] = []
    rest: list[Change] = []
    for one in deeds:
        if isinstance(one, Diagnostic) or takes(selection, one):
            taken.append(one)
        elif isinstance(one, Blocked):
            rest += [one.change] if one.change else []
        elif isinstance(one, Change):
            rest.append(one)
    return taken, in_order(rest)


def takes(selection: Selection, one: Change | Recording | Blocked) -> bool:
    """Whether a change is one of the tasks that are spoken of, and of the kind."""
    if isinstance(one, Blocked):
        return one.change is None or takes(selection, one.change)
    names = {one.row.name} if one.row else set()
    if one.desired:
        names.add(one.desired.task.name)
    return selection.names(*names) and (not selection.drifted or _is_repair(one))


def _is_repair(one: Change | Recording) -> bool:
    """A row that drifted and is still declared: what git removed is an apply's to delete."""
    movement = movement_of(one)
    return movement is not None and movement.is_drift and movement.desired is not None


def require_matches(selection: Selection, desired: Sequence[Desired], existing: Existing, owner: str) -> None:
    """Raises UsageError for a glob that is neither a declared task nor a row of the owner."""
    globs = (*selection.only, *selection.exclude)
    if not globs:
        return
    ours = {key: record for key, record in existing.records.items() if record.owner == owner}
    names = {one.task.name for one in desired}
    names.update(row.name for row in existing.rows if row.reference_id in ours)
    names.update(map(applied_name, ours.values()))
    require_names(globs, names)
