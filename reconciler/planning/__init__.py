"""Desired + existing -> Plan. Pure: reaches neither YAML nor SQL.

Here are the steps of the story in `reconciler/pipeline.py`; all else is imported from its file, so that a
command loads what it needs.
"""

from reconciler.planning.holds import without_holds
from reconciler.planning.narrowing import require_matches
from reconciler.planning.plan import plan

__all__ = ["plan", "require_matches", "without_holds"]
