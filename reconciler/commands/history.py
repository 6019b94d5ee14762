"""`reconcile history`."""

import re
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from reconciler.database.applies import Apply, read_applies, read_plan
from reconciler.database.target import Target, connect
from reconciler.database.urls import TargetUrl
from reconciler.diagnostics import did_you_mean
from reconciler.errors import ReconcilerError, UsageError
from reconciler.planning.kept import Kept
from reconciler.planning.kept import kept_changes as changes_in
from reconciler.report.history import ApplyReport, HistoryReport
from reconciler.report.plan import target_of

LAST = "last"


def history(url: TargetUrl, owner: str | None, limit: int, zone: ZoneInfo) -> HistoryReport:
    """The applies, of one owner or of all, the newest first."""
    with connect(url, read_only=True) as target:
        found = read_applies(target, owner=owner, limit=limit + 1)
    undone = undone_by(found)  # by a newer one, which is in the list too
    return HistoryReport(
        target=target_of(url),
        timezone=zone,
        applies=tuple(_reported(one, undone) for one in found[:limit]),
        is_whole=len(found) <= limit,
    )


def history_of(url: TargetUrl, word: str, owner: str | None, zone: ZoneInfo) -> HistoryReport:
    """One apply, change by change. Raises UsageError where it cannot be told which one is meant."""
    with connect(url, read_only=True) as target:
        apply = find(target, word, owner)
        undone = undone_by(read_applies(target, owner=apply.owner))
        changes = kept_changes(target, apply.apply_id)
    return HistoryReport(
        target=target_of(url),
        timezone=zone,
        applies=(_reported(apply, undone, changes),),
        explained=True,
    )


def kept_changes(target: Target, apply_id: str) -> tuple[Kept, ...] | None:
    """What an apply changed, where it is kept. Raises ReconcilerError for what another program wrote."""
    text = read_plan(target, apply_id)
    if text is None:
        return None
    try:
        return tuple(changes_in(text))
    except (ValueError, TypeError, LookupError):
        raise ReconcilerError(f"the plan that is kept of {apply_id} is of another form") from None


def find(target: Target, word: str, owner: str | None) -> Apply:
    """The apply whose id begins so, or the last one. Raises UsageError."""
    if word == LAST:
        found = read_applies(target, owner=owner, limit=1)
    else:
        beginning = word.lower()
        is_beginning = re.fullmatch("[0-9a-f-]{1,36}", beginning)
        found = read_applies(target, owner=owner, beginning=beginning) if is_beginning else ()
    if not found:
        raise _not_found(target, word, owner)
    if len(found) > 1:
        ids = ", ".join(one.apply_id for one in found[:3])
        raise UsageError(f"{word!r} begins the ids of {len(found)} applies: {ids}", hint="write more of it")
    return found[0]


def _not_found(target: Target, word: str, owner: str | None) -> UsageError:
    of_owner = f" of owner {owner!r}" if owner is not None else ""
    known = [one.apply_id for one in read_applies(target, owner=owner)]
    if not known:
        return UsageError(f"there is no apply{of_owner} in the history", hint=None)
    near = did_you_mean(word, [*known, LAST])
    hint = f"did you mean {near}?" if near else "`reconcile history` lists them"
    return UsageError(f"no apply{of_owner} has an id that begins with {word!r}", hint=hint)


def undone_by(applies: Sequence[Apply]) -> Mapping[str, str]:
    """By apply that is undone, the one that did it; of applies with the newest first.

    An undo that was undone itself counts no more.
    """
    undone: dict[str, str] = {}
    for apply in applies:
        undoes = apply.outcome.get("undoes")
        if undoes and apply.apply_id not in undone:
            undone.setdefault(undoes, apply.apply_id)
    return undone


def _reported(
    apply: Apply, undone: Mapping[str, str], changes: tuple[Kept, ...] | None = None
) -> ApplyReport:
    outcome = apply.outcome
    return ApplyReport(
        apply_id=apply.apply_id,
        owner=apply.owner,
        who=apply.who,
        host=apply.host,
        tool=apply.tool,
        repository=apply.repository,
        commit=apply.commit,
        dirty=bool(apply.dirty),
        started_at=apply.started_at,
        finished_at=apply.finished_at,
        plan_hash=apply.plan_hash,
        summary=outcome.get("summary"),
        undoes=outcome.get("undoes"),
        undone_by=undone.get(apply.apply_id),
        during_freeze=outcome.get("during_freeze"),
        left_out=tuple(outcome.get("left_out", ())),
        has_plan=apply.has_plan,
        changes=changes,
    )
