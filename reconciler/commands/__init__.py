"""One file = one subcommand = one function of that name, which returns a value that a renderer can show.

Here is only what several need: each command is imported when it runs.
"""

from reconciler.commands.request import (
    find_zone,
    has_paths,
    parse_duration,
    parse_moment,
    resolve,
    resolve_clock,
    resolve_owner,
    resolve_target,
)
from reconciler.config import read_settings
from reconciler.database.urls import TargetUrl, target_url
from reconciler.report.plan import Confirm

__all__ = [
    "Confirm",
    "TargetUrl",
    "find_zone",
    "has_paths",
    "parse_duration",
    "parse_moment",
    "read_settings",
    "resolve",
    "resolve_clock",
    "resolve_owner",
    "resolve_target",
    "target_url",
]
