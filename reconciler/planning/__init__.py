"""Desired + existing -> Plan. Pure: reaches neither YAML nor SQL."""

from reconciler.planning.changes import (
    Action,
    Blocked,
    Change,
    Desired,
    Existing,
    FieldChange,
    Ignored,
    Plan,
    Record,
    Recording,
)
from reconciler.planning.digest import after_of, before_of, plan_hash, remembered
from reconciler.planning.fires import Fires, fires_of
from reconciler.planning.guards import Guards, Limit, parse_limit
from reconciler.planning.plan import Ownership, plan
from reconciler.planning.scope import Prune, Scope
from reconciler.planning.texts import row_keys

__all__ = [
    "Action",
    "Blocked",
    "Change",
    "Desired",
    "Existing",
    "FieldChange",
    "Fires",
    "Guards",
    "Ignored",
    "Limit",
    "Ownership",
    "Plan",
    "Prune",
    "Record",
    "Recording",
    "Scope",
    "after_of",
    "before_of",
    "fires_of",
    "parse_limit",
    "plan",
    "plan_hash",
    "remembered",
    "row_keys",
]
