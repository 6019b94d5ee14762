"""Files that are replaced as a whole or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from reconciler.errors import ReconcilerError


def write_anew(path: Path, pieces: Iterable[str]) -> None:
    """Write a text beside the file and put it in its place: a reader sees the old one or the new one.

    The file keeps its mode, and a symbolic link stays one: what it points at is replaced. Raises
    ReconcilerError.
    """
    place = Path(os.path.realpath(path))
    try:
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
