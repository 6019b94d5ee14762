"""`PreviousNames`: the row that a task was before it had its name."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from reconciler.diagnostics import Diagnostic, diagnostic
from reconciler.planning.changes import Desired, Existing
from reconciler.task import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the rows before any rename."""

    rows: Mapping[str, Sequence[Row]]  # by the name that they have
    strayed: Mapping[str, Row]  # ours of names that nobody declares, by the name that was last applied
    found: Mapping[str, Row]  # those of them that are a declared task, by its name
    names: Container[str]  # declared
    owned: Container[bytes]  # reference ids
    existing: Existing

    def of(self, name: str) -> Sequence[Row]:
        """The rows that a task of this name is, whatever it was called before."""
        return self.rows.get(name) or ((self.found[name],) if name in self.found else ())

    def before(self, desired: Desired) -> Sequence[Row]:
        """The rows of its previous names. A name that is still declared is the checks' to refuse."""
        taken = {row.reference_id for row in self.found.values()}
        rows = (
            row
            for name in desired.task.lifecycle.previous_names
            if name not in self.names
            for row in (*self.rows.get(name, ()), *filter(None, (self.strayed.get(name),)))
        )
        return tuple({row.reference_id: row for row in rows if row.reference_id not in taken}.values())


def find_renames(desired: Iterable[Desired], known: Known) -> tuple[Mapping[str, Row], Sequence[Diagnostic]]:
    """By new name the row to be renamed; where it is not clear which one that is, a diagnostic (N005).

    A rename that took place long ago finds no row of the old name, or a stranger's, and means nothing.
    """
    found: dict[str, Row] = {}
    wrong: list[Diagnostic] = []
    takers: dict[bytes, Desired] = {}
    for one in desired:
        before = known.before(one)
        if now := known.of(one.task.name):
            if rivals := _rivals(now, before, known):
                wrong.append(_both(one, now, rivals))
        elif len(before) > 1:
            wrong.append(_several(one, before))
        elif before:
            (row,) = before
            if (taker := takers.setdefault(row.reference_id, one)) is one:
                found[one.task.name] = row
            else:
                wrong.append(_claimed_twice(one, taker, row))
    return found, wrong


def _rivals(now: Sequence[Row], before: Sequence[Row], known: Known) -> Sequence[Row]:
    """Rows of an old name that could be the task as well as the one that has its name.

    Once that one is ours, a row of the old name that is not ours is another task's.
    """
    if any(row.reference_id in known.owned for row in now):
        return [row for row in before if row.reference_id in known.owned]
    records = known.existing.records
    return [row for row in before if row.reference_id in known.owned or row.reference_id not in records]


def _both(desired: Desired, now: Sequence[Row], before: Sequence[Row]) -> Diagnostic:
    rows = " and ".join(map(_told, (*before, *now)))
    return _ambiguous(
        desired,
        f"{desired.task.name!r} has a row already, and so has its previous name: {rows}",
        f"delete one of the two rows, or take {before[0].name!r} out of PreviousNames if it is another task",
    )


def _several(desired: Desired, before: Sequence[Row]) -> Diagnostic:
    rows = " and ".join(map(_told, before))
    return _ambiguous(
        desired,
        f"{len(before)} rows could be the one that is now {desired.task.name!r}: {rows}",
        "delete or rename all but one of them, then plan again",
    )


def _claimed_twice(desired: Desired, taker: Desired, row: Row) -> Diagnostic:
    return _ambiguous(
        desired,
        f"{_told(row)} is the row that was {taker.task.name!r} too, says {taker.file}:{taker.line}",
        "leave the name in one of the two lists",
    )


def _told(row: Row) -> str:
    return f"{row.name!r} (id {row.id})"


def _ambiguous(desired: Desired, message: str, hint: str) -> Diagnostic:
    pointer = desired.pointer("Lifecycle", "PreviousNames") if desired.pointer else None
    return diagnostic("N005", message, hint=hint, pointer=pointer)
