"""Who stands behind each change of a plan, and what a delete ends: asked for changes only, never for a task.

A task costs nothing here, a file with changes one question to git, and all deletes together two.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import chain

from reconciler import git
from reconciler.causes.lines import Files, Source, said_of, sources_of
from reconciler.config.declarations import Declaration
from reconciler.database.history import tally_runs
from reconciler.database.target import Target
from reconciler.git import Blame, Checkout, Lines
from reconciler.planning.changes import Action, Change, Plan
from reconciler.report.plan import Cause

MOST = 500
"""Changes of a plan that are looked into: more than anybody reads."""

LARGEST = 2_000_000
"""Characters of a file that is looked into: git takes seconds for the history of a larger one."""

MOST_FILES = 50
"""Files with changes that are looked into, the first by name: each takes a question to git."""

MOST_ASKED = 20
"""Tasks of a file of which git is asked one by one."""

RECENT = timedelta(days=30)

Causes = Mapping[tuple[Action, str], Cause]
"""By action and name of the change."""


def find_causes(plan: Plan, files: Files, target: Target, now: datetime) -> tuple[Causes, tuple[str, ...]]:
    """The causes of a plan's changes, of those that are refused or wait too; and what is not told."""
    changes = plan.every_change
    if not changes:
        return {}, ()
    if len(changes) > MOST:
        return {}, (f"Who stands behind more than {MOST} changes is not told.",)
    blames, notes = _blames(changes, files)
    causes = {key: Cause(blame=blame) for key, blame in blames.items()}
    for change in changes:
        if change.action == "delete":
            causes.setdefault(_key(change), Cause())
    return _with_runs(causes, changes, target, now), notes


def blame_of(declaration: Declaration, files: Files) -> Blame | None:
    """The commit that last touched the lines that say something of a task."""
    if files.checkout.commit is None:
        return None
    sources = said_of(declaration, files)
    blames = _asked(sources, files)
    own, *others = (blames.get(one) for one in sources)
    return own and git.newest(files.checkout, [own, *filter(None, others)])


def _key(change: Change) -> tuple[Action, str]:
    return change.action, change.name


def _blames(
    changes: Sequence[Change], files: Files
) -> tuple[Mapping[tuple[Action, str], Blame], tuple[str, ...]]:
    if files.checkout.root is None or files.checkout.commit is None:
        return {}, ()
    by_file: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        if change.desired is not None and change.reason != "drift":
            by_file[change.desired.file].append(change)
    large = sorted(by_file.keys() & _large(files))
    looked_into = sorted(by_file.keys() & files.texts.keys() - set(large))
    asked = [one for file in looked_into[:MOST_FILES] for one in by_file[file]]
    found = {_key(one): blame for one, blame in _declared(asked, files)}
    removed = [one for one in changes if one.desired is None and one.reason == "removed"]
    found |= {_key(one): blame for one, blame in _removed(removed, files.checkout)}
    notes = [f"Who wrote what in {file} is not told: it is too large." for file in large]
    if len(looked_into) > MOST_FILES:
        notes.append(f"Who wrote what is told of the first {MOST_FILES} files with changes only.")
    return found, tuple(notes)


def _large(files: Files) -> set[str]:
    return {file for file, text in files.texts.items() if len(text) > LARGEST}


def _declared(changes: Sequence[Change], files: Files) -> Iterator[tuple[Change, Blame]]:
    """The latest commit that touched the lines of a change, each file asked for once."""
    sources = sources_of(changes, files)
    blames = _asked(chain.from_iterable(sources), files)
    history = _History(files)
    for change, some in zip(changes, sources, strict=True):
        known = [(one, blame) for one in some if (blame := blames.get(one))]
        if known:
            yield change, history.latest(change, known)


