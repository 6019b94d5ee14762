"""Statements that fail."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from reconciler.database import mysql, postgresql, sqlite
from reconciler.database.target import Target

STATEMENTS = ("fetch", "insert", "insert_tasks", "update_tasks", "delete_tasks", "delete_by")
DIALECTS = {"sqlite": sqlite, "postgresql": postgresql, "mysql": mysql}


class Injected(Exception):
    """What a statement that was to fail raises."""


@contextmanager
def failing_at(number: int, kind: str) -> Iterator[list[str]]:
    """The n-th statement of a run is done, and then fails: as a connection, a disk or a signal may."""
    done: list[str] = []

    def failing(name: str, statement: Any) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            result = statement(*given, **named)
            done.append(name)
            if len(done) == number:
                raise Injected
            return result

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in STATEMENTS:
            patch.setattr(DIALECTS[kind], name, failing(name, getattr(DIALECTS[kind], name)))
        execute = Target.execute
        patch.setattr(Target, "execute", failing("execute", execute))
        yield done
