"""What stops a command, drawn once. What is wrong in the user's files is a diagnostic, never one of these.

ReconcilerError            exit 1: an unexpected failure that can be told in one line
  UsageError               exit 64: the command line or `reconcile.yaml` asks for what cannot be
  TargetError              exit 4: the target is not available; nothing was written
  RowMoved                 exit 1: somebody else changed a row between the plan and the write; rolled back
  OutcomeUnknown           exit 5: the connection was lost in the commit and the outcome cannot be learnt
  Declined                 exit 130: somebody was asked whether to apply, and said no
  Interrupted              exit 130: after the commit, which is said
"""

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    OK = 0
    ERRORS = 1
    CHANGES = 2  # of a plan only with --detailed-exitcode; drift
    REFUSED = 3
    TARGET = 4
    UNCERTAIN = 5
    USAGE = 64
    INTERRUPTED = 130


class ReconcilerError(Exception):
    """We cannot go on. The message is one line, for the user, without any secret."""

    exit_code: ClassVar[ExitCode] = ExitCode.ERRORS

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ReconcilerError):
    """The command line or `reconcile.yaml` asks for something that cannot be."""

    exit_code = ExitCode.USAGE


class TargetError(ReconcilerError):
    """The target database is not available, or is not one that we can work on; nothing was written."""

    exit_code = ExitCode.TARGET

    def __init__(self, message: str, *, hint: str | None = None, is_lasting: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.is_lasting = is_lasting  # to try again does not help


class OutcomeUnknown(ReconcilerError):
    """The connection was lost in the commit, and whether it took place cannot be learnt."""

    exit_code = ExitCode.UNCERTAIN


class RowMoved(ReconcilerError):
    """A row was changed by somebody else between the plan and the write; the transaction is rolled back."""


class Declined(ReconcilerError):
    """Somebody was asked whether to apply, and said no."""

    exit_code = ExitCode.INTERRUPTED


class Interrupted(ReconcilerError):
    """Somebody interrupted what was applied already."""

    exit_code = ExitCode.INTERRUPTED
