"""One file = one subcommand = one function of that name, which returns a value that a renderer can show."""

from reconciler.commands.apply import Confirm, apply
from reconciler.commands.plan import plan
from reconciler.commands.request import resolve
from reconciler.commands.rules import rules
from reconciler.commands.schema import schema
from reconciler.commands.validate import validate

__all__ = ["Confirm", "apply", "plan", "resolve", "rules", "schema", "validate"]
