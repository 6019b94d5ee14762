"""The command line, the environment and reconcile.yaml, decided into one Request."""

import getpass
import re
import socket
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from zoneinfo import ZoneInfo

from reconciler.catalogue import Snapshot
from reconciler.config import Allowed, Settings, read_settings
from reconciler.config.policies import Freeze as AgreedFreeze
from reconciler.config.variables import PREFIX
from reconciler.database.urls import TargetUrl, target_url
from reconciler.diagnostics import did_you_mean
from reconciler.errors import UsageError
from reconciler.planning.freezes import Freeze, Frozen, frozen_at
from reconciler.planning.guards import Guards, parse_limit
from reconciler.planning.selection import Selection
from reconciler.request import Author, Request, Watch
from reconciler.schedule import parse
from reconciler.uuid7 import uuid7s

if TYPE_CHECKING:
    from reconciler.actions.discover import Found

DEFAULT_OWNER = "default"
DEFAULT_PATHS = ("tasks", "tasks.yaml")
KEEP_HISTORY = timedelta(days=365)

Clock = Callable[[], datetime]
"""The present moment, aware."""

_OURS = ("RECONCILE_DATABASE_", "RECONCILE_DAPTIN_", "DAPTIN_DB_")
"""How variables begin that open a database or sign a token."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "": 1.0}


def resolve(
    given: Mapping[str, Any],
    *,
    directory: Path,
    stdin: BinaryIO | None,
    environ: Mapping[str, str],
    clock: Clock,
    watch: Watch = lambda stage: None,
    is_dry: bool = False,
) -> Request:
    """What is asked for: an option where it is given, else reconcile.yaml, else the default.

    `given` holds options by name; one that a command does not have counts as not given. What is not dry is
    judged by the clock where freezes are concerned, whatever --now says. Raises UsageError.
    """
    settings = read_settings(directory, given.get("env"))
    now, zone = resolve_clock(given, settings, clock)
    installed = _installed(given)
    return Request(
        paths=_given_paths(given, settings, directory),
        directory=directory,
        stdin=stdin,
        owner=resolve_owner(given, settings),
        env=given.get("env"),
        listed_envs=tuple(settings.environments),
        variables=_variables(environ, settings),
        now=now,
        timezone=zone,
        prune=given.get("prune", "paths"),
        guards=_guards(given, settings),
        selection=Selection(only=tuple(given.get("only", ())), exclude=tuple(given.get("exclude", ()))),
        reader=given.get("reader") or settings.reader or "scheduler",
        executors=None if installed is None else frozenset(installed.functions),
        notes=() if installed is None else installed.problems,
        is_strict=bool(given.get("strict") or settings.strict),
        rules=settings.rules,
        policies=settings.policies,
        snapshot=_snapshot(given, settings, directory),
        frozen=_frozen(settings, now if is_dry else clock(), zone),
        during_freeze=given.get("during_freeze"),
        lock_timeout=parse_duration(given.get("lock_timeout", "30s")),
        keep_history=settings.keep_history or KEEP_HISTORY,
        watch=watch,
        author=Author(who=_who(), host=socket.gethostname(), clock=clock, new_ids=uuid7s),
    )


def resolve_target(given: Mapping[str, Any], environ: Mapping[str, str], directory: Path) -> TargetUrl:
    """The database that is meant, with what reconcile.yaml says of an environment. Raises UsageError."""
    environment = given.get("env")
    variable = read_settings(directory, environment).database if environment else None
    return target_url(given["database_url"], environ, variable=variable)


def resolve_clock(given: Mapping[str, Any], settings: Settings, clock: Clock) -> tuple[datetime, ZoneInfo]:
    """The moment from which schedules are judged, and the zone of who reads the table. Raises UsageError."""
    zone = find_zone(given.get("timezone") or settings.timezone or "UTC")
    return (parse_moment(given["now"], zone) if given.get("now") else clock()), zone


def find_zone(name: str) -> ZoneInfo:
    """The time zone of a name. Raises UsageError with the nearest name."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError; a folder is an OSError
        from zoneinfo import available_timezones

        nearest = did_you_mean(name, sorted(available_timezones()))
        hint = f"did you mean {nearest}?" if nearest else "a name such as Europe/Paris or UTC"
        raise UsageError(f"there is no time zone {name!r}", hint=hint) from None


