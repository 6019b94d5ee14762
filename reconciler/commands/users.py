"""`reconcile users`."""

from collections.abc import Sequence

from reconciler.catalogue import Catalogue
from reconciler.database.catalogue import read_catalogue
from reconciler.database.embedded import add_user
from reconciler.database.target import connect
from reconciler.database.urls import TargetUrl
from reconciler.report.catalogue import UsersReport


def users_add(url: TargetUrl, email: str, groups: Sequence[str]) -> UsersReport:
    """Add a user to an embedded database, and return it alone."""
    with connect(url, read_only=False) as target:
        add_user(target, email, groups)
        return _report(read_catalogue(target), only=email)


def users_list(url: TargetUrl) -> UsersReport:
    """Every user of the target, by id."""
    with connect(url, read_only=True) as target:
        return _report(read_catalogue(target))


def _report(catalogue: Catalogue, only: str | None = None) -> UsersReport:
    return UsersReport(
        users=tuple(
            (user, tuple(sorted(catalogue.groups[id_] for id_ in user.groups)))
            for user in sorted(catalogue.users.values(), key=lambda user: user.id)
            if only in (None, user.email)
        )
    )
