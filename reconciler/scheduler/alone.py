"""On SQLite one scheduler at a time: a lock on a file beside the database, which goes with the process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from reconciler.database.urls import TargetUrl
from reconciler.errors import TargetError


@contextmanager
def alone(url: TargetUrl) -> Iterator[None]:
    """Hold the lock. Raises TargetError where another process does.

    The database file itself is never opened for it: closing it again would drop SQLite's own locks.
    """
    path = f"{url.path}-scheduler"
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise TargetError(f"cannot make the lock file {path}: {error.strerror}") from None
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise TargetError(
                f"another task-scheduler runs on {url.display}",
                hint="SQLite takes one scheduler; several need PostgreSQL or MariaDB",
            ) from None
        yield
    finally:
        os.close(file)