def parse_moment(text: str, zone: ZoneInfo) -> datetime:
    """`2026-12-01T06:00`, in `zone` where it names no offset. Raises UsageError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is no moment", hint="write it like 2026-12-01T06:00 or 2026-12-01T06:00Z"
        ) from None
    if not 1970 <= moment.year <= 9000:
        raise UsageError(f"{text!r} is no moment to judge schedules from", hint="a year from 1970 to 9000")
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def resolve_owner(given: Mapping[str, Any], settings: Settings) -> str:
    """The configuration that rows belong to. Raises UsageError."""
    name: str = given.get("owner") or settings.owner or DEFAULT_OWNER
    if not (0 < len(name) <= 255 and name.isprintable() and name == name.strip()):
        raise UsageError(f"{name!r} is no owner", hint="1 to 255 visible characters, no space at either end")
    return name


def parse_duration(text: str) -> float:
    """Seconds of `30s`, `5m`, `1.5h`, `3d` or a bare number. Raises UsageError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|)", text.strip())
    if match is None:
        raise UsageError(f"{text!r} is no duration", hint="write it like 30s, 5m or 1h")
    return float(match[1]) * _UNITS[match[2]]


def has_paths(given: Mapping[str, Any], directory: Path) -> bool:
    """Whether there is something to read. Raises UsageError."""
    return bool(_found_paths(given["paths"], read_settings(directory, given.get("env")), directory))


def _given_paths(given: Mapping[str, Any], settings: Settings, directory: Path) -> tuple[str, ...]:
    """Nothing for a command that takes none; those of `declared_in` may be missing."""
    if "paths" in given:
        return _paths(given["paths"], settings, directory)
    return _found_paths(given["declared_in"], settings, directory) if "declared_in" in given else ()


def _found_paths(given: tuple[str, ...], settings: Settings, directory: Path) -> tuple[str, ...]:
    if paths := tuple(given) or settings.paths:
        return paths
    return tuple(path for path in DEFAULT_PATHS if (directory / path).exists())[:1]


def _paths(given: tuple[str, ...], settings: Settings, directory: Path) -> tuple[str, ...]:
    if paths := _found_paths(given, settings, directory):
        return paths
    raise UsageError(
        "nothing to read: no PATH was given, reconcile.yaml names no `paths`, and there is neither tasks/ "
        "nor tasks.yaml here",
        hint="name a file or a directory: `reconcile --dry-run path/to/tasks`; `reconcile export -o tasks` "
        "writes what the table has",
    )


def _variables(environ: Mapping[str, str], settings: Settings) -> Allowed:
    """What a file may name of the environment: what is meant for it, and never what opens a database."""
    prefix = settings.env_prefix or PREFIX
    databases = {one.database for one in settings.environments.values()}
    values = {
        name: value
        for name, value in environ.items()
        if name.startswith(prefix) and name not in databases and not name.startswith(_OURS)
    }
    return Allowed(prefix=prefix, values=values)


def _installed(given: Mapping[str, Any]) -> "Found | None":
    """The actions that are installed, where it is asked for them. Raises UsageError."""
    modules = given.get("actions", ())
    if not (given.get("executors") or modules):
        return None
    from reconciler.actions.discover import find  # imports every package of actions

    return find(modules)


def _guards(given: Mapping[str, Any], settings: Settings) -> Guards:
    max_delete = given.get("max_delete") or settings.max_delete
    max_update = given.get("max_update") or settings.max_update
    return Guards(
        max_delete=parse_limit(max_delete) if max_delete else None,
        max_update=parse_limit(max_update) if max_update else None,
        allow_empty=bool(given.get("allow_empty")),
        allow_protected=frozenset(given.get("allow_protected", ())),
        take_over=bool(given.get("take_over")),
    )


def _snapshot(given: Mapping[str, Any], settings: Settings, directory: Path) -> Snapshot | None:
    """The snapshot that a command without a database checks against."""
    if "refs" not in given:
        return None
    file = given["refs"] or settings.refs
    if not file:
        return None
    from reconciler.commands.refs import read_refs  # of which only --refs has need

    return read_refs(directory / file, file)


def _frozen(settings: Settings, moment: datetime, zone: ZoneInfo) -> Frozen | None:
    return frozen_at((_freeze(one, zone) for one in settings.policies.freezes), moment)


def _freeze(agreed: AgreedFreeze, zone: ZoneInfo) -> Freeze:
    return Freeze(
        schedule=parse(agreed.schedule),
        duration=agreed.duration,
        zone=find_zone(agreed.timezone) if agreed.timezone else zone,
        reason=agreed.reason,
    )


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no name for this user id, as in a container
        return "unknown"
