"""For tests of actions: a run that no scheduler started."""

import logging
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from reconciler.actions.run import Run
from reconciler.catalogue import User
from reconciler.task import Row

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def make_run(
    connection: Connection,
    *,
    entity: str = "world",
    name: str = "test",
    email: str = "tester@example.com",
    groups: tuple[str, ...] = ("users",),
    fire_time: datetime = NOON,
    folder: Path | None = None,
) -> Run:
    """A run of the action `name` on `entity`; nothing of it is in the database.

    To begin, commit and roll back is the test's part.
    """
    return Run(
        run_id=str(uuid.UUID(int=0)),
        task=Row(
            id=1,
            reference_id=bytes(16),
            version=1,
            name=name,
            schedule="0 12 * * *",
            entity_name=entity,
            action_name=name,
            as_user_id=1,
            as_user_email=email,
            active=True,
            job_type="",
            attributes="{}",
        ),
        user=User(id=1, email=email),
        groups=groups,
        fire_time=fire_time,
        connection=connection,
        logger=logging.LoggerAdapter(logging.getLogger("task-scheduler"), {}),
        cancelled=threading.Event(),
        folder=folder,
    )
