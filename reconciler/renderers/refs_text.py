"""Snapshots of users and actions, for people."""

from collections.abc import Iterator
from datetime import timedelta

from reconciler.renderers.look import Look, counted, in_utc, visible
from reconciler.report.plan import ValidateReport
from reconciler.report.refs import RefsExportReport, RefsImportReport
from reconciler.report.snapshot import SnapshotFacts

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def refs_export_parts(report: RefsExportReport, look: Look) -> Iterator[str]:
    snapshot = report.snapshot
    hashed = ", e-mails as hashes" if snapshot.hashed else ""
    yield f"{visible(snapshot.file)}: {_counts(snapshot)} of {visible(report.target.url)}{hashed}."
    if not look.quiet:
        yield f"Next: `reconcile validate --refs {visible(snapshot.file)}`, wherever there is no database."


def refs_import_parts(report: RefsImportReport, look: Look) -> Iterator[str]:
    snapshot = report.snapshot
    yield f"{visible(report.target.url)} says now what {visible(snapshot.file)} says: {_counts(snapshot)}."
    if any(report.added.values()):
        new = (_counted(count, kind) for kind, count in report.added.items() if count)
        yield f"New here: {', '.join(new)}."


def checked_against(report: ValidateReport) -> str:
    """Which codes a snapshot has made it possible to check, and how old it is."""
    snapshot, age = report.snapshot, report.snapshot_age
    if snapshot is None or age is None:
        return ""
    moment, codes = in_utc(snapshot.exported_at), ", ".join(report.checked)
    return f"Checked against {visible(snapshot.file)} of {moment}, {_old(age)}: {codes}."


def _old(age: timedelta) -> str:
    if age < timedelta():
        return "later than now"
    for unit, noun in ((DAY, "day"), (HOUR, "hour")):
        if age >= 2 * unit:
            return f"{counted(age // unit, noun)} old"
    return f"{counted(age // MINUTE, 'minute')} old"


def _counts(snapshot: SnapshotFacts) -> str:
    kinds = ("users", "groups", "entities", "actions")
    *some, last = (_counted(getattr(snapshot, kind), kind) for kind in kinds)
    return f"{', '.join(some)} and {last}"


def _counted(count: int, kind: str) -> str:
    """`1 entity`, `2 entities`."""
    return f"{count:,} {_ONE.get(kind, kind[:-1]) if count == 1 else kind}"


_ONE = {"entities": "entity"}
