"""`reconcile refs`."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from reconciler import refs
from reconciler.catalogue import Snapshot
from reconciler.commands.files import read_whole, write_anew
from reconciler.database.catalogue import read_catalogue
from reconciler.database.filling import fill_catalogue
from reconciler.database.target import Target, connect
from reconciler.database.urls import TargetUrl
from reconciler.errors import ReconcilerError, UsageError
from reconciler.report.plan import target_of
from reconciler.report.refs import RefsExportReport, RefsImportReport
from reconciler.report.snapshot import SnapshotFacts

SALT_BYTES = 16


def refs_export(
    url: TargetUrl,
    file: str,
    now: datetime,
    *,
    hash_emails: bool,
    new_salt: Callable[[int], bytes] = os.urandom,
) -> RefsExportReport:
    """Write what offline checks ask of a database to a file.

    A file of hashes stays one, whatever is asked for, and keeps its salt: e-mails that were kept out of a
    repository do not get there by an option forgotten.
    """
    salt = _salt_of(Path(file)) or (new_salt(SALT_BYTES) if hash_emails else None)
    snapshot = _snapshot(url, file, now, salt)
    write_anew(Path(file), [refs.text_of(snapshot)])
    return RefsExportReport(target=target_of(url), snapshot=facts(snapshot))


def refs_text(url: TargetUrl, now: datetime, *, hash_emails: bool) -> str:
    """The same as a text, for stdout."""
    salt = os.urandom(SALT_BYTES) if hash_emails else None
    return refs.text_of(_snapshot(url, "-", now, salt))


def _snapshot(url: TargetUrl, file: str, now: datetime, salt: bytes | None) -> Snapshot:
    with connect(url, read_only=True) as target:
        catalogue = read_catalogue(target)
    moment = now.astimezone(UTC).replace(microsecond=0)
    snapshot = Snapshot(catalogue=catalogue, exported_at=moment, kind=url.kind, file=file)
    return snapshot if salt is None else refs.hashed(snapshot, salt)


def refs_import(url: TargetUrl, file: str) -> RefsImportReport:
    """Make an embedded database say what a snapshot says; what it holds besides stays. Raises UsageError."""
    snapshot = read_refs(Path(file), file)
    refuse_hashes(snapshot)
    with connect(url, read_only=False) as target:
        return fill(target, snapshot)


def fill(target: Target, snapshot: Snapshot) -> RefsImportReport:
    """Make an open embedded database say what a snapshot says. Raises UsageError."""
    return RefsImportReport(
        target=target_of(target),
        snapshot=facts(snapshot),
        added=fill_catalogue(target, snapshot.catalogue),
    )


def read_refs(path: Path, file: str) -> Snapshot:
    """The snapshot of a file, which is called `file`. Raises UsageError where it cannot be read."""
    try:
        text = read_whole(path, file, hint=refs.HINT).decode()
    except UnicodeDecodeError:
        raise ReconcilerError(f"{file} is no snapshot: it is not UTF-8", hint=refs.HINT) from None
    return refs.read(text, file)


def refuse_hashes(snapshot: Snapshot) -> None:
    if snapshot.catalogue.salt is not None:
        raise UsageError(
            f"{snapshot.file} holds e-mails as hashes, and a user cannot be made of a hash",
            hint="`reconcile refs export FILE` without --hash-emails",
        )


def facts(snapshot: Snapshot) -> SnapshotFacts:
    catalogue = snapshot.catalogue
    return SnapshotFacts(
        file=snapshot.file,
        exported_at=snapshot.exported_at,
        database=snapshot.kind,
        hashed=catalogue.salt is not None,
        users=len(catalogue.users),
        groups=len(catalogue.groups),
        entities=len(catalogue.entities),
        actions=len(catalogue.actions),
    )


def _salt_of(path: Path) -> bytes | None:
    """Of the file that is replaced; None where it is new. Raises UsageError where it is another file."""
    if not path.is_file() or not path.stat().st_size:
        return None
    try:
        return read_refs(path, str(path)).catalogue.salt
    except ReconcilerError as error:
        hint = "name another, or remove it first"
        raise UsageError(
            f"{path} is there, and not a file of ours to replace: {error.message}", hint=hint
        ) from None
