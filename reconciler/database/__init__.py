"""All SQL on the tables of the contract: rows, catalogue, bookkeeping, locks; one file a dialect."""

from reconciler.database.bookkeeping import Apply, find_apply, last_apply, record_apply
from reconciler.database.catalogue import read_catalogue
from reconciler.database.embedded import (
    add_action,
    add_user,
    initialise,
    is_ours,
    list_actions,
)
from reconciler.database.rows import State, existing_of, read_existing, read_state
from reconciler.database.target import Target, connect, roll_back
from reconciler.database.transactions import locked, transaction
from reconciler.database.urls import TargetUrl, target_url
from reconciler.database.writing import Stamp, write

__all__ = [
    "Apply",
    "Stamp",
    "State",
    "Target",
    "TargetUrl",
    "add_action",
    "add_user",
    "connect",
    "existing_of",
    "find_apply",
    "initialise",
    "is_ours",
    "last_apply",
    "list_actions",
    "locked",
    "read_catalogue",
    "read_existing",
    "read_state",
    "record_apply",
    "roll_back",
    "target_url",
    "transaction",
    "write",
]
