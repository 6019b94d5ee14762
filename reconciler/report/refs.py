"""A snapshot of users and actions, written or taken up."""

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.report.plan import Target
from reconciler.report.snapshot import SnapshotFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class RefsExportReport:
    """A snapshot that was written."""

    target: Target
    snapshot: SnapshotFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class RefsImportReport:
    """An embedded database that says now what a snapshot says."""

    target: Target
    snapshot: SnapshotFacts
    added: Mapping[str, int]  # users, groups, entities, actions: how many of each were not there
