"""Where the files come from: the repository, its commit, what is uncommitted. All of it may be unknown."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

PATIENCE = 20.0
"""Seconds for which a question about the history may take: then it has no answer."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Blame:
    """The commit that something goes back to; all of it None: to nothing that is committed yet."""

    commit: str | None = None
    author: str | None = None
    at: datetime | None = None  # when it was committed
    subject: str | None = None


UNCOMMITTED = Blame()

Lines = tuple[int, int]
"""The first and the last of a span of lines, from 1."""


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


def find_root(directory: Path) -> Path | None:
    """The root of the repository that a directory is in, without asking git; None where it is in none."""
    above = (directory.absolute(), *directory.absolute().parents)
    return next((folder.resolve() for folder in above if (folder / ".git").exists()), None)


def _without_git(directory: Path) -> Checkout:
    """A repository that git does not tell of: files are recorded under its root all the same."""
    root = find_root(directory)
    return Checkout(root=root, is_refused=True) if root else OUTSIDE


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


def blame(checkout: Checkout, file: str, spans: Sequence[Lines]) -> Mapping[Lines, Blame]:
    """The newest commit among the lines of each span of a file, by its path from the root.

    The file is taken as it stands in the working directory. A span is left out where git cannot tell: a
    shallow clone does not know what came before it.
    """
    ranges = [f"-L{first},{last}" for first, last in sorted(set(spans))]
    if checkout.root is None or not ranges:
        return {}
    known = () if checkout.is_shallow else ("--root",)  # the first commit is no boundary there
    words = ("blame", "--porcelain", *known, "--no-textconv", *ranges, "--", file)
    told = _git(checkout.root, *words, patience=PATIENCE)
    if told is None:
        return dict.fromkeys(spans, UNCOMMITTED) if _is_new(checkout.root, file) else {}
    commits, lines, unknown = _porcelain(told)
    ranks = _ranks(checkout.root, file, commits)
    found: dict[Lines, Blame] = {}
    for first, last in spans:
        ids = {lines[line] for line in range(first, last + 1) if line in lines}
        if ids and not ids & unknown:
            found[first, last] = commits[max(ids, key=lambda one: ranks[one])]
    return found


def _is_new(root: Path, file: str) -> bool:
    """Whether a file is there that the last commit does not have."""
    found = _git(root, "--literal-pathspecs", "ls-tree", "--name-only", "HEAD", "--", file, patience=PATIENCE)
    return found == "" and "\0" not in file and (root / file).is_file()


def _ranks(root: Path, file: str, commits: Mapping[str, Blame]) -> Mapping[str, tuple[datetime, int]]:
    """What is later has more. After a rebase many commits are of one second: then git sorts them."""
    moments = {one: commit.at or _LATEST for one, commit in commits.items()}
    if len(set(moments.values())) == len(moments):
        return {one: (at, 0) for one, at in moments.items()}
    told = _git(root, "rev-list", "--topo-order", "--reverse", "HEAD", "--", file, patience=PATIENCE) or ""
    order = {one: number for number, one in enumerate(told.split())}
    return {one: (at, order.get(one, -1)) for one, at in moments.items()}


_LATEST = datetime.max.replace(tzinfo=UTC)
_HEADER = re.compile(r"([0-9a-f]{40,64}) \d+ (\d+)(?: \d+)?")


def _porcelain(told: str) -> tuple[Mapping[str, Blame], Mapping[int, str], set[str]]:
    """The commits by their ids, the id of each line, and the ids beyond which nothing is known."""
    said: dict[str, dict[str, str]] = {}
    lines: dict[int, str] = {}
    commit = ""
    for text in told.split("\n"):  # not at every line break of Unicode: a subject may hold one
        if header := _HEADER.fullmatch(text):
            commit = header[1]
            lines[int(header[2])] = commit
            said.setdefault(commit, {})
        elif not text.startswith("\t"):
            key, _, value = text.partition(" ")
            said[commit].setdefault(key, value)
    commits = {commit: _blame(commit, words) for commit, words in said.items()}
    return commits, lines, {commit for commit, words in said.items() if "boundary" in words}


