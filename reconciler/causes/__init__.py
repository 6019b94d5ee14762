"""Who stands behind each change of a plan, and what a delete ends: asked for changes only, never for a task.

A task costs nothing here, a file with changes one question to git, and all deletes together two.
"""

import json
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial

from reconciler import git
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What was read, by the path that is recorded for it."""

    checkout: Checkout
    texts: Mapping[str, str]
    declarations: Sequence[Declaration]
    recorded: Mapping[str, str]  # by the path that was given


def find_causes(plan: Plan, files: Files, target: Target, now: datetime) -> tuple[Causes, tuple[str, ...]]:
    """The causes of a plan's changes, of those that are refused or wait too; and what is not told."""
    changes = _every(plan)
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
    """The commit that last touched the lines of a task."""
    file = files.recorded[declaration.file]
    if files.checkout.commit is None or file in _large(files):
        return None
    span = _blocks((file,), files)[file][declaration.line]
    return git.blame(files.checkout, file, [span]).get(span)


def _every(plan: Plan) -> list[Change]:
    refused = [one.change for one in plan.blocked if one.change is not None]
    return [*plan.changes, *refused, *(held.change for held in plan.held if held.change)]


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
    found = {
        _key(one): blame
        for one, blame in _declared({file: by_file[file] for file in looked_into[:MOST_FILES]}, files)
    }
    removed = [one for one in changes if one.desired is None and one.reason == "removed"]
    found |= {_key(one): blame for one, blame in _removed(removed, files.checkout)}
    notes = [f"Who wrote what in {file} is not told: it is too large." for file in large]
    if len(looked_into) > MOST_FILES:
        notes.append(f"Who wrote what is told of the first {MOST_FILES} files with changes only.")
    return found, tuple(notes)


def _large(files: Files) -> set[str]:
    return {file for file, text in files.texts.items() if len(text) > LARGEST}


def _declared(by_file: Mapping[str, Sequence[Change]], files: Files) -> Iterator[tuple[Change, Blame]]:
    """The commit that last touched the lines of a task, file by file."""
    blocks = _blocks(by_file, files)
    for file, changes in by_file.items():
        spans = [(one, blocks[file][one.desired.line]) for one in changes if one.desired]
        blames = git.blame(files.checkout, file, [span for _, span in spans])
        yield from _latest(spans, blames, file, files.checkout)


def _latest(
    changes: Iterable[tuple[Change, Lines]], blames: Mapping[Lines, Blame], file: str, checkout: Checkout
) -> Iterator[tuple[Change, Blame]]:
    """A task whose lines are all older than its last apply has lost some: no line tells by which commit."""
    commits = cache(partial(git.commits_since, checkout, file))
    asked = 0
    for change, span in changes:
        blame = blames.get(span)
        since = change.record.commit if change.record and change.action in ("update", "rename") else None
        known = commits(since) if blame and blame.commit and since else None
        if blame and known is not None and blame.commit not in known:
            asked += 1
            wider = (span[0], span[1] + 1)  # what was taken out at the end stood before the next line
            later = git.latest(checkout, file, wider, since or "") if asked <= MOST_ASKED else None
            blame = later or (git.UNCOMMITTED if checkout.dirty and not known else blame)
        if blame:
            yield change, blame


def _blocks(wanted: Container[str], files: Files) -> Mapping[str, Mapping[int, Lines]]:
    """Of each wanted file the lines of its tasks, by the line on which a task starts.

    They go up to the next task, but for what is blank or a comment.
    """
    starts: dict[str, set[int]] = defaultdict(set)
    for one in files.declarations:
        if (file := files.recorded[one.file]) in wanted:
            starts[file].add(one.line)
    return {file: _blocks_of(files.texts[file], sorted(found)) for file, found in starts.items()}


def _blocks_of(text: str, starts: Sequence[int]) -> Mapping[int, Lines]:
    lines = text.split("\n")  # as git does, whatever else ends a line elsewhere
    ends = [*(start - 1 for start in starts[1:]), len(lines)]
    spans = zip(starts, (min(end, len(lines)) for end in ends), strict=True)
    return {start: (start, _trimmed(lines, start, end)) for start, end in spans}


def _trimmed(lines: Sequence[str], start: int, end: int) -> int:
    """The last line of a block; a task that shares its line with the next has at least that one."""
    end = max(start, end)
    while start < end <= len(lines) and lines[end - 1].strip()[:1] in ("", "#"):
        end -= 1
    return end


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
