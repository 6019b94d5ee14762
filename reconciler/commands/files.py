"""Files that are read to a limit, and replaced as a whole or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from reconciler.errors import ReconcilerError, UsageError

SIZE = 512 << 20
"""Bytes that a file of ours may have."""


def read_whole(path: Path, name: str, *, hint: str) -> bytes:
    """What a file holds, which is called `name`: of a device without an end no more than a file may have.

    Raises UsageError.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(SIZE + 1)
    except (OSError, ValueError) as error:  # a NUL in the path
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise UsageError(f"{name} cannot be read: {reason}", hint=hint) from error
    if len(content) > SIZE:
        raise UsageError(f"{name} is larger than {SIZE >> 20} MB", hint=hint)
    return content


def write_anew(path: Path, pieces: Iterable[str]) -> None:
    """Write a text beside the file and put it in its place: a reader sees the old one or the new one.

    The file keeps its mode, and a symbolic link stays one: what it points at is replaced. A pipe or a device
    is written to. Raises ReconcilerError.
    """
    place = Path(os.path.realpath(path))
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8", newline="") as stream:
                stream.writelines(pieces)
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        mode = place.stat().st_mode & 0o7777 if place.exists() else 0o666 & ~_umask()
        with tempfile.NamedTemporaryFile(
            "w", dir=place.parent, prefix=f".{place.name}.", encoding="utf-8", newline="", delete=False
        ) as file:
            try:
                file.writelines(pieces)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
                os.replace(file.name, place)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(file.name)
                raise
    except OSError as error:
        raise ReconcilerError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
