"""Files that actions write: whole, or not at all."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from reconciler.actions.run import ActionFailed, Run


@contextmanager
def new_file(run: Run, name: str, suffix: str) -> Iterator[BinaryIO]:
    """A new file in the run's folder, open for bytes: `<name>-<fire time>.<suffix>`.

    It appears there, on the disk, when the block ends, and not at all where the block raises or is killed. No
    file is ever replaced: where that name is taken it is `-2`, and so on. Raises ActionFailed where no folder
    was configured or it cannot be written to. It is no part of the run's transaction.
    """
    if run.folder is None:
        raise ActionFailed("there is no folder to write to; start the scheduler with `--folder DIRECTORY`")
    plain = re.sub(r"[^A-Za-z0-9_.-]", "_", name).lstrip(".-") or "file"
    stem = f"{plain}-{run.fire_time:%Y%m%dT%H%M%SZ}"
    try:
        path, part = _reserve(run.folder, stem, suffix)
    except OSError as error:
        raise ActionFailed(f"no file can be made in {run.folder}: {error.strerror}") from None
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(run.folder)
    run.logger.info("wrote %s", path)


def _reserve(folder: Path, stem: str, suffix: str) -> tuple[Path, Path]:
    """A name that nobody has, and the temporary file that keeps others from it until it is there."""
    number = 1
    while True:
        path = folder / (f"{stem}.{suffix}" if number == 1 else f"{stem}-{number}.{suffix}")
        part = folder / f".{path.name}.part"
        if _is_made(part):
            if not path.exists():
                return path, part
            part.unlink()
        number += 1


def _is_made(path: Path) -> bool:
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    """A rename outlasts a power cut only when the folder is written too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