def _blame(commit: str, words: Mapping[str, str]) -> Blame:
    if not commit.strip("0"):
        return UNCOMMITTED
    at = _at(words["committer-time"])
    return Blame(commit=commit, author=words["author"], at=at, subject=words["summary"])


def _at(seconds: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):  # a clock that was wrong beyond all measure
        return datetime.min.replace(tzinfo=UTC)


def newest(checkout: Checkout, blames: Sequence[Blame]) -> Blame:
    """The latest of some, which are at least one; what is not committed yet is later than any commit."""
    moments = [one.at or _LATEST for one in blames]
    last = [one for one, at in zip(blames, moments, strict=True) if at == max(moments)]
    ids = dict.fromkeys(one.commit for one in last if one.commit)
    if checkout.root is None or len(ids) < 2:
        return last[0]
    words = ("rev-list", "--topo-order", "--max-count=1", *ids)  # of one second: then git sorts them
    told = _git(checkout.root, *words, patience=PATIENCE)
    return next((one for one in last if one.commit == told), last[0])


def commits_since(checkout: Checkout, file: str, since: str) -> frozenset[str] | None:
    """The commits after one that touched a file; None where git does not know that one."""
    if checkout.root is None:
        return None
    told = _git(checkout.root, "rev-list", f"{since}..HEAD", "--", file, patience=PATIENCE)
    return None if told is None else frozenset(told.split())


def latest(checkout: Checkout, file: str, lines: Lines, since: str) -> Blame | None:
    """The latest commit after `since` that changed something within these lines, or took some out.

    The lines are those of the last commit, not of the working directory.
    """
    if checkout.root is None:
        return None
    span = f"-L{lines[0]},{lines[1]}:{file}"
    words = ("log", "--no-patch", "--max-count=1", f"--format={_FORMAT}", "--no-textconv", span)
    told = _git(checkout.root, *words, f"{since}..HEAD", patience=PATIENCE)
    return _committed(told) if told else None


def latest_of(checkout: Checkout, paths: Sequence[str], since: str) -> Blame | None:
    """The latest commit after `since` that touched one of these files or folders, there or not."""
    if checkout.root is None:
        return None
    words = ("--literal-pathspecs", "log", "--no-patch", "--max-count=1", f"--format={_FORMAT}")
    told = _git(checkout.root, *words, f"{since}..HEAD", "--", *paths, patience=PATIENCE)
    return _committed(told) if told else None


def removed_lines(checkout: Checkout, files: Sequence[str], since: str | None) -> Iterator[tuple[Blame, str]]:
    """Each line that was taken out of these files, the latest first, and by which commit.

    They are looked for in what is not committed yet, then in the commits after `since`, at most THE_LAST.
    Merges are passed over: what they bring was taken out by a commit of their own.
    """
    if checkout.root is None or not files:
        return
    patch = ("-U0", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames")
    diff = ("--literal-pathspecs", "diff", *patch, "HEAD", "--", *files)
    yield from _removed(_git(checkout.root, *diff, patience=PATIENCE) or "")
    log = ("--literal-pathspecs", "log", "--patch", *patch, f"--format={_FORMAT}", f"--max-count={THE_LAST}")
    revision = f"{since}..HEAD" if since else "HEAD"
    yield from _removed(_git(checkout.root, *log, revision, "--", *files, patience=PATIENCE) or "")


THE_LAST = 1000
_FORMAT = "%x00%H%x00%an%x00%ct%x00%s"


def _committed(text: str) -> Blame:
    """Of a line of _FORMAT."""
    commit, author, seconds, subject = text[1:].split("\0", 3)
    return Blame(commit=commit, author=author, at=_at(seconds), subject=subject)


def _removed(patch: str) -> Iterator[tuple[Blame, str]]:
    current = UNCOMMITTED
    for text in patch.split("\n"):
        if text.startswith("\0"):
            current = _committed(text)
        elif text.startswith("-") and not text.startswith("--- "):
            yield current, text[1:]


def _git(directory: Path, *arguments: str, patience: float | None = None) -> str | None:
    """What git prints, or None where it fails, is not there, or takes longer than so many seconds."""
    try:
        done = subprocess.run(
            ("git", "-C", str(directory), *arguments),
            capture_output=True,
            check=False,
            timeout=patience,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):  # no git here, or a NUL in a path
        return None
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else None