def _asked(sources: Iterable[Source], files: Files) -> Mapping[Source, Blame]:
    """The latest commit of the lines of each source; nothing of a file that is too large."""
    wanted: dict[str, list[Lines]] = defaultdict(list)
    for one in dict.fromkeys(sources):
        wanted[one.file].append(one.lines)
    return {
        Source(file=file, lines=lines): blame
        for file in wanted.keys() - _large(files)
        for lines, blame in git.blame(files.checkout, file, wanted[file]).items()
    }


class _History:
    """What git tells of the time since a task was applied; each question is asked once."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._asked: Counter[str] = Counter()
        self._commits = cache(partial(git.commits_since, files.checkout))
        self._layers = cache(self._latest_of_layers)

    def latest(self, change: Change, known: Sequence[tuple[Source, Blame]]) -> Blame:
        """Of these commits the latest since the last apply.

        Where all are older, something was taken out, and no line tells by which commit.
        """
        checkout = self._files.checkout
        newest = git.newest(checkout, [blame for _, blame in known])
        since = change.record.commit if change.record and change.action in ("update", "rename") else None
        if since is None:
            return newest
        recent = [blame for source, blame in known if self._is_since(source.file, blame, since)]
        return git.newest(checkout, recent) if recent else self._taken_out(known[0][0], since) or newest

    def _is_since(self, file: str, blame: Blame, since: str) -> bool:
        commits = self._commits(file, since) if blame.commit else None
        return commits is None or blame.commit in commits

    def _taken_out(self, source: Source, since: str) -> Blame | None:
        file, (first, last) = source.file, source.lines
        self._asked[file] += 1
        if self._asked[file] > MOST_ASKED:
            return None
        wider = (first, last + 1)  # what was taken out at the end stood before the next line
        later = git.latest(self._files.checkout, file, wider, since) or self._layers(file, since)
        if later is None and self._files.checkout.dirty and not self._commits(file, since):
            return git.UNCOMMITTED
        return later

    def _latest_of_layers(self, file: str, since: str) -> Blame | None:
        return git.latest_of(self._files.checkout, self._files.layers_above(file), since)


def _removed(changes: Sequence[Change], checkout: Checkout) -> Iterator[tuple[Change, Blame]]:
    """The latest commit that took out a line `Name:` with the name, of the file that declared the task."""
    records = [one.record for one in changes if one.record is not None]
    files = sorted({record.file for record in records if record.file != "-"})
    commits = {record.commit for record in records}
    since = commits.pop() if len(commits) == 1 else None
    wanted = {change.name: change for change in changes}
    for blame, line in git.removed_lines(checkout, files, since) if files else ():
        change = wanted.pop(_name_in(line), None)
        if change is not None:
            yield change, blame


_NAME = re.compile(r"""(?:^|[\s{,])["']?Name["']?\s*:\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^"'#\s].*)""")
_END = {True: re.compile(r"\s*(?:[,}]|\s#).*"), False: re.compile(r"\s+#.*")}
"""What ends a plain value, in braces and on a line of its own."""


def _name_in(line: str) -> str:
    """The name that a line of YAML gives; empty where it gives none."""
    match = _NAME.search(line)
    if match is None:
        return ""
    value = match[1]
    if value.startswith("'"):
        return value[1:-1].replace("''", "'")
    if value.startswith('"'):
        try:
            return str(json.loads(value))
        except ValueError:  # an escape of YAML that JSON does not have
            return ""
    return _END["{" in line[: match.start(1)]].sub("", value).strip()


def _with_runs(causes: Causes, changes: Sequence[Change], target: Target, now: datetime) -> Causes:
    deleted = {one.row.reference_id: one for one in changes if one.action == "delete" and one.row is not None}
    if not deleted:
        return causes
    tallies = tally_runs(target, list(deleted), now - RECENT)
    if tallies is None:
        return causes
    runs = {
        _key(change): replace(causes[_key(change)], last_run=tallies[key].last, runs=tallies[key].recent)
        for key, change in deleted.items()
    }
    return {**causes, **runs}
