"""`reconcile init`."""

from pathlib import Path

from reconciler.commands.refs import fill, read_refs, refuse_hashes
from reconciler.database.embedded import initialise, is_ours
from reconciler.database.target import connect
from reconciler.database.urls import TargetUrl
from reconciler.report.catalogue import InitReport
from reconciler.report.plan import target_of


def init(url: TargetUrl, file: str | None = None) -> InitReport:
    """Make the tables on an empty database, or add the bookkeeping to one that Daptin made.

    `file` is of a snapshot: users and actions are those that it holds.
    """
    snapshot = read_refs(Path(file), file) if file else None
    if snapshot is not None:
        refuse_hashes(snapshot)
    done = initialise(url)
    with connect(url, read_only=snapshot is None) as target:
        return InitReport(
            target=target_of(url),
            made=done != "unchanged",
            is_embedded=is_ours(target),
            filled=fill(target, snapshot) if snapshot else None,
        )
