"""A change as it is kept: in a saved plan, and in the history of applies."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from reconciler.planning.changes import Action, Change, Reason
from reconciler.planning.digest import after_of, before_of, secrets
from reconciler.planning.masking import secrets_from
from reconciler.task import Secret


class Kept(NamedTuple):
    """What a change was to do. Tasks and rows have the keys of the YAML."""

    action: Action
    name: str
    reason: Reason
    reference_id: str | None  # hexadecimal; None on a create
    version: int | None  # of the row before
    file: str | None  # of the declaration; None on a delete
    line: int | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    secrets: tuple[Secret, ...]  # whose placeholders stand in `after`


def kept_of(change: Change) -> Kept:
    """A change as it would be kept."""
    row, desired = change.row, change.desired
    return Kept(
        action=change.action,
        name=change.name,
        reason=change.reason,
        reference_id=row.reference_id.hex() if row else None,
        version=row.version if row else None,
        file=desired.file if desired else None,
        line=desired.line if desired else None,
        before=before_of(change),
        after=after_of(change),
        secrets=secrets(change),
    )


def kept_changes(remembered: str) -> list[Kept]:
    """The changes of a plan as `remembered` writes it."""
    return [_kept(*json.loads(line)) for line in remembered.splitlines()]


def _kept(
    what: list[Any],
    reason: Reason,
    reference: str | None,
    version: int | None,
    file: str | None,
    line: int | None,
    placeholders: dict[str, Any] | None = None,  # missing in what an older program wrote
) -> Kept:
    name, action, before, after = what
    secrets = secrets_from(placeholders["after"]) if placeholders else ()
    return Kept(action, name, reason, reference, version, file, line, before, after, secrets)
