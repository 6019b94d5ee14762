"""A connection that is opened when it is wanted, and anew after it broke. One thread uses it."""

import contextlib
from collections.abc import Iterator

from reconciler.database.target import LOCK_TIMEOUT, Target, connect
from reconciler.database.urls import TargetUrl
from reconciler.errors import ReconcilerError


class Link:
    """Timeouts are seconds, as those of `connect`."""

    def __init__(
        self, url: TargetUrl, lock_timeout: float = LOCK_TIMEOUT, *, answer_timeout: float | None = None
    ) -> None:
        self.url = url
        self._lock_timeout = lock_timeout
        self._answer_timeout = answer_timeout
        self._open = contextlib.ExitStack()
        self._target: Target | None = None

    @contextlib.contextmanager
    def target(self) -> Iterator[Target]:
        """The connection; whatever of the database's fails within the block closes it. Raises TargetError."""
        try:
            if self._target is None:
                opened = connect(
                    self.url,
                    read_only=False,
                    lock_timeout=self._lock_timeout,
                    answer_timeout=self._answer_timeout,
                )
                self._target = self._open.enter_context(opened)
            yield self._target
        except ReconcilerError:
            self.close()
            raise

    def close(self) -> None:
        """Close it, in whatever state it is; the next use opens another."""
        self._target = None
        with contextlib.suppress(Exception):  # it may be broken in any way, and is not used again
            self._open.close()
