"""What the team has agreed on for files: names (P001), users (P003), job types (P004)."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import cache

from reconciler.checks.context import Context
from reconciler.checks.globs import agreed_on, relative
from reconciler.checks.names import is_name
from reconciler.checks.quoting import listed, quoted
from reconciler.config.declarations import Declaration
from reconciler.config.policies import Allowed
from reconciler.diagnostics import Diagnostic, diagnostic

_MOST_LISTED = 6


def check(declarations: Sequence[Declaration], context: Context) -> list[Diagnostic]:
    """P001, P003 and P004: each glob that matches a file has to allow what its tasks say."""
    policies = context.policies
    return [
        *(_names(declarations, context) if policies.names else ()),
        *(_users(declarations, context) if policies.users else ()),
        *(_job_types(declarations, context) if policies.job_types else ()),
    ]


def _names(declarations: Sequence[Declaration], context: Context) -> list[Diagnostic]:
    policy = {glob: re.compile(pattern) for glob, pattern in context.policies.names.items()}
    asked = agreed_on(policy, context)
    return [
        diagnostic(
            "P001",
            f"the name {quoted(name)} does not match what was agreed on: {listed(unmet)}",
            hint="the whole name must match; a task that gets another name is a new one",
            pointer=one.at("Name"),
        )
        for one in declarations
        if is_name(name := one.task.name)
        and (unmet := [pattern.pattern for pattern in asked(one.file) if not pattern.fullmatch(name)])
    ]


def _users(declarations: Sequence[Declaration], context: Context) -> list[Diagnostic]:
    asked = agreed_on(context.policies.users, context)
    return [
        diagnostic(
            "P003",
            f"tasks of {relative(one.file, context)} may not run as {quoted(email)}",
            hint=_agreed(refusing),
            pointer=one.at("AsUserEmail"),
        )
        for one in declarations
        if (email := one.task.as_user_email).strip() and (refusing := _refusing(asked(one.file), email))
    ]


def _job_types(declarations: Sequence[Declaration], context: Context) -> list[Diagnostic]:
    asked = agreed_on(context.policies.job_types, context)
    return [
        diagnostic(
            "P004",
            f"{relative(one.file, context)} may not have {_told(job_type)}",
            hint=_agreed(refusing),
            pointer=one.at("JobType") if job_type else one.at(),
        )
        for one in declarations
        if "JobType" not in one.unusable
        and (refusing := _refusing(asked(one.file), job_type := one.task.job_type))
    ]


def _told(job_type: str) -> str:
    return f"the JobType {quoted(job_type)}" if job_type else "a task without JobType"


def _refusing(asked: Sequence[Allowed], text: str) -> list[Allowed]:
    return [allowed for allowed in asked if not _matches(text, allowed)]


@cache
def _matches(text: str, globs: Allowed) -> bool:
    return any(fnmatchcase(text, glob) for glob in globs)


def _agreed(refusing: Sequence[Allowed]) -> str:
    return f"agreed on is {'; and '.join(map(_listed, refusing))}"


def _listed(globs: Allowed) -> str:
    more = f" and {len(globs) - _MOST_LISTED} more" if len(globs) > _MOST_LISTED else ""
    return listed(list(globs[:_MOST_LISTED]), "or") + more
