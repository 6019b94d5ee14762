"""Desired + existing -> Plan. Pure: reaches neither YAML nor SQL."""

from reconciler.planning.beats import Beats, beats_of
from reconciler.planning.changes import (
    NOWHERE,
    Action,
    Blocked,
    Change,
    Desired,
    Existing,
    FieldChange,
    Held,
    Hold,
    Ignored,
    Levers,
    Plan,
    Record,
    Recording,
    Restored,
    Undeclared,
)
from reconciler.planning.digest import after_of, applied_secrets, before_of, plan_hash, remembered, secrets
from reconciler.planning.drift import Drift, FieldDrift, Movement, drift_of
from reconciler.planning.fires import Fires, Side, fires_of, schedules_of, upsets_of
from reconciler.planning.freezes import Freeze, Frozen, frozen_at
from reconciler.planning.guards import Guards, Limit, guard_freeze, parse_limit
from reconciler.planning.holds import INERT, Holds, is_inert, without_holds
from reconciler.planning.inverse import inverse
from reconciler.planning.kept import Kept, kept_changes, kept_of
from reconciler.planning.masking import (
    filled,
    hidden,
    masked,
    replaced,
    secrets_keys,
    secrets_of,
    secrets_text,
)
from reconciler.planning.moved import How, Moved, moved_rows
from reconciler.planning.narrowing import require_matches
from reconciler.planning.ownership import Claim, Declared, adopt, release
from reconciler.planning.plan import Ownership, plan
from reconciler.planning.scope import Prune, Scope
from reconciler.planning.selection import EVERYTHING, Selection, fits, require_names
from reconciler.planning.texts import row_keys, shown_task
from reconciler.planning.wanted import Wanted

__all__ = [
    "EVERYTHING",
    "INERT",
    "NOWHERE",
    "Action",
    "Beats",
    "Blocked",
    "Change",
    "Claim",
    "Declared",
    "Desired",
    "Drift",
    "Existing",
    "FieldChange",
    "FieldDrift",
    "Fires",
    "Freeze",
    "Frozen",
    "Guards",
    "Held",
    "Hold",
    "Holds",
    "How",
    "Ignored",
    "Kept",
    "Levers",
    "Limit",
    "Moved",
    "Movement",
    "Ownership",
    "Plan",
    "Prune",
    "Record",
    "Recording",
    "Restored",
    "Scope",
    "Selection",
    "Side",
    "Undeclared",
    "Wanted",
    "adopt",
    "after_of",
    "applied_secrets",
    "beats_of",
    "before_of",
    "drift_of",
    "filled",
    "fires_of",
    "fits",
    "frozen_at",
    "guard_freeze",
    "hidden",
    "inverse",
    "is_inert",
    "kept_changes",
    "kept_of",
    "masked",
    "moved_rows",
    "parse_limit",
    "plan",
    "plan_hash",
    "release",
    "remembered",
    "replaced",
    "require_matches",
    "require_names",
    "row_keys",
    "schedules_of",
    "secrets",
    "secrets_keys",
    "secrets_of",
    "secrets_text",
    "shown_task",
    "upsets_of",
    "without_holds",
]
