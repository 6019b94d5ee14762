"""`reconcile.yaml`: what would otherwise stand on every command line, environments, and policies."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from reconciler.config.composer import compose
from reconciler.config.files import SETTINGS as FILE
from reconciler.config.files import found_text
from reconciler.config.lines import Lines
from reconciler.config.policies import NO_POLICIES, Policies, duration, policies, stated
from reconciler.config.positions import duplicate_keys, locate
from reconciler.config.settings_shape import faults
from reconciler.diagnostics import Diagnostic, by_place, diagnostic, did_you_mean
from reconciler.errors import UsageError
from reconciler.task import Reader

Setting = Literal["error", "warning", "off"]
"""How severe a code is set to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the file says; None where it says nothing."""

    database: str | None = None  # the environment variable that holds the URL; of an environment only
    paths: tuple[str, ...] = ()
    owner: str | None = None
    timezone: str | None = None  # the name of a zone that exists
    reader: Reader | None = None
    strict: bool | None = None
    max_delete: str | None = None  # as on the command line: "10", "30%"
    max_update: str | None = None
    notify: str | None = None  # as on the command line
    keep_history: timedelta | None = None  # how long plans of applies are kept
    refs: str | None = None  # the file of a snapshot
    rules: Mapping[str, Setting] = field(default_factory=dict)  # by code
    policies: Policies = NO_POLICIES
    env_prefix: str | None = None  # of the variables that `!env` may name; of the file as a whole
    environments: Mapping[str, "Settings"] = field(default_factory=dict)

    def of(self, environment: str | None) -> "Settings":
        """The settings that hold in an environment; without a name those that hold in none.

        Raises UsageError for one that the file does not list, unless it lists none at all.
        """
        if environment is None or not self.environments:
            return self
        chosen = self.environments.get(environment)
        if chosen is None:
            raise _no_environment(environment, self.environments)
        merged = {
            "rules": {**self.rules, **chosen.rules},
            "policies": self.policies.overlaid(chosen.policies),
        }
        return replace(self, **stated(chosen) | merged)


def read_settings(folder: Path, environment: str | None = None) -> Settings:
    """The settings of a folder; empty ones where there is no file. UsageError for a file that is wrong."""
    if not os.path.lexists(folder / FILE):
        return Settings()
    found: list[Diagnostic] = []
    text = found_text(str(folder / FILE), found)
    for one in found:
        raise UsageError(f"{FILE}: {one.message}", hint=one.hint)
    return parse_settings(text or "").of(environment)


def parse_settings(text: str) -> Settings:
    """The settings that a text holds. UsageError names the place of the first thing wrong with it."""
    composed = compose(text)
    lines = Lines(FILE, text)
    for fault in composed.faults:
        place = lines.place(fault.start, fault.end)
        _refuse(diagnostic(fault.code, fault.message, hint=fault.hint, place=place))
    found = duplicate_keys(lines) if composed.has_duplicates else []
    value = composed.values[0] if composed.values else None
    for one in by_place(locate([*found, *faults(value, len(composed.values))], {FILE: text})):
        _refuse(one)
    return _settings(value or {})


def _refuse(one: Diagnostic) -> None:
    place = one.place
    where = f"{FILE}:{place.line}:{place.column}" if place and place.line else FILE
    raise UsageError(f"{where}: {one.message}", hint=one.hint)


def _no_environment(name: str, known: Mapping[str, Settings]) -> UsageError:
    meant = did_you_mean(name, known)
    hint = f"did you mean {meant!r}?" if meant else f"it lists {', '.join(known)}"
    return UsageError(f"{FILE} has no environment {name!r}", hint=hint)


def _settings(value: Mapping[str, Any]) -> Settings:
    paths = value.get("paths", ())
    kept = value.get("keep_history")
    return Settings(
        database=value.get("database"),
        paths=(paths,) if isinstance(paths, str) else tuple(paths),
        owner=value.get("owner"),
        timezone=value.get("timezone"),
        reader=value.get("reader"),
        strict=value.get("strict"),
        max_delete=_text(value.get("max_delete")),
        max_update=_text(value.get("max_update")),
        notify=value.get("notify"),
        keep_history=duration(kept) if kept else None,
        refs=value.get("refs"),
        rules=value.get("rules", {}),
        policies=policies(value.get("policies", {})),
        environments={name: _settings(one) for name, one in value.get("environments", {}).items()},
        env_prefix=value.get("env_prefix"),
    )


def _text(limit: int | str | None) -> str | None:
    return None if limit is None else str(limit)
