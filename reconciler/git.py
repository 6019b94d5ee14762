"""Where the files come from: the repository, its commit, what is uncommitted. All of it may be unknown."""

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """The working directory as git sees it; outside of a repository everything is None or False."""

    root: Path | None = None
    commit: str | None = None
    dirty: bool = False
    repository: str | None = None  # the remote without credentials, else the root commit; None: not known
    is_shallow: bool = False
    is_refused: bool = False  # there is a repository, but git is not here or will not tell of it

    def recorded(self, file: str, directory: Path) -> str:
        """The path under which a file is recorded: relative to the root, else to the working directory."""
        if file == "-":
            return file
        path = os.path.realpath(directory / file)
        base = self.root or os.path.realpath(directory)
        return _as_text(os.path.relpath(path, base))


def _as_text(path: str) -> str:
    """A name of any bytes as text that can be kept and compared."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


OUTSIDE = Checkout()


def checkout(directory: Path, paths: Sequence[str] = ()) -> Checkout:
    """Asks git about a directory; OUTSIDE where there is no repository, or no git.

    `dirty` speaks of the given paths (none: of everything): what is uncommitted there, new files included.
    """
    answer = _git(directory, "rev-parse", "--show-toplevel", "--is-shallow-repository")
    if answer is None:
        return _without_git(directory)
    root, shallow = answer.splitlines()[:2]
    is_shallow = shallow == "true"
    remote = _git(directory, "config", "--get", "remote.origin.url")
    return Checkout(
        root=Path(root),
        commit=_git(directory, "rev-parse", "--verify", "--quiet", "HEAD"),
        dirty=_is_dirty(directory, Path(root), paths),
        repository=same_form(remote) if remote else _root_commit(directory, is_shallow),
        is_shallow=is_shallow,
    )


def _without_git(directory: Path) -> Checkout:
    """A repository that git does not tell of: files are recorded under its root all the same."""
    for folder in (directory.absolute(), *directory.absolute().parents):
        if (folder / ".git").exists():
            return Checkout(root=folder.resolve(), is_refused=True)
    return OUTSIDE


def _is_dirty(directory: Path, root: Path, paths: Sequence[str]) -> bool:
    here = os.path.realpath(root)
    inside = [path for path in paths if path != "-" and _lies_in(os.path.realpath(directory / path), here)]
    if paths and not inside:
        return False
    return bool(_git(directory, "--literal-pathspecs", "status", "--porcelain", "--", *inside))


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def same_form(url: str) -> str:
    """One text for the ssh and https forms of a remote, without credentials: `host/path`.

    >>> same_form("git@example.com:ops/tasks.git") == same_form("https://ann:pw@example.com/ops/tasks")
    True
    """
    text = url.strip().removesuffix("/").removesuffix(".git")
    if scheme := re.fullmatch(r"[a-z+]+://(?:[^/@]*@)?([^/]*)/+(.*)", text):
        host, path = scheme.groups()
        return f"{host.split(':')[0].lower()}/{path}" if host else f"/{path}"
    if scp := re.fullmatch(r"(?:[^/@]*@)?([^/:]+):/*(.*)", text):
        return f"{scp[1].lower()}/{scp[2]}"
    return text


def _root_commit(directory: Path, is_shallow: bool) -> str | None:
    """The first commit names a repository without a remote; a shallow clone does not hold it."""
    if is_shallow:
        return None
    roots = _git(directory, "rev-list", "--max-parents=0", "HEAD")
    return min(roots.split()) if roots else None


def _git(directory: Path, *arguments: str) -> str | None:
    """What git prints, or None where it fails or is not there."""
    try:
        done = subprocess.run(
            ("git", "-C", str(directory), *arguments),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except (OSError, ValueError):  # no git here, or a NUL in a path
        return None
    return done.stdout.strip() if done.returncode == 0 else None
