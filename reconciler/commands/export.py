"""`reconcile export`."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from reconciler import canonical, exporting, git
from reconciler.checks.context import Context
from reconciler.commands.files import write_anew
from reconciler.config import defaults_above
from reconciler.config.files import DEFAULTS, ENVIRONMENTS, SUFFIXES
from reconciler.database.catalogue import read_catalogue
from reconciler.database.rows import read_existing
from reconciler.database.target import connect
from reconciler.database.urls import TargetUrl
from reconciler.diagnostics import some_of
from reconciler.errors import UsageError
from reconciler.planning.holds import without_holds
from reconciler.report.export import ExportedFile, ExportedRow, ExportReport, Selection
from reconciler.report.plan import target_of

NO_TASKS = frozenset({"..", ENVIRONMENTS, DEFAULTS})
"""Parts of a path at which no tasks are read."""

MOST_NAMED = 3
LONGEST = 100
"""Characters of a file's name that come from an entity's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A folder for the files; `overwrites`: those that are there may go."""

    folder: str
    overwrites: bool


def export(
    url: TargetUrl,
    owner: str,
    selection: Selection,
    now: datetime,
    zone: ZoneInfo,
    destination: Destination | None = None,
    *,
    is_strict: bool = False,
) -> ExportReport:
    """The rows as canonical YAML: for stdout, or written below a folder.

    Raises UsageError for files in the way.
    """
    with connect(url, read_only=True) as target:
        context = Context(
            now=now,
            timezone=zone,
            catalogue=read_catalogue(target),
            attributes_limit=target.attributes_limit,
            kind=target.kind,
        )
        table, _ = without_holds(read_existing(target), now)
        rows, of_others = exporting.export(table, context, owner, selection)
    files = [ExportedFile(path=None, rows=tuple(rows))]
    if destination is not None:
        files = _files(rows, Path(destination.folder))
        _write(files, destination)
    return ExportReport(
        target=target_of(url),
        owner=owner,
        selection=selection,
        files=tuple(files),
        of_others=of_others,
        is_strict=is_strict,
    )


def _files(rows: Iterable[ExportedRow], folder: Path) -> list[ExportedFile]:
    """The recorded file where it lies in the folder, else one for each entity."""
    checkout = git.checkout(Path.cwd())
    base = checkout.recorded(str(folder), Path.cwd())
    grouped: dict[str, list[ExportedRow]] = {}
    for one in rows:
        grouped.setdefault(_below(one, base), []).append(one)
    _refuse_defaults([str(folder / path) for path in grouped], checkout.root or Path.cwd())
    return [
        ExportedFile(path=str(folder / path), rows=tuple(grouped[path]))
        for path in sorted(grouped, key=os.fsencode)
    ]


def _refuse_defaults(paths: list[str], base: Path) -> None:
    if file := defaults_above(paths, base):
        raise UsageError(
            f"{file} would speak for what is exported, and no task can take a default away",
            hint="export into a folder that has no defaults: -o DIR",
        )


def _below(one: ExportedRow, base: str) -> str:
    recorded = PurePosixPath(one.file or "-")
    if recorded.suffix in SUFFIXES and recorded.is_relative_to(base) and NO_TASKS.isdisjoint(recorded.parts):
        return str(recorded.relative_to(base))
    return _named_after(one.row.entity_name)


def _named_after(entity: str) -> str:
    """A file name of harmless characters, that neither Daptin nor we take for something else."""
    name = re.sub(r"[^A-Za-z0-9_.-]", "_", entity)[:LONGEST].lstrip(".-_") or "tasks"
    is_taken = name.startswith("schema_") or name == "reconcile"
    return f"{'tasks_' if is_taken else ''}{name}.yaml"


def _write(files: Iterable[ExportedFile], destination: Destination) -> None:
    paths = [Path(file.path) for file in files if file.path is not None]
    there = [str(path) for path in paths if os.path.lexists(path)]
    if there and not destination.overwrites:
        raise UsageError(
            f"{some_of(there, MOST_NAMED)}: there already",
            hint="--overwrite to replace, or another folder: -o DIR",
        )
    for file, path in zip(files, paths, strict=True):
        write_anew(path, canonical.file_text((one.keys, one.reasons) for one in file.rows))
