"""The lock of an apply, and its transaction: lock, then begin, then read."""

from collections.abc import Iterator
from contextlib import contextmanager

from reconciler.database.bookkeeping import prepare
from reconciler.database.failures import failure
from reconciler.database.statements import marked
from reconciler.database.target import (
    Rows,
    Statement,
    Target,
    explain,
    lost_connections_passed_over,
    roll_back,
    worded,
)
from reconciler.errors import OutcomeUnknown, TargetError


@contextmanager
def locked(target: Target, timeout: float) -> Iterator[None]:
    """Hold the lock that every apply takes, before any snapshot is made.

    On SQLite the lock is the write transaction, which the commit ends; on the servers it lasts until the end
    of the block. Raises TargetError after `timeout` seconds, with who holds it where the database tells.
    """
    try:
        with worded(target.url):
            target.dialect.lock(target, timeout)
    except TargetError as error:
        raise _with_holder(target, timeout, error) from None
    try:
        yield
    finally:
        roll_back(target)
        with lost_connections_passed_over(target):
            target.dialect.unlock(target)


def _with_holder(target: Target, timeout: float, error: TargetError) -> TargetError:
    with lost_connections_passed_over(target):
        if holder := target.dialect.holder(target):
            message = f"{target.display} is locked: after {timeout:g} s it is still held by {holder}"
            return TargetError(message, hint=error.hint)
    return error


@contextmanager
def transaction(target: Target) -> Iterator[None]:
    """Begin, with the bookkeeping in place, and commit at the end of the block, as `atomic` does."""
    if target.dialect.DEFINITIONS_COMMIT:
        prepare(target)
    with atomic(target):
        prepare(target)
        yield


@contextmanager
def atomic(target: Target) -> Iterator[None]:
    """Begin, and commit at the end of the block.

    Any exception rolls back; `roll_back` within the block does so too, and then nothing is committed. Raises
    OutcomeUnknown where the connection is lost in the commit: what was written last can tell.
    """
    try:
        with worded(target.url):
            target.dialect.begin(target)
            yield
    except BaseException:
        roll_back(target)
        raise
    if target.dialect.in_transaction(target):
        with _committing(target):
            target.execute("COMMIT")


def begin_after(target: Target, change: Statement, question: Statement) -> Rows | None:
    """Change one row and commit that; then begin a transaction, and ask a question in it.

    One round trip where the database can, once it has prepared them. None: no row was changed, and no
    transaction begun. Where it raises TargetError, a transaction may be left open. Placeholders are `%s`.
    """
    with worded(target.url):
        return target.dialect.begin_after(target, _marked(target, change), _marked(target, question))


def commit_after(target: Target, change: Statement) -> bool:
    """Change one row more, and commit: one round trip where the database can.

    False: no row was changed, and all of the transaction was rolled back. Raises OutcomeUnknown as `atomic`
    does. Placeholders are `%s`.
    """
    with _committing(target):
        return target.dialect.commit_after(target, _marked(target, change))


def _marked(target: Target, statement: Statement) -> Statement:
    text, parameters = statement
    return marked(target, text), parameters


@contextmanager
def _committing(target: Target) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        explained = explain(target.url, error)
        if explained is None:
            raise
        cause, detail = explained
        if cause in ("lost", "unreachable"):
            message = f"the connection to {target.display} was lost in the commit: {detail}"
            raise OutcomeUnknown(message, hint="plan again: it shows whether the apply took place") from None
        roll_back(target)
        raise failure(cause, target.display, detail) from None
