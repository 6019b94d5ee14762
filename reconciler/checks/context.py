"""What a check may know besides the declarations."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from reconciler.catalogue import Catalogue, Snapshot
from reconciler.config.policies import NO_POLICIES, Policies
from reconciler.task import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    now: datetime  # aware
    timezone: ZoneInfo  # of the scheduler that reads the table
    catalogue: Catalogue | None = None  # None: offline, what needs it is not checked
    attributes_limit: int | None = None  # bytes that the target's column holds; None: no limit
    reader: Reader = "scheduler"
    executors: frozenset[tuple[str, str]] | None = None  # (entity, action) that run here; None: not asked
    kind: Literal["sqlite", "postgresql", "mysql"] | None = None  # of the target; None: not known
    snapshot: Snapshot | None = None  # that the catalogue is of, where it is not the target's own
    policies: Policies = NO_POLICIES
    directory: Path = Path()  # to which files are relative, and the globs of the policies
