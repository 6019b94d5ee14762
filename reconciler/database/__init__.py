"""All SQL on the tables of the contract: rows, catalogue, bookkeeping, locks; one file a dialect."""

from reconciler.database.anchors import anchors, read_anchors
from reconciler.database.bookkeeping import Apply, find_apply, last_apply, prepare, record_apply
from reconciler.database.catalogue import read_catalogue
from reconciler.database.claiming import NewRun
from reconciler.database.daptin_config import Account, Signing, read_account, read_signing
from reconciler.database.embedded import (
    add_action,
    add_user,
    initialise,
    is_ours,
    list_actions,
)
from reconciler.database.identity import Identity, first_administrator, read_identity, read_subject
from reconciler.database.link import Link
from reconciler.database.processes import (
    Hold,
    Loaded,
    Process,
    database_now,
    end_process,
    forget_processes,
    heartbeat,
    read_holds,
    read_processes,
    record_loaded,
    register_process,
)
from reconciler.database.rows import State, existing_of, read_existing, read_options, read_state
from reconciler.database.runs import (
    Ending,
    Lost,
    RunRecord,
    active_runs,
    claim_runs,
    complete_run,
    end_runs,
    has_history,
    moments_between,
    processes_of_open_runs,
    prune_runs,
    read_runs,
    start_run,
    sweep_runs,
)
from reconciler.database.target import Target, connect, roll_back
from reconciler.database.transactions import atomic, locked, transaction
from reconciler.database.urls import TargetUrl, target_url
from reconciler.database.writing import Stamp, write

__all__ = [
    "Account",
    "Apply",
    "Ending",
    "Hold",
    "Identity",
    "Link",
    "Loaded",
    "Lost",
    "NewRun",
    "Process",
    "RunRecord",
    "Signing",
    "Stamp",
    "State",
    "Target",
    "TargetUrl",
    "active_runs",
    "add_action",
    "add_user",
    "anchors",
    "atomic",
    "claim_runs",
    "complete_run",
    "connect",
    "database_now",
    "end_process",
    "end_runs",
    "existing_of",
    "find_apply",
    "first_administrator",
    "forget_processes",
    "has_history",
    "heartbeat",
    "initialise",
    "is_ours",
    "last_apply",
    "list_actions",
    "locked",
    "moments_between",
    "prepare",
    "processes_of_open_runs",
    "prune_runs",
    "read_account",
    "read_anchors",
    "read_catalogue",
    "read_existing",
    "read_holds",
    "read_identity",
    "read_options",
    "read_processes",
    "read_runs",
    "read_signing",
    "read_state",
    "read_subject",
    "record_apply",
    "record_loaded",
    "register_process",
    "roll_back",
    "start_run",
    "sweep_runs",
    "target_url",
    "transaction",
    "write",
]
