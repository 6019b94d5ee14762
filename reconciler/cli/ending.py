"""How the program ends: an exit code for each way, and one line on stderr where something is to be said."""

import contextlib
import errno
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from reconciler import __version__
from reconciler.cli.streams import close_stdout
from reconciler.errors import ExitCode, ReconcilerError


@contextlib.contextmanager
def ending(program: str = "reconcile") -> Iterator[None]:
    """Turns what went wrong into one line and an exit code; never a traceback on the screen."""
    try:
        yield
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.UsageError as error:
        _translated(error).show()
        sys.exit(ExitCode.USAGE)
    except (KeyboardInterrupt, click.Abort):
        say(program, "interrupted; nothing is half-written")
        sys.exit(ExitCode.INTERRUPTED)
    except ReconcilerError as error:
        say(program, error.message, hint=error.hint)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        close_stdout()
        sys.exit(ExitCode.ERRORS)
    except Exception as error:
        say(program, _unwritten(error) or f"unexpected failure ({type(error).__name__}); {_told(error)}")
        sys.exit(ExitCode.ERRORS)


ELSEWHERE = {
    **dict.fromkeys(("--auto-approve", "--approve", "--doit", "--assume-yes"), "--yes"),
    **dict.fromkeys(("-n", "--check", "--diff", "--noop", "--plan"), "--dry-run"),
    **dict.fromkeys(("-t", "--target"), "--only"),
    "-V": "--version",
}
"""The options of other tools, and ours for the same."""


def _translated(error: click.UsageError) -> click.UsageError:
    """With what an option of other tools is called here."""
    if not isinstance(error, click.NoSuchOption) or error.ctx is None:
        return error
    name, parameters = error.option_name, error.ctx.command.get_params(error.ctx)
    known = {option for one in parameters for option in one.opts}
    if name in ("-f", "--file", "--filename") and known & {"paths", "file", "--dry-run"}:
        return click.NoSuchOption(name, f"{error.message} A file is named without one.", ctx=error.ctx)
    if ELSEWHERE.get(name) in known:
        return click.NoSuchOption(name, possibilities=[ELSEWHERE[name]], ctx=error.ctx)
    return error


def _unwritten(error: Exception) -> str | None:
    """What is wrong where `--help` finds no room; of a report it was told already."""
    if not isinstance(error, OSError) or error.errno != errno.ENOSPC or error.filename is not None:
        return None
    close_stdout()
    return f"cannot write to standard output: {error.strerror}"


def _told(error: Exception) -> str:
    try:
        return f"details are in {_write_crash_log(error, os.environ, datetime.now(UTC))}"
    except OSError as reason:
        return f"details could not be written: {reason.strerror}"


def _write_crash_log(error: Exception, environ: Mapping[str, str], now: datetime) -> Path:
    """The traceback, below the user's state directory. Raises OSError.

    Neither a statement's parameters nor a URL's password get there: of an exception only its type is written,
    and of each frame only where it stands.
    """
    home = Path(environ.get("XDG_STATE_HOME") or Path(environ.get("HOME") or "/tmp", ".local", "state"))
    log = home / "task-reconciler" / f"crash-{now:%Y%m%dT%H%M%SZ}-{os.getpid()}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    versions = f"task-reconciler {__version__}, Python {sys.version}"
    log.touch(mode=0o600)
    log.write_text(f"{versions}\n\n{_frames(error)}", encoding="utf-8")
    return log


def _frames(error: BaseException | None) -> str:
    texts = []
    while error is not None:
        frames = "".join(traceback.format_tb(error.__traceback__))
        texts.append(f"{type(error).__module__}.{type(error).__qualname__}\n{frames}")
        error = error.__cause__ or error.__context__
    return "\ncaused by\n\n".join(texts)


def say(program: str, message: str, hint: str | None = None) -> None:
    """One line on stderr, and the hint."""
    with contextlib.suppress(OSError):  # nowhere is left to say it
        click.echo(f"{program}: {_one_line(message)}", err=True)
        if hint:
            click.echo(f"  hint: {_one_line(hint)}", err=True)


def _one_line(text: str) -> str:
    """What a server said may hold anything."""
    words = " ".join(text.split())
    return "".join(character if character.isprintable() else "?" for character in words)
