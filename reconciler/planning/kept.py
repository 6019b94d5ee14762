"""A change as it is kept: in a saved plan, and in the history of applies."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from reconciler.planning.changes import Action, Change, FieldChange, Reason, Record
from reconciler.planning.compare import keys_fields
from reconciler.planning.digest import after_of, before_of, secrets
from reconciler.planning.masking import secrets_from
from reconciler.task import Secret, json_text


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
    secrets: tuple[Secret, ...] = ()  # whose placeholders stand in `after`
    record: Record | None = None  # of the row before; only in the history

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        """What differs between before and after, where there are both."""
        if self.before is None or self.after is None:
            return ()
        return keys_fields(self.before, self.after)


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
    """The changes of a plan as `remembered` wrote it."""
    return [_kept(json.loads(line)) for line in remembered.split("\n") if line]


def _kept(values: list[Any]) -> Kept:
    (name, action, before, after), reason, reference, version, file, line, placeholders, record = values
    secrets = secrets_from(placeholders["after"]) if placeholders else ()
    there = _record(reference, *record) if record else None
    return Kept(action, name, reason, reference, version, file, line, before, after, secrets, there)


def _record(reference: str, owner: str, applied: Any, fingerprint: str, *rest: Any) -> Record:
    file, line, commit, secrets, protected = rest
    return Record(
        reference_id=bytes.fromhex(reference),
        owner=owner,
        applied=json_text(applied),
        fingerprint=bytes.fromhex(fingerprint),
        file=file,
        line=line,
        commit=commit,
        secrets=json_text(secrets) if secrets else None,
        protected=protected,
    )
