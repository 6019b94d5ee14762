"""`task-scheduler` with a command, in this process."""

import contextlib
import io
import logging
import signal
from pathlib import Path

from reconciler.cli.scheduler import run
from tests.behaviour.program import Ended
from tests.databases import Database


def task_scheduler(database: Database, *words: str | Path) -> Ended:
    out, err = io.StringIO(), io.StringIO()
    log, on_term = logging.getLogger("task-scheduler"), signal.getsignal(signal.SIGTERM)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            run([str(words[0]), "--database-url", database.url, *map(str, words[1:])])
    except SystemExit as end:
        code = end.code
        assert isinstance(code, int)
        return Ended(code=code, out=out.getvalue(), err=err.getvalue())
    finally:
        signal.signal(signal.SIGTERM, on_term)
        log.handlers.clear()


def run_now(database: Database, name: str, *words: str | Path) -> Ended:
    """With the actions of the tests."""
    return task_scheduler(database, "run", name, "--actions", "tests.scheduler.acts", *words)
