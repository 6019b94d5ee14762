"""How severe a team has set a code to be: `rules:` of reconcile.yaml."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconciler.config.settings import Setting
from reconciler.diagnostics import Diagnostic, Severity


def settled(
    diagnostics: Iterable[Diagnostic], rules: Mapping[str, Setting], *to: Setting
) -> list[Diagnostic]:
    """The same, each with the severity that its code is set to, where that is one of `to`.

    What is turned off is left out.
    """
    every = list(diagnostics)
    if not rules:
        return every
    asked = ((one, setting if (setting := rules.get(one.code)) in to else None) for one in every)
    return [_as(one, setting) for one, setting in asked if setting != "off"]


def codes_set(rules: Mapping[str, Setting], to: Setting) -> frozenset[str]:
    """The codes that are set to one severity."""
    return frozenset(code for code, setting in rules.items() if setting == to)


def _as(one: Diagnostic, setting: Setting | None) -> Diagnostic:
    return one if setting is None else replace(one, severity=Severity(setting))
