"""Desired + existing -> Plan. Pure: reaches neither YAML nor SQL."""

from reconciler.planning.beats import Beats, beats_of
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
from reconciler.planning.digest import after_of, applied_secrets, before_of, plan_hash, remembered, secrets
from reconciler.planning.fires import Fires, Side, fires_of, upsets_of
from reconciler.planning.freezes import Freeze, Frozen, frozen_at
from reconciler.planning.guards import Guards, Limit, guard_freeze, parse_limit
from reconciler.planning.kept import Kept, kept_changes, kept_of
from reconciler.planning.masking import filled, masked, secrets_keys, secrets_of, secrets_text
from reconciler.planning.moved import Moved, moved_rows
from reconciler.planning.plan import Ownership, plan
from reconciler.planning.scope import Prune, Scope
from reconciler.planning.texts import row_keys
from reconciler.planning.wanted import Wanted

__all__ = [
    "Action",
    "Beats",
    "Blocked",
    "Change",
    "Desired",
    "Existing",
    "FieldChange",
    "Fires",
    "Freeze",
    "Frozen",
    "Guards",
    "Ignored",
    "Kept",
    "Limit",
    "Moved",
    "Ownership",
    "Plan",
    "Prune",
    "Record",
    "Recording",
    "Scope",
    "Side",
    "Wanted",
    "after_of",
    "applied_secrets",
    "beats_of",
    "before_of",
    "filled",
    "fires_of",
    "frozen_at",
    "guard_freeze",
    "kept_changes",
    "kept_of",
    "masked",
    "moved_rows",
    "parse_limit",
    "plan",
    "plan_hash",
    "remembered",
    "row_keys",
    "secrets",
    "secrets_keys",
    "secrets_of",
    "secrets_text",
    "upsets_of",
]
