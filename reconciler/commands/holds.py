"""`reconcile hold`, `unhold` and `holds`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from reconciler.commands.naming import rows_named
from reconciler.commands.request import parse_duration, parse_moment
from reconciler.database.embedded import is_ours
from reconciler.database.holds import drop_holds, make_inert, put_holds, restore
from reconciler.database.rows import read_existing
from reconciler.database.target import Target, connect
from reconciler.database.transactions import locked, transaction
from reconciler.database.urls import TargetUrl
from reconciler.errors import UsageError
from reconciler.planning.changes import Existing, Hold, Levers, Restored
from reconciler.planning.holds import INERT, is_inert
from reconciler.report.holds import HoldReport, HoldsReport, TaskHold, UnholdReport
from reconciler.report.plan import target_of
from reconciler.request import Request
from reconciler.task import Row

LONGEST = timedelta(days=366)
LONGEST_REASON = 500
"""Characters."""


def hold(request: Request, url: TargetUrl, names: Sequence[str], until: str, reason: str) -> HoldReport:
    """Put tasks on hold; where Daptin reads the table, by making their rows inert.

    A hold takes the place of the one that its task has. Raises UsageError and RowMoved, with nothing done.
    """
    end, why = _parse_until(until, request.now, request.timezone), _reason(reason)
    with _writing(request, url) as target:
        existing = read_existing(target)
        rows = rows_named(existing.rows, names)
        _require_references(rows)
        holds = {row.reference_id: _hold(row, existing, request, end, why) for row in rows}
        stopped = [row for row in rows if holds[row.reference_id].restores and not is_inert(row)]
        make_inert(target, stopped, request.author.clock())
        put_holds(target, holds)
        return HoldReport(
            target=target_of(url),
            timezone=request.timezone,
            holds=tuple(_placed(row, holds[row.reference_id], existing) for row in rows),
            advice=tuple(_advice(holds.values(), target)),
        )


def unhold(request: Request, url: TargetUrl, names: Sequence[str]) -> UnholdReport:
    """End holds now, and restore what they made inert. Raises UsageError and RowMoved, with nothing done."""
    with _writing(request, url) as target:
        existing = read_existing(target)
        rows = _held(existing, names)
        by_key = {row.reference_id: row for row in rows}
        holds = [told(key, by_key, existing.holds, request.now) for key in by_key]
        restored = [
            Restored(row=row, levers=levers, hold=existing.holds[key])
            for key, row in by_key.items()
            if (levers := existing.holds[key].restores) and levers != INERT and is_inert(row)
        ]
        restore(target, restored, request.author.clock())
        drop_holds(target, [row.reference_id for row in rows])
        return UnholdReport(
            target=target_of(url),
            timezone=request.timezone,
            holds=tuple(holds),
            advice=(f"{RESTART}, or they do not fire.",) if restored else (),
        )


def holds(url: TargetUrl, now: datetime, zone: ZoneInfo) -> HoldsReport:
    """Every hold, the first to end first. The target is opened read-only."""
    with connect(url, read_only=True) as target:
        existing = read_existing(target)
    rows = {row.reference_id: row for row in existing.rows}
    every = [told(key, rows, existing.holds, now) for key in existing.holds]
    return HoldsReport(
        target=target_of(url),
        timezone=zone,
        holds=tuple(sorted(every, key=lambda one: (one.hold.until, one.name))),
    )


RESTART = "Daptin reads its table when it starts: restart it"


@contextmanager
def _writing(request: Request, url: TargetUrl) -> Iterator[Target]:
    """One transaction, under the lock of an apply: whoever plans sees all of it or nothing."""
    with (
        connect(url, read_only=False, lock_timeout=request.lock_timeout) as target,
        locked(target, request.lock_timeout),
        transaction(target),
    ):
        yield target


def _hold(row: Row, existing: Existing, request: Request, until: datetime, reason: str) -> Hold:
    """With what the row said before it was made inert, by this hold or by the former one."""
    former = existing.holds.get(row.reference_id)
    levers = Levers(active=row.active, as_user_id=row.as_user_id) if request.reader == "daptin" else None
    if former is not None and former.restores is not None and is_inert(row):
        levers = former.restores
    return Hold(until=until, reason=reason, who=request.author.who, since=request.now, restores=levers)


def _placed(row: Row, hold: Hold, existing: Existing) -> TaskHold:
    former = existing.holds.get(row.reference_id)
    return TaskHold(name=row.name, hold=hold, is_inert=hold.restores is not None, replaced=former)


def told(key: bytes, rows: Mapping[bytes, Row], holds: Mapping[bytes, Hold], now: datetime) -> TaskHold:
    """A hold with what became of its row."""
    row, hold = rows.get(key), holds[key]
    return TaskHold(
        name=key.hex() if row is None else row.name,
        hold=hold,
        has_ended=hold.until <= now,
        is_inert=hold.restores is not None and row is not None and is_inert(row),
        is_gone=row is None,
    )


def _held(existing: Existing, names: Sequence[str]) -> list[Row]:
    """The rows on hold that are named. Raises UsageError; a task that is not on hold is told from none."""
    held = [row for row in existing.rows if row.reference_id in existing.holds]
    others = {row.name for row in existing.rows} - {row.name for row in held}
    for name in names:
        if name in others:
            raise UsageError(f"{name!r} is not on hold", hint="`reconcile holds` shows what is")
    return rows_named(held, names, what="task on hold")


def _advice(holds: Iterable[Hold], target: Target) -> Iterator[str]:
    if any(hold.restores for hold in holds):
        yield f"{RESTART}, or they go on firing."
        yield "The first apply after the end restores the rows; then restart it once more."
        return
    yield "A scheduler leaves them out from now on, and records each fire as skipped."
    if not is_ours(target):
        yield "Daptin's own scheduler knows no holds: where it reads this table, hold with --reader daptin."


def _require_references(rows: Sequence[Row]) -> None:
    for row in rows:
        if len(row.reference_id) != 16:
            found = f"its reference_id has {len(row.reference_id)} bytes and not 16"
            raise UsageError(
                f"{row.name!r} cannot be put on hold: {found}", hint="task-scheduler never fires such a row"
            )


def _parse_until(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The end of a hold: `2h`, `3d`, or a moment, in `zone` where it names no offset. Raises UsageError."""
    until = _end(text, now, zone)
    if until <= now:
        raise UsageError(f"--until {text} is over: it is {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    if until - now > LONGEST:
        raise UsageError(
            f"--until {text} is more than {LONGEST.days} days from now",
            hint="to stop a task for good, write `Active: false` or take it out of git",
        )
    return until


def _end(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    try:
        if text[-1:] not in ("s", "m", "h", "d"):
            return parse_moment(text, zone)
        seconds = min(parse_duration(text), 2 * LONGEST.total_seconds())
    except UsageError:
        hint = "write it like 2h, 3d or 2026-12-01T06:00"
        raise UsageError(f"--until: {text!r} is neither a time from now nor a moment", hint=hint) from None
    return (now + timedelta(seconds=seconds)).replace(microsecond=0)


def _reason(text: str) -> str:
    reason = text.strip()
    if not (reason and reason.isprintable() and len(reason) <= LONGEST_REASON):
        raise UsageError(f"--reason: 1 to {LONGEST_REASON} visible characters on one line")
    return reason
