"""One file = one subcommand = one function of that name, which returns a value that a renderer can show."""

from reconciler.commands.actions import actions_add, actions_list
from reconciler.commands.apply import Confirm, apply
from reconciler.commands.init import init
from reconciler.commands.plan import plan
from reconciler.commands.request import resolve
from reconciler.commands.rules import rules
from reconciler.commands.schema import schema
from reconciler.commands.users import users_add, users_list
from reconciler.commands.validate import validate
from reconciler.database import TargetUrl, target_url

__all__ = [
    "Confirm",
    "TargetUrl",
    "actions_add",
    "actions_list",
    "apply",
    "init",
    "plan",
    "resolve",
    "rules",
    "schema",
    "target_url",
    "users_add",
    "users_list",
    "validate",
]
