"""What an embedded database holds, and what was made in it."""

from dataclasses import dataclass

from reconciler.catalogue import Action, User
from reconciler.report.plan import Target
from reconciler.report.refs import RefsImportReport


@dataclass(frozen=True, slots=True, kw_only=True)
class InitReport:
    """What `reconcile init` found and made."""

    target: Target
    made: bool  # False: everything was there
    is_embedded: bool  # False: a database that Daptin made, to which only the bookkeeping was added
    filled: RefsImportReport | None = None  # from a snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersReport:
    """Users with the names of their groups."""

    users: tuple[tuple[User, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionsReport:
    actions: tuple[Action, ...]
