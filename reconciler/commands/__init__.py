"""One file = one subcommand = one function of that name, which returns a value that a renderer can show."""

from reconciler.applying import Confirm
from reconciler.commands.actions import actions_add, actions_list
from reconciler.commands.apply import apply
from reconciler.commands.apply_saved import apply_saved
from reconciler.commands.drift import drift, drift_fix
from reconciler.commands.export import Destination, export
from reconciler.commands.fmt import fmt
from reconciler.commands.history import history, history_of
from reconciler.commands.init import init
from reconciler.commands.notifying import notify, recipient
from reconciler.commands.ownership import adopt, plan_adopt, plan_release, release
from reconciler.commands.plan import plan
from reconciler.commands.preview import preview
from reconciler.commands.refs import refs_export, refs_import, refs_text
from reconciler.commands.render import render
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
from reconciler.commands.rules import rules
from reconciler.commands.schema import schema
from reconciler.commands.undo import plan_undo, undo
from reconciler.commands.users import users_add, users_list
from reconciler.commands.validate import validate
from reconciler.config import read_settings
from reconciler.database import TargetUrl, target_url

__all__ = [
    "Confirm",
    "Destination",
    "TargetUrl",
    "actions_add",
    "actions_list",
    "adopt",
    "apply",
    "apply_saved",
    "drift",
    "drift_fix",
    "export",
    "find_zone",
    "fmt",
    "has_paths",
    "history",
    "history_of",
    "init",
    "notify",
    "parse_duration",
    "parse_moment",
    "plan",
    "plan_adopt",
    "plan_release",
    "plan_undo",
    "preview",
    "read_settings",
    "recipient",
    "refs_export",
    "refs_import",
    "refs_text",
    "release",
    "render",
    "resolve",
    "resolve_clock",
    "resolve_owner",
    "resolve_target",
    "rules",
    "schema",
    "target_url",
    "undo",
    "users_add",
    "users_list",
    "validate",
]
