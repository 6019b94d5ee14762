"""`reconcile init`."""

from reconciler import database
from reconciler.database import TargetUrl
from reconciler.report import InitReport, Target


def init(url: TargetUrl) -> InitReport:
    """Make the tables on an empty database, or add the bookkeeping to one that Daptin made."""
    done = database.initialise(url)
    with database.connect(url, read_only=True) as target:
        return InitReport(
            target=Target(kind=url.kind, url=url.display),
            made=done != "unchanged",
            is_embedded=database.is_ours(target),
        )
