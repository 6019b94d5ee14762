"""What is asked of the pipeline, with every default decided."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from reconciler.catalogue import Snapshot
from reconciler.config import NO_POLICIES, Allowed, Policies, Setting
from reconciler.planning.freezes import Frozen
from reconciler.planning.guards import Guards
from reconciler.planning.scope import Prune
from reconciler.planning.selection import EVERYTHING, Selection
from reconciler.task import Reader

Watch = Callable[[str], None]
"""Told what begins: for a progress bar or a log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who applies, from which machine, by whose clock and with whose new ids."""

    who: str
    host: str
    clock: Callable[[], datetime]  # aware
    new_ids: Callable[[int], Sequence[bytes]]  # so many UUIDv7s, 16 bytes each


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    paths: tuple[str, ...]
    directory: Path  # to which the paths are relative
    stdin: BinaryIO | None
    owner: str
    env: str | None  # the environment whose overlays are laid over the tasks
    listed_envs: tuple[str, ...]  # those that reconcile.yaml knows
    variables: Allowed = field(repr=False)  # that `!env` may name, with their values: secrets
    now: datetime  # aware; the moment from which schedules are judged
    timezone: ZoneInfo  # of the scheduler that reads the table
    prune: Prune
    guards: Guards
    selection: Selection = EVERYTHING
    reader: Reader
    executors: frozenset[tuple[str, str]] | None  # (entity, action) that are installed; None: not asked
    notes: tuple[str, ...]  # what was found out on the way, and the user should know
    is_strict: bool
    rules: Mapping[str, Setting] = field(default_factory=dict)  # by code, how severe
    policies: Policies = NO_POLICIES
    snapshot: Snapshot | None = None  # to check against where there is no target
    frozen: Frozen | None = None  # the freeze that is on
    during_freeze: str | None = None  # why an apply cannot wait for its end
    lock_timeout: float  # seconds
    keep_history: timedelta  # plans of applies are forgotten after it
    watch: Watch
    author: Author
