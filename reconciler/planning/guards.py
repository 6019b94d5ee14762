"""The guards: what a plan may not do without a word for it, and the word is named in each refusal."""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.errors import UsageError
from reconciler.planning.changes import Blocked, Change, Record
from reconciler.planning.freezes import Frozen
from reconciler.task import Row

DEFAULT_PERCENT = 30
DEFAULT_FROM = 10
"""Without a limit of the user's own: more than 30 % of the owner's rows, once it has ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many changes of a kind are fine: a count, or a percentage of the owner's rows before the apply."""

    count: int | None = None
    percent: float | None = None

    def allows(self, changes: int, owned: int) -> bool:
        if self.count is not None:
            return changes <= self.count
        return self.percent is None or changes * 100 <= self.percent * owned

    def __str__(self) -> str:
        return str(self.count) if self.count is not None else f"{self.percent:g} %"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """The overrides, each for one guard; there is none for all."""

    max_delete: Limit | None = None
    max_update: Limit | None = None
    allow_empty: bool = False
    allow_protected: frozenset[str] = frozenset()
    take_over: bool = False


def parse_limit(text: str) -> Limit:
    """`5` or `30%`. Raises UsageError for anything else."""
    number = text.removesuffix("%").strip()
    try:
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", number):
            raise ValueError(number)
        limit = Limit(percent=float(number)) if text.endswith("%") else Limit(count=int(number))
    except ValueError:
        raise UsageError(
            f"{text!r} is no limit", hint="write a count such as 5, or a percentage such as 30%"
        ) from None
    if (limit.count or 0) < 0 or not 0 <= (limit.percent or 0) <= 100:
        raise UsageError(f"{text!r} is no limit", hint="a count from 0, or a percentage from 0% to 100%")
    return limit


def guard_deletes(changes: Sequence[Change], owned: int, declared: int, guards: Guards) -> Iterator[Blocked]:
    """O001 and O003: more deletes than the limit, and an empty configuration that deletes."""
    deletes = sum(change.action == "delete" for change in changes)
    if refusal := _over_limit("delete", deletes, owned, guards.max_delete):
        yield Blocked(code="O001", name="", message=refusal)
    if deletes and not declared and not guards.allow_empty:
        rows = _rows(deletes)
        message = f"the configuration is empty, yet {rows} would be deleted; --allow-empty if that is meant"
        yield Blocked(code="O003", name="", message=message)


def guard_updates(changes: Sequence[Change], owned: int, guards: Guards) -> Iterator[Blocked]:
    """O002: more updates than the limit. An adopt is no update, and neither is a change of settings alone."""
    updates = sum(change.action in ("update", "rename") and change.writes_row for change in changes)
    if refusal := _over_limit("update", updates, owned, guards.max_update):
        yield Blocked(code="O002", name="", message=refusal)


def guard_protected(change: Change, record: Record, guards: Guards) -> Change | Blocked:
    """O004: the delete of a protected row."""
    if not record.protected or change.name in guards.allow_protected:
        return change
    word = f"--allow-protected {shlex.quote(change.name)}"
    message = f"{change.name!r} is protected; {word} if it is to be deleted"
    return Blocked(code="O004", name=change.name, message=message, change=change)


def guard_owner(
    change: Change, row: Row, record: Record | None, owner: str, guards: Guards
) -> Change | Blocked:
    """O005: a change of a row that another owner has."""
    if record is None or record.owner == owner or guards.take_over:
        return change
    word = "releases it all the same" if change.action == "release" else "moves it here"
    message = f"{row.name!r} belongs to owner {record.owner!r}, this is {owner!r}; --take-over {word}"
    return Blocked(code="O005", name=change.name, message=message, change=change)


def guard_repository(owner: str, ours: str | None, last: str | None, guards: Guards) -> Iterator[Blocked]:
    """O007: this owner was last applied from another repository. None: not known, nothing is said."""
    if ours and last and ours != last and not guards.take_over:
        message = (
            f"owner {owner!r} was last applied from {_repository(last)}, this is {_repository(ours)}; "
            "--take-over if it moved here"
        )
        yield Blocked(code="O007", name="", message=message)


def guard_freeze(changes: Sequence[Change], frozen: Frozen | None, reason: str | None) -> Iterator[Blocked]:
    """O009: nothing is applied in a freeze, unless there is a reason why it cannot wait."""
    if changes and frozen and not reason:
        message = f"there is {frozen}; --during-freeze REASON if this cannot wait"
        yield Blocked(code="O009", name="", message=message)


def _repository(identity: str) -> str:
    if re.fullmatch(r"[0-9a-f]{40,64}", identity):
        return f"a repository without a remote, first commit {identity[:10]}"
    return identity


def _over_limit(verb: str, changes: int, owned: int, limit: Limit | None) -> str | None:
    if limit is None:
        limit = Limit(percent=DEFAULT_PERCENT) if owned >= DEFAULT_FROM else Limit()
    if limit.allows(changes, owned):
        return None
    return (
        f"{changes} of {_rows(owned)} would be {verb}d, the limit is {limit}; "
        f"--max-{verb} {changes} if that is meant"
    )


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
