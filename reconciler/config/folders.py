"""The directories that speak for a file: its own, and each one above that can hold defaults or overlays."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from reconciler.config.files import DEFAULTS, ENVIRONMENTS, overlays_below


class Folders:
    """Directories by the names under which they are reached from here.

    A task has to say the same whatever paths are given with it: so the directories above a path count too,
    up to the base, which is the repository's root, else the working directory. Outside of that a path that
    is given is the topmost.
    """

    def __init__(self, paths: Iterable[str], base: Path) -> None:
        self.given = [path if os.path.isdir(path) else folder_of(path) for path in paths if path != "-"]
        self.roots = [os.path.realpath(folder) for folder in (str(base), *self.given)]
        self.known: dict[str, tuple[str, ...]] = {}

    def above(self, file: str) -> tuple[str, ...]:
        """The directories of a file, the nearest first."""
        return () if file == "-" else self.from_(folder_of(file))

    def from_(self, folder: str) -> tuple[str, ...]:
        """A directory and those above it."""
        found = self.known.get(folder)
        if found is None:
            parent = _parent(folder)
            found = self.known[folder] = (folder, *(self.from_(parent) if self._covers(parent) else ()))
        return found

    def every(self) -> list[str]:
        """Those of the given paths and of every file that was asked for, each once."""
        for folder in self.given:
            self.from_(os.path.normpath(folder))
        by_place = {os.path.realpath(folder): folder for folder in reversed(self.known)}
        return sorted(by_place.values(), key=os.fsencode)

    def _covers(self, folder: str) -> bool:
        place = os.path.realpath(folder)
        above = os.path.dirname(place) != place  # the topmost of all is its own parent
        return above and any(place == root or place.startswith(root.rstrip("/") + "/") for root in self.roots)


def defaults_above(files: Iterable[str], base: Path) -> str | None:
    """The first `_defaults.yaml` that speaks for one of these files, whether they are there or not yet."""
    folders = Folders((), base)
    above = dict.fromkeys(folder for file in files for folder in folders.above(file))
    candidates = (os.path.normpath(os.path.join(folder, DEFAULTS)) for folder in above)
    return next(filter(os.path.lexists, candidates), None)


def layers_above(paths: Iterable[str], base: Path, environment: str | None) -> Iterator[str]:
    """The defaults, and the overlays of an environment, of the directories of these paths and those above."""
    folders = Folders(paths, base).every()
    candidates = (os.path.normpath(os.path.join(folder, DEFAULTS)) for folder in folders)
    yield from filter(os.path.lexists, candidates)
    for folder, _ in environments(folders).get(environment, ()) if environment else ():
        yield from overlays_below(folder, [])


def folder_of(file: str) -> str:
    return os.path.dirname(os.path.normpath(file)) or "."


def _parent(folder: str) -> str:
    if os.path.basename(folder) in ("..", "."):
        return os.path.normpath(os.path.join(folder, ".."))
    return os.path.dirname(folder) or "."


def place(folder: str) -> str:
    """One name for a directory or a file, however it is reached."""
    return os.path.realpath(folder)


def environments(folders: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """By the name of an environment, its folders, each with the directory for whose tasks it speaks."""
    found: dict[str, list[tuple[str, str]]] = {}
    for folder in folders:
        inside = os.path.normpath(os.path.join(folder, ENVIRONMENTS))
        for name in _listed(inside):
            path = os.path.join(inside, name)
            if os.path.isdir(path):
                found.setdefault(name, []).append((path, folder))
    return found


def _listed(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:  # there is none, or it is closed to us
        return []
