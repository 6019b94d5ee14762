"""Standard streams that are closed, full, or of an encoding that cannot say everything."""

import codecs
import io
import os
import sys
from collections.abc import Iterable

from reconciler.errors import ReconcilerError

ESCAPE = "reconciler-escape"
"""A codec's error handler: what an encoding lacks is written as JSON escapes it, `\\u00e9`."""


def prepare_streams() -> None:
    """A closed stream takes and gives nothing, and no character is too strange to be shown."""
    codecs.register_error(ESCAPE, _escaped)
    sys.stdin = sys.stdin or _nothing("r")
    sys.stdout = sys.stdout or _nothing("w")
    sys.stderr = sys.stderr or _nothing("w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ESCAPE)


def print_text(text: str) -> None:
    """To stdout, at once. A reader that has seen enough is no failure; a full disk is.

    Raises ReconcilerError.
    """
    print_pieces((text,))


def print_pieces(pieces: Iterable[str]) -> None:
    """The same for a text that is made piece by piece."""
    try:
        sys.stdout.writelines(pieces)
        sys.stdout.flush()
    except BrokenPipeError:
        close_stdout()
    except OSError as error:
        close_stdout()
        raise ReconcilerError(f"cannot write to standard output: {error.strerror}") from None


def close_stdout() -> None:
    """What Python still holds for stdout goes nowhere; else it would complain once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _nothing(mode: str) -> io.TextIOWrapper:
    stream = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115 - lives as long as the program
    assert isinstance(stream, io.TextIOWrapper)
    return stream


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    pairs = (units[at : at + 2] for at in range(0, len(units), 2))
    return "".join(f"\\u{int.from_bytes(pair, 'big'):04x}" for pair in pairs), error.end
