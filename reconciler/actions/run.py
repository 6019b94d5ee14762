"""What an action is given: the run that it is part of."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from reconciler.catalogue import User
from reconciler.task import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of an action.

    What is done with `connection` is committed together with the run's success, or not at all. Do not commit
    or roll back: a run that ends its own transaction fails. A long action looks at `cancelled` now and then.
    """

    run_id: str  # UUID
    task: Row
    user: User  # as whom it runs
    groups: tuple[str, ...]  # names of the user's groups
    fire_time: datetime  # the moment that was due, in UTC; of a manual run, when it was asked for
    connection: Connection
    logger: logging.LoggerAdapter[logging.Logger]
    cancelled: threading.Event  # set when the run has timed out or the scheduler ends
    folder: Path | None = None  # where actions may write files; None: nowhere was configured


Function = Callable[[Run, Mapping[str, Any]], None]
"""An action: the run, and the task's attributes. Whatever it raises fails the run."""

ActionKey = tuple[str, str]
"""The names of the entity and of the action."""


class ActionFailed(Exception):
    """What an action raises to fail with one line for the log and the history, without a traceback."""
