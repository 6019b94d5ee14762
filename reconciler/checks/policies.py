"""What the team has agreed on: names (P001), how often (P002), as whom (P003), which JobType (P004)."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import cache

from reconciler.checks.context import Context
from reconciler.checks.names import is_name
from reconciler.checks.quoting import listed, quoted
from reconciler.config.declarations import Declaration
from reconciler.config.policies import ByFile, Policies
from reconciler.diagnostics import Diagnostic, diagnostic
from reconciler.schedule import ScheduleError, closest, parse

_MOST_LISTED = 6


def check(declarations: Sequence[Declaration], context: Context) -> list[Diagnostic]:
    policies = context.policies
    path_of = cache(lambda file: relative(file, context))
    return [
        *(_names(declarations, policies.names, path_of) if policies.names else ()),
        *(_intervals(declarations, policies) if policies.shortest_interval else ()),
        *(_users(declarations, policies.users, path_of) if policies.users else ()),
        *(_job_types(declarations, policies.job_types, path_of) if policies.job_types else ()),
    ]


def relative(file: str, context: Context) -> str:
    """A file as the globs of policies see it, however it was named on the command line."""
    if file == "-":
        return file
    return os.path.relpath(os.path.join(context.directory, file), context.directory).replace(os.sep, "/")


@cache
def file_glob(glob: str) -> re.Pattern[str]:
    """`*` and `?` stay within a folder, `**` does not; what ends in / is everything below."""
    whole = f"{glob}**" if glob.endswith("/") else glob
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", whole.removeprefix("./"))
    spelt = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(spelt.get(part) or re.escape(part) for part in parts), re.DOTALL)


def _names(
    declarations: Sequence[Declaration], names: Mapping[str, str], path_of: Callable[[str], str]
) -> Iterator[Diagnostic]:
    patterns = {glob: re.compile(pattern) for glob, pattern in names.items()}

    @cache
    def asked(file: str) -> list[re.Pattern[str]]:
        return [pattern for glob, pattern in patterns.items() if file_glob(glob).fullmatch(path_of(file))]

    for declaration in declarations:
        name = declaration.task.name
        unmet = [one.pattern for one in asked(declaration.file) if not one.fullmatch(name)]
        if unmet and is_name(name) and "Name" not in declaration.unusable:
            message = f"the name {quoted(name)} does not match what was agreed on: {listed(unmet)}"
            hint = "the whole name must match; a task that gets another name is a new one"
            yield diagnostic("P001", message, hint=hint, pointer=declaration.at("Name"))


def _intervals(declarations: Sequence[Declaration], policies: Policies) -> Iterator[Diagnostic]:
    shortest = policies.shortest_interval
    assert shortest is not None
    intervals: dict[str, timedelta | None] = {}
    for declaration in declarations:
        text = declaration.task.schedule
        if text not in intervals:
            intervals[text] = _closest(text, shortest)
        interval = intervals[text]
        if interval is not None:
            message = (
                f"{quoted(text)} fires again after {spelt(interval)}; agreed on is {spelt(shortest)} or more"
            )
            hint = "let it fire less often, or do more in each run"
            yield diagnostic("P002", message, hint=hint, pointer=declaration.at("Schedule"))


def _closest(text: str, shortest: timedelta) -> timedelta | None:
    try:
        return closest(parse(text), shortest)
    except ScheduleError:  # S001 tells it
        return None


def _users(
    declarations: Sequence[Declaration], users: ByFile, path_of: Callable[[str], str]
) -> Iterator[Diagnostic]:
    allowed = _by_file(users, path_of)
    for declaration in declarations:
        email = declaration.task.as_user_email
        refusing = [globs for globs in allowed(declaration.file) if not _matches(email, globs)]
        if refusing and email.strip() and "AsUserEmail" not in declaration.unusable:
            message = f"tasks of {path_of(declaration.file)} may not run as {quoted(email)}"
            hint = f"agreed on is {'; and '.join(_told(globs) for globs in refusing)}"
            yield diagnostic("P003", message, hint=hint, pointer=declaration.at("AsUserEmail"))


def _job_types(
    declarations: Sequence[Declaration], job_types: ByFile, path_of: Callable[[str], str]
) -> Iterator[Diagnostic]:
    allowed = _by_file(job_types, path_of)
    for declaration in declarations:
        job_type = declaration.task.job_type
        refusing = [globs for globs in allowed(declaration.file) if not _matches(job_type, globs)]
        if refusing and "JobType" not in declaration.unusable:
            what = f"the JobType {quoted(job_type)}" if job_type else "a task without JobType"
            message = f"{path_of(declaration.file)} may not have {what}"
            hint = f"agreed on is {'; and '.join(_told(globs) for globs in refusing)}"
            pointer = declaration.at("JobType") if job_type else declaration.at()
            yield diagnostic("P004", message, hint=hint, pointer=pointer)


def _by_file(policy: ByFile, path_of: Callable[[str], str]) -> Callable[[str], list[tuple[str, ...]]]:
    """What each glob that a file matches allows in it."""

    @cache
    def allowed(file: str) -> list[tuple[str, ...]]:
        return [globs for glob, globs in policy.items() if file_glob(glob).fullmatch(path_of(file))]

    return allowed


@cache
def _matches(text: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(text, glob) for glob in globs)


def _told(globs: tuple[str, ...]) -> str:
    more = f" and {len(globs) - _MOST_LISTED} more" if len(globs) > _MOST_LISTED else ""
    return listed(list(globs[:_MOST_LISTED]), "or") + more


def spelt(duration: timedelta) -> str:
    """`1h30m`, as it is written in a schedule."""
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    days, minutes = divmod(minutes, 24 * 60)
    parts = ((days, "d"), (minutes // 60, "h"), (minutes % 60, "m"), (seconds, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"
