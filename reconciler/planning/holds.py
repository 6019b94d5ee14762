"""Holds: what waits for their end, and what a row gets back then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from reconciler.planning.changes import Blocked, Change, Existing, Held, Hold, Levers, Restored
from reconciler.planning.selection import Selection
from reconciler.planning.verdicts import Deed
from reconciler.task import Row

INERT = Levers(active=False, as_user_id=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """The holds of a table at a moment."""

    lasting: Mapping[bytes, Hold] = field(default_factory=dict)
    inert: frozenset[bytes] = frozenset()  # the rows that lasting holds made inert
    restored: tuple[Restored, ...] = ()
    ended: tuple[bytes, ...] = ()


NO_HOLDS = Holds()


def without_holds(existing: Existing, now: datetime) -> tuple[Existing, Holds]:
    """The table as it would be without its holds, and the holds.

    An inert row says what it said before. One whose hold has ended is restored before anything else is
    written, and has its next version. Where somebody has made it active or given it a user meanwhile, that is
    theirs: nothing is given back.
    """
    if not existing.holds:
        return existing, NO_HOLDS
    lasting = {key: hold for key, hold in existing.holds.items() if hold.until > now}
    ended = tuple(key for key in existing.holds if key not in lasting)
    taken = {
        row.reference_id: Restored(row=row, levers=hold.restores, hold=hold)
        for row in existing.rows
        if (hold := existing.holds.get(row.reference_id)) and hold.restores and is_inert(row)
    }
    back = {key: one for key, one in taken.items() if key not in lasting and one.levers != INERT}
    spoken = {key: _given_back(one, is_written=key in back) for key, one in taken.items()}
    rows = tuple(spoken.get(row.reference_id, row) for row in existing.rows)
    return replace(existing, rows=rows), Holds(
        lasting=lasting,
        inert=frozenset(taken).intersection(lasting),
        restored=tuple(sorted(back.values(), key=lambda one: (one.row.name, one.row.id))),
        ended=ended,
    )


def is_inert(row: Row) -> bool:
    """Whether Daptin leaves it alone: it fires what is inactive, and what has no user it cannot load."""
    return not row.active and row.as_user_id is None


def _given_back(one: Restored, *, is_written: bool) -> Row:
    levers = one.levers
    return one.row._replace(
        active=levers.active,
        as_user_id=levers.as_user_id,
        as_user_email=levers.as_user_email,
        version=one.row.version + is_written,
    )


def due(holds: Holds, selection: Selection) -> tuple[tuple[Restored, ...], tuple[bytes, ...]]:
    """What a plan restores, and the holds that it forgets: not those of rows that it passes over."""
    restored = [one for one in holds.restored if selection.names(one.row.name) and not selection.drifted]
    passed_over = {one.row.reference_id for one in holds.restored} - {
        one.row.reference_id for one in restored
    }
    return tuple(restored), tuple(key for key in holds.ended if key not in passed_over)


def hold_back(
    deeds: Sequence[Deed], existing: Existing, holds: Holds, owner: str
) -> tuple[Sequence[Deed], tuple[Held, ...]]:
    """What goes on, and the rows on hold with what waits for them.

    A row of another owner is left out, unless something is to be done about it.
    """
    if not holds.lasting:
        return deeds, ()
    going: list[Deed] = []
    waiting: dict[bytes, Change] = {}
    for deed in deeds:
        change = _change_of(deed)
        if change is not None and change.row is not None and change.row.reference_id in holds.lasting:
            waiting[change.row.reference_id] = change
        else:
            going.append(deed)
    rows = (row for row in existing.rows if row.reference_id in holds.lasting)
    held = (
        _held(row, waiting.get(row.reference_id), holds)
        for row in rows
        if row.reference_id in waiting or _is_told(row, existing, owner)
    )
    return going, tuple(sorted(held, key=lambda one: (one.name, one.row.id)))


def _change_of(deed: Deed) -> Change | None:
    if isinstance(deed, Blocked):
        return deed.change
    return deed if isinstance(deed, Change) else None


def _held(row: Row, change: Change | None, holds: Holds) -> Held:
    key = row.reference_id
    return Held(name=row.name, hold=holds.lasting[key], row=row, is_inert=key in holds.inert, change=change)


def _is_told(row: Row, existing: Existing, owner: str) -> bool:
    record = existing.records.get(row.reference_id)
    return record is None or record.owner == owner
