"""The nouns that several JSON documents show, as plain values."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from reconciler.diagnostics import Diagnostic
from reconciler.git import Blame
from reconciler.planning.changes import FieldChange, Hold
from reconciler.report.plan import Target
from reconciler.task import Row


def target_keys(target: Target) -> dict[str, str]:
    """A database, without any secret."""
    return {"kind": target.kind, "url": target.url}


def diagnostic_keys(one: Diagnostic) -> dict[str, Any]:
    """A diagnostic, with its place if it has one."""
    place = one.place
    return {
        "code": one.code,
        "severity": str(one.severity),
        "message": one.message,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "end_line": place.end_line if place else None,
        "end_column": place.end_column if place else None,
        "hint": one.hint,
    }


def fields_keys(fields: Sequence[FieldChange]) -> list[dict[str, Any]]:
    """What differs."""
    return [{"path": one.path, "before": one.before, "after": one.after} for one in fields]


def which_row(row: Row) -> dict[str, Any]:
    """Which row it is."""
    return {"name": row.name, "id": row.id, "reference_id": uuid_text(row.reference_id)}


def blame_keys(blame: Blame) -> dict[str, Any]:
    """The commit that something goes back to."""
    return asdict(blame) | {"at": moment_text(blame.at)}


def hold_keys(hold: Hold) -> dict[str, Any]:
    """A pause, with who made it and why."""
    return {
        "until": hold.until.isoformat(),
        "reason": hold.reason,
        "who": hold.who,
        "since": moment_text(hold.since),
    }


def uuid_text(reference_id: bytes) -> str:
    """As UUID text; a row that something else wrote may have bytes that are none."""
    return str(UUID(bytes=reference_id)) if len(reference_id) == 16 else reference_id.hex()


def moment_text(moment: datetime | None) -> str | None:
    """ISO 8601, with its offset."""
    return None if moment is None else moment.isoformat()
