"""Policies: what a team has agreed on, beyond what the engine asks for. Values, from `reconcile.yaml`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Allowed = tuple[str, ...]
"""Globs of texts: one of them must match."""

ByFile = Mapping[str, Allowed]
"""By a glob of files, what is allowed in them. Each glob that matches must allow it."""

NOTHING: ByFile = {}
ANY_FILE = "**"


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """From each fire of a schedule on, and for so long, nothing is applied."""

    schedule: str  # of five fields, without a fault
    duration: timedelta
    timezone: str | None = None  # of the schedule; None: the scheduler's
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """None and empty where nothing was agreed on."""

    names: Mapping[str, str] = field(default_factory=dict)  # by a glob of files, what a whole name matches
    shortest_interval: timedelta | None = None
    users: ByFile = field(default_factory=dict)  # globs of e-mail addresses
    job_types: ByFile = field(default_factory=dict)
    most_in_a_minute: int | None = None
    refs_max_age: timedelta | None = None  # of the snapshot that is checked against
    freezes: tuple[Freeze, ...] = ()

    def overlaid(self, other: "Policies") -> "Policies":
        """These, with whatever the other says in their place."""
        return replace(self, **stated(other))


NO_POLICIES = Policies()


def stated(one: "DataclassInstance") -> dict[str, Any]:
    """The fields that say something: those that are neither None nor empty."""
    values = {field.name: getattr(one, field.name) for field in fields(one)}
    return {name: value for name, value in values.items() if value not in (None, (), {})}


def policies(value: Mapping[str, Any]) -> Policies:
    """The policies of a mapping that has the right shape."""
    names = value.get("names", {})
    interval, age = value.get("shortest_interval"), value.get("refs_max_age")
    return Policies(
        names={ANY_FILE: names} if isinstance(names, str) else dict(names),
        shortest_interval=duration(interval) if interval else None,
        users=_by_file(value.get("users", NOTHING)),
        job_types=_by_file(value.get("job_types", NOTHING)),
        most_in_a_minute=value.get("most_in_a_minute"),
        refs_max_age=duration(age) if age else None,
        freezes=tuple(_freeze(one) for one in value.get("freezes", ())),
    )


def duration(text: str) -> timedelta:
    """The duration that a text of the right shape means: `1h30m`, `14d`."""
    units = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
    return timedelta(**{units[unit]: int(number) for number, unit in re.findall(r"([0-9]+)([dhms])", text)})


def _by_file(value: Mapping[str, Any]) -> ByFile:
    return {glob: tuple(allowed) for glob, allowed in value.items()}


def _freeze(value: Mapping[str, Any]) -> Freeze:
    return Freeze(
        schedule=value["schedule"],
        duration=duration(value["duration"]),
        timezone=value.get("timezone"),
        reason=value.get("reason"),
    )
