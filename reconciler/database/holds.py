"""What operators put on hold, and the levers of Daptin's scheduler: `active` and `as_user_id`."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, select

from reconciler.database.bookkeeping import revision_of
from reconciler.database.tables import reconciler_hold, user_account
from reconciler.database.target import Target, worded
from reconciler.database.versions import expect_found
from reconciler.planning.changes import Hold, Levers, Restored
from reconciler.planning.holds import INERT
from reconciler.task import Row

SINCE = "0003"
"""The version of the bookkeeping from which on a hold remembers what its row said."""

LEVERS = ("active", "as_user_id", "updated_at")


class HoldRow(NamedTuple):
    """A row of `reconciler_hold`, with the e-mail address of the user that it remembers."""

    reference_id: bytes
    until: datetime
    reason: str
    who: str
    since: datetime
    restores: str | None  # JSON
    email: str | None

    @property
    def hold(self) -> Hold:
        return Hold(
            until=self.until, reason=self.reason, who=self.who, since=self.since, restores=self._levers()
        )

    def _levers(self) -> Levers | None:
        """A user who is gone meanwhile cannot be given back."""
        if self.restores is None:
            return None
        said = json.loads(self.restores)
        user = said["as_user_id"] if self.email is not None else None
        return Levers(active=said["active"], as_user_id=user, as_user_email=self.email)


def read_holds(target: Target, now: datetime) -> Mapping[bytes, Hold]:
    """What is on hold, by the reference id of the task: what a scheduler asks with its claims."""
    columns = reconciler_hold.c
    statement = select(columns.reference_id, columns.until, columns.reason, columns.who).where(
        columns.until > now
    )
    with worded(target.url):
        rows = list(target.connection.execute(statement))
    return {bytes(key): Hold(until=until, reason=reason, who=who) for key, until, reason, who in rows}


def fetch_holds(target: Target) -> Sequence[HoldRow]:
    """Every hold, those that ended included; none where the bookkeeping is not there or older."""
    version = revision_of(target)
    if version is None or version < SINCE:
        return ()
    columns = [reconciler_hold.c[name] for name in ("reference_id", *_SAID)]
    with worded(target.url):
        rows = list(target.connection.execute(select(*columns).order_by(columns[0])))
    emails = _emails(target, [row.restores for row in rows if row.restores])
    return [HoldRow._make((bytes(key), *said, emails.get(_user_id(said[-1])))) for key, *said in rows]


_SAID = ("until", "reason", "who", "created_at", "restores")


def _emails(target: Target, remembered: Sequence[str]) -> Mapping[int | None, str]:
    if not remembered:
        return {}
    ids = sorted({user for one in remembered if (user := _user_id(one)) is not None})
    statement = select(user_account.c.id, user_account.c.email).where(user_account.c.id.in_(ids))
    with worded(target.url):
        return {one.id: one.email for one in target.connection.execute(statement)}


def _user_id(restores: str | None) -> int | None:
    user: int | None = json.loads(restores)["as_user_id"] if restores else None
    return user


def put_holds(target: Target, holds: Mapping[bytes, Hold]) -> None:
    """Write holds, each in the place of the one that its row has."""
    drop_holds(target, list(holds))
    values = [
        {
            "reference_id": key,
            "until": hold.until,
            "reason": hold.reason,
            "who": hold.who,
            "created_at": hold.since,
            "restores": _remembered(hold.restores),
        }
        for key, hold in holds.items()
    ]
    if values:
        with worded(target.url):
            target.connection.execute(insert(reconciler_hold), values)


def _remembered(levers: Levers | None) -> str | None:
    return None if levers is None else json.dumps({"active": levers.active, "as_user_id": levers.as_user_id})


def drop_holds(target: Target, references: Sequence[bytes]) -> None:
    """Forget the holds of these rows."""
    if references:
        with worded(target.url):
            target.dialect.delete_by(target, "reconciler_hold", "reference_id", references)


def make_inert(target: Target, rows: Sequence[Row], now: datetime) -> None:
    """Inactive and without a user: the only row that Daptin's scheduler leaves alone. Raises RowMoved.

    Source: Daptin 0.12.36, which fires inactive rows too, but cannot load one without a user.
    """
    _pull(target, [(row, INERT) for row in rows], now)


def restore(target: Target, restored: Sequence[Restored], now: datetime) -> None:
    """What the rows said before their holds. Raises RowMoved."""
    _pull(target, [(one.row, one.levers) for one in restored], now)


def _pull(target: Target, settings: Sequence[tuple[Row, Levers]], now: datetime) -> None:
    if not settings:
        return
    dialect, at = target.dialect, target.dialect.timestamp(now)
    values = [
        (row.id, row.reference_id, row.version, dialect.boolean(levers.active), levers.as_user_id, at)
        for row, levers in settings
    ]
    with worded(target.url):
        expect_found(dialect.update_tasks(target, LEVERS, values), [row for row, _ in settings], target)
