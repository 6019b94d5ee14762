"""What moved since a plan was saved: why it is no longer true, row by row."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from reconciler.planning.changes import Action, Change, Existing, FieldChange, Hold, Plan
from reconciler.planning.compare import keys_fields
from reconciler.planning.kept import Kept, kept_of
from reconciler.task import canonical_json

How = Literal["changed", "gone", "appeared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Something that is no longer as a plan saw it, from what it was to what it is."""

    kind: Literal["row", "file", "commit"]
    name: str
    how: How
    fields: tuple[FieldChange, ...] = ()
    note: str | None = None  # where the fields do not tell it all


Value = TypeVar("Value", Kept, Change)


def moved_rows(
    then: Sequence[Kept], now: Plan, existing: Existing, held: Container[str] = ()
) -> tuple[Moved, ...]:
    """The rows for which the plan of now has another change than the plan of then, by name.

    `held` are the rows that were on hold then.
    """
    refused = [one.change for one in now.blocked if one.change is not None]
    notes = {one.name: on_hold(one.hold) for one in now.held}
    notes |= {one.name: one.message for one in now.blocked}
    planned, current = _by_name(then), _by_name([*now.changes, *refused])
    references = {row.reference_id.hex() for row in existing.rows}
    found = []
    for name in sorted(planned.keys() | current.keys()):
        before, after = planned.get(name, []), current.get(name, [])
        if _said(before) != _said(map(kept_of, after)):
            if name in held and not before:
                notes.setdefault(name, "its hold has ended")
            found.append(_noted(before, after, references, notes.get(name)))
    return tuple(found)


def on_hold(hold: Hold) -> str:
    """Why a row is not to be changed for now."""
    return f"it is on hold until {hold.until:%Y-%m-%d %H:%M %Z}"


def _noted(before: Sequence[Kept], after: Sequence[Change], references: set[str], note: str | None) -> Moved:
    moved = _moved(before[0] if before else None, after[0] if after else None, references)
    if note is None:
        return moved
    return replace(moved, note=note, fields=moved.fields if after and before else ())


def _by_name(changes: Iterable[Value]) -> Mapping[str, list[Value]]:
    """More than one only where two rows of a name are to be deleted."""
    named: dict[str, list[Value]] = defaultdict(list)
    for change in changes:
        named[change.name].append(change)
    return named


def _said(changes: Iterable[Kept]) -> list[str]:
    return sorted(canonical_json([one.action, one.reference_id, one.before, one.after]) for one in changes)


def _moved(then: Kept | None, now: Change | None, references: set[str]) -> Moved:
    if then is None:
        assert now is not None, "one of two that differ is there"
        return _since_declared(now)
    if now is None:
        return _since_planned(then, references)
    current = kept_of(now)
    moved = Moved(kind="row", name=then.name, how="changed")
    if then.before is None or current.before is None:
        return replace(moved, how="gone" if current.before is None else "appeared")
    fields = keys_fields(then.before, current.before)
    note = None if fields else f"it was to be {_DONE[then.action]}, and would be {_DONE[now.action]} now"
    return replace(moved, fields=fields, note=note)


_DONE: dict[Action, str] = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "adopt": "adopted",
    "rename": "renamed",
    "release": "released",
}


def _since_declared(now: Change) -> Moved:
    """There was nothing to do about it, since the row was as it is declared."""
    moved = Moved(kind="row", name=now.name, how="changed")
    if now.action in ("create", "delete"):
        return replace(moved, how="gone" if now.action == "create" else "appeared")
    back = tuple(replace(one, before=one.after, after=one.before) for one in now.fields)
    return replace(moved, fields=back, note=None if back else f"it would be {_DONE[now.action]} now")


def _since_planned(then: Kept, references: set[str]) -> Moved:
    """There is nothing to do about it any more."""
    moved = Moved(kind="row", name=then.name, how="changed")
    if then.before is None:
        return replace(moved, how="appeared", note="it says what it was to say")
    if then.after is None:
        is_there = then.reference_id in references
        return replace(moved, note="it is another owner's now") if is_there else replace(moved, how="gone")
    return replace(moved, fields=keys_fields(then.before, then.after), note="it says what it was to say")
