"""All SQL on the tables of the contract: rows, catalogue, bookkeeping, locks; one file a dialect."""

from reconciler.database.anchors import anchors, read_anchors
from reconciler.database.applies import (
    Apply,
    apply_of,
    find_apply,
    last_apply,
    read_applies,
    read_plan,
    record_apply,
)
from reconciler.database.bookkeeping import prepare
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
from reconciler.database.filling import fill_catalogue
from reconciler.database.history import count_runs, read_run, tally_runs
from reconciler.database.holds import drop_holds, make_inert, put_holds, read_holds, restore
from reconciler.database.identity import Identity, first_administrator, read_identity, read_subject
from reconciler.database.link import Link
from reconciler.database.processes import (
    Loaded,
    Process,
    database_now,
    end_process,
    forget_processes,
    heartbeat,
    read_loaded,
    read_processes,
    read_uptimes,
    record_loaded,
    register_process,
)
from reconciler.database.rows import State, existing_of, read_existing, read_options, read_secrets, read_state
from reconciler.database.runs import (
    Ending,
    Lost,
    RunRecord,
    active_runs,
    claim_runs,
    claimed_among,
    complete_run,
    end_runs,
    has_history,
    moments_between,
    open_runs,
    processes_of_open_runs,
    prune_runs,
    read_runs,
    start_run,
    sweep_runs,
)
from reconciler.database.target import Target, attributes_limit, connect, roll_back, without_collection
from reconciler.database.transactions import atomic, locked, transaction
from reconciler.database.urls import TargetUrl, target_url
from reconciler.database.watch import watch
from reconciler.database.writing import Stamp, write
from reconciler.planning.changes import Hold

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
    "apply_of",
    "atomic",
    "attributes_limit",
    "claim_runs",
    "claimed_among",
    "complete_run",
    "connect",
    "count_runs",
    "database_now",
    "drop_holds",
    "end_process",
    "end_runs",
    "existing_of",
    "fill_catalogue",
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
    "make_inert",
    "moments_between",
    "open_runs",
    "prepare",
    "processes_of_open_runs",
    "prune_runs",
    "put_holds",
    "read_account",
    "read_anchors",
    "read_applies",
    "read_catalogue",
    "read_existing",
    "read_holds",
    "read_identity",
    "read_loaded",
    "read_options",
    "read_plan",
    "read_processes",
    "read_run",
    "read_runs",
    "read_secrets",
    "read_signing",
    "read_state",
    "read_subject",
    "read_uptimes",
    "record_apply",
    "record_loaded",
    "register_process",
    "restore",
    "roll_back",
    "start_run",
    "sweep_runs",
    "tally_runs",
    "target_url",
    "transaction",
    "watch",
    "without_collection",
    "write",
]
